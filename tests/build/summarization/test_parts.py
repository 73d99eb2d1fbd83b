"""Configuration, metrics, baselines and guard of the summarizers."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.build
pytest.importorskip("torch", exc_type=ImportError)
pytest.importorskip("sumy", exc_type=ImportError)


from build.errors import ConfigError  # noqa: E402
from build.summarization import config, rouge  # noqa: E402
from build.summarization.evaluation import guard  # noqa: E402
from build.summarization.evaluation.baselines import BASELINES  # noqa: E402
from build.summarization.network import vocabulary  # noqa: E402

SHIPPED = Path(config.__file__).with_name("summarization.toml")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = SHIPPED.read_text()
    assert old in text
    path = tmp_path / "run.toml"
    path.write_text(text.replace(old, new))
    return path


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("epochs = 12", "epochs = 0", "epochs"),
        ("passages", "pasages", "pasages"),
        ("encoder_lr = 1e-4", 'encoder_lr = "fast"', "encoder_lr"),
        ('name = "summarization"', 'name = "../elsewhere"', "name"),
        ("seed = 11", "", "seed"),
    ],
)
def test_invalid_setting_is_reported(tmp_path: Path, old: str, new: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        config.load(changed(tmp_path, old, new))


def test_default_variant_is_trained_on_permissive_data_only() -> None:
    assert set(config.load(SHIPPED).variants["samo-small"].datasets) == {"hippocorpus"}


def test_rouge_is_as_expected() -> None:
    (row,) = rouge.score(["the cats sat down"], ["the cat sat"])
    assert row.tolist() == pytest.approx([600 / 7, 80.0, 600 / 7])


@pytest.mark.parametrize("name", BASELINES)
def test_every_baseline_summarizes_any_text(name: str) -> None:
    sentences = ["The lake was cold.", "We swam in the lake.", "It rained.", "We went home from the lake."]
    assert len(BASELINES[name](sentences)) < len(" ".join(sentences))
    assert BASELINES[name](["😂"]) == "😂"
    assert BASELINES[name]([]) == ""


def test_guard_detects_most_injected_errors() -> None:
    source = "My sister and I drove to Oslo with Tom. We had two dogs. I was tired and I did not sleep."
    pairs = [(source, source)] * 20
    result = guard.evaluate_guard(pairs, pairs, frozenset({"oslo", "tom"}), seed=1)
    assert {error.kind for error in result.injected} == set(guard.INJECTORS)
    assert all(error.count == 20 and error.detected.value > 0.5 for error in result.injected)
    assert result.rejected.value == 0.0


def test_length_bounds_are_sorted() -> None:
    assert list(vocabulary.LENGTH_BOUNDS) == sorted(vocabulary.LENGTH_BOUNDS)
