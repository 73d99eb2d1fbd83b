"""Configurations are validated, and errors name the setting."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.build
pytest.importorskip("sklearn", exc_type=ImportError)

from build.emotion import config  # noqa: E402
from build.errors import ConfigError  # noqa: E402

SHIPPED = Path(config.__file__).with_name("emotion.toml")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = SHIPPED.read_text()
    assert old in text
    path = tmp_path / "run.toml"
    path.write_text(text.replace(old, new))
    return path


def test_shipped_configuration_trains_teachers_and_all_heads() -> None:
    settings = config.load(SHIPPED)
    assert settings.teacher is not None
    assert settings.teacher.folds >= 2
    assert min(settings.heads.feelings, settings.heads.topics, settings.heads.embedding_distillation) > 0
    assert settings.artifact.max_length == 128
    assert settings.share == 1.0


def test_dev_mode_uses_a_twentieth_of_the_data() -> None:
    full = config.load(SHIPPED)
    dev = config.dev_mode(full)
    assert dev.name == f"{full.name}-dev"
    assert (dev.share, dev.training.batch_size, dev.training.epochs) == (0.05, 128, 1)
    assert dev.teacher is not None
    assert dev.teacher.training.epochs == 1
    assert dev.artifact == full.artifact
    assert dev.heads.topics == full.heads.topics


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("batch_size = 64", "batch_size = 0", "batch_size"),
        ("batch_size = 64", "batch = 64", "batch"),
        ("learning_rate = 1.4e-4", 'learning_rate = "fast"', "learning_rate"),
        ("head_lr_multiplier = 10.0", "warmup = 6", "warmup"),
        ("folds = 5", "folds = 1", "folds"),
        ('kind = "asymmetric"', 'kind = "hinge"', "losses"),
        ('name = "emotion"', 'name = "../elsewhere"', "name"),
        ("seed = 17", "seed 17", "run.toml"),
        ("seed = 17", "", "seed"),
    ],
)
def test_invalid_setting_is_reported(tmp_path: Path, old: str, new: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        config.load(changed(tmp_path, old, new))


def test_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml"):
        config.load(tmp_path / "absent.toml")
