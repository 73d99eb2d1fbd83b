"""A configuration is read whole, and whatever it gets wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from build.emotion import config
from build.errors import ConfigError

SHIPPED = Path(config.__file__).with_name("goemotions.toml")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = SHIPPED.read_text()
    assert old in text
    path = tmp_path / "run.toml"
    path.write_text(text.replace(old, new))
    return path


def test_the_shipped_configuration_is_the_measured_recipe() -> None:
    settings = config.load(SHIPPED)
    training = settings.training
    assert (training.epochs, training.batch_size, training.learning_rate) == (3, 32, 1e-4)
    assert (training.weight_decay, training.warmup, training.max_tokens) == (0.01, 0.06, 64)
    assert settings.artifact.max_length == 128


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("epochs = 3", "epochs = 0", "epochs"),
        ("epochs = 3", "epoch = 3", "epoch"),
        ("learning_rate = 1e-4", 'learning_rate = "fast"', "learning_rate"),
        ("warmup = 0.06", "warmup = 6", "warmup"),
        ("folds = 5", "folds = 1", "folds"),
        ('name = "goemotions"', 'name = "../elsewhere"', "name"),
        ("seed = 17", "seed 17", "run.toml"),
        ("seed = 17", "", "seed"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        config.load(changed(tmp_path, old, new))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml"):
        config.load(tmp_path / "absent.toml")
