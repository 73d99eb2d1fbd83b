"""The journal reader's pipeline on a tiny network: training, export, decisions, and what it serves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="NOT RUN: torch (make .venv/build)")

import torch
from msgspec.structs import replace

from build.base_model import BaseModel
from build.data.journal.entries import Entry
from build.data.journal.labels import EMOTIONS, Labels
from build.errors import ArtifactError, CheckpointError
from build.insight import config, decisions, evaluate, examples, export, network, pipeline, scores
from build.insight.config import Base, Config, LossWeights, Round, Training
from build.insight.release import report
from build.insight.run_dir import RunDir
from build.insight.scores import Reading
from build.insight.trainer import parameter_groups
from build.insight.workspace import Workspace
from build.training.optim import WarmRestarts
from functions.emotion.reader import JournalReader
from functions.emotion.reader_config import ReaderConfig
from functions.shared.runtime import artifacts
from functions.shared.runtime.onnx import GRAPH, read_config
from tests.build.emotion import tiny_run

SETTINGS = Training(
    rounds=(Round(epochs=8), Round(epochs=4)),
    batch_tokens=200,
    learning_rate=0.01,
    head_learning_rate=0.02,
    layer_decay=0.5,
    dropout=0.0,
    bf16=False,
)
CONFIG = Config(
    name="tiny", version="1.0.0", seed=2, threads=1, base=Base.MINILM, max_tokens=32, training=SETTINGS
)
FEELING = {"joy": "happy", "sadness": "sad"}


def entry(number: int) -> Entry:
    """An entry of three sentences whose middle one says what it is about."""
    emotion = ("joy", "sadness")[number % 2]
    word = tiny_run.WORDS[emotion][number // 2 % 2]
    labels = Labels(
        primary=emotion,
        also=(),
        valence=2 if emotion == "joy" else -2,
        feelings=(FEELING[emotion],),
        topics=(),
        core=(1,),
        avoid=(0,),
        title="A day",
        summary="A day.",
        concern=emotion == "sadness",
        emotions=(("neutral",), (emotion,), ("neutral",)),
    )
    sentences = ("the table the table", f"{word} {word} {word}", "we sat and sat")
    return Entry(f"{'am'[number % 3 == 0]}{number}", "written", sentences, labels)


ENTRIES = [entry(number) for number in range(48)]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> BaseModel:
    return tiny_run.write_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, base: BaseModel, shipped: Path) -> Workspace:
    """A workspace whose entries are `ENTRIES`, in both splits."""

    class Tiny(Workspace):
        def entries(self, split: object) -> list[Entry]:
            return ENTRIES

    folder = tmp_path_factory.mktemp("runs")
    return Tiny(CONFIG, RunDir(folder, CONFIG), None, base, shipped, folder / "models")


@pytest.fixture(scope="module")
def shipped() -> Path:
    return Path(__file__).parents[3] / "models"


@pytest.fixture(scope="module")
def trained(workspace: Workspace) -> Workspace:
    pipeline.train(workspace)
    pipeline.export_onnx(workspace)
    return workspace


@pytest.fixture(scope="module")
def evaluated(trained: Workspace) -> Workspace:
    pipeline.evaluate_reader(trained)
    return trained


@pytest.mark.models
def test_the_reader_learns_to_read(evaluated: Workspace) -> None:
    evaluation = evaluate.load(evaluated.run_dir.evaluation)
    reader = {name: estimate.value for name, estimate in evaluation.reader["all"].items()}
    for name in ("first emotion", "sentence emotions, F1", "feelings, F1", "sign of the mood"):
        assert reader[name] > 95, name
    assert reader["support: recall"] > 90
    assert reader["support: false alarms"] < 10
    assert evaluation.baseline["all"]["first emotion"].value == 50
    assert evaluation.entries["all"] == len(evaluation.readings) == len(ENTRIES)


@pytest.mark.models
def test_the_fitted_reader_can_be_served(evaluated: Workspace) -> None:
    reading = JournalReader.load(evaluated.run_dir.quantized).read(ENTRIES[1].sentences)
    assert [name for name, _ in reading.emotions] == ["sadness"]
    assert reading.sentences[1].core > reading.sentences[0].core
    assert reading.sentences[0].avoid > reading.sentences[1].avoid
    assert reading.mood < 0
    assert read_config(evaluated.run_dir.quantized, ReaderConfig).emotions.names == EMOTIONS


@pytest.mark.models
def test_the_artifact_is_complete_and_pinned(evaluated: Workspace) -> None:
    pipeline.package_artifact(evaluated)
    artifacts.verify(evaluated.release, "tiny")
    folder = evaluated.release / "tiny"
    assert JournalReader.load(folder).read(["glad glad"]).emotions[0][0] == "joy"
    card = (folder / "MODEL_CARD.md").read_text()
    assert "made by language models" in card
    assert "| first emotion | " in card
    entry = artifacts.load_manifest(evaluated.release).artifact("tiny")
    assert entry.metrics["journal_dev_first_emotion"] > 95


@pytest.mark.models
def test_the_report_shows_what_was_read_beside_what_readers_said(evaluated: Workspace) -> None:
    pipeline.write_report(evaluated)
    page = evaluated.run_dir.report.read_text()
    assert page.count("<h3>") == 2 * report.SHOWN
    for text in ("first emotion", "we sat and sat", "sadness", "100.0"):
        assert text in page


def test_texts_of_other_sources_are_not_in_the_report(evaluated: Workspace) -> None:
    evaluation = evaluate.load(evaluated.run_dir.evaluation)
    page = report.render("tiny", evaluation, [item._replace(source="lemotif") for item in ENTRIES])
    assert "we sat and sat" not in page


def test_a_finished_training_is_not_repeated(trained: Workspace) -> None:
    before = trained.run_dir.network.weights.stat().st_mtime_ns
    curve = trained.run_dir.network.read_curve()
    pipeline.train(trained)
    assert trained.run_dir.network.read_curve() == curve
    assert len(curve) == SETTINGS.epochs
    assert trained.run_dir.network.weights.stat().st_mtime_ns >= before


def test_training_leaves_the_smallest_floats_as_they_are(trained: Workspace) -> None:
    assert trained.run_dir.network.weights.is_file()
    assert np.float64(2.0**-1074) * np.float64(1.0) > 0.0


def test_each_round_has_its_own_loss_weights(trained: Workspace, tmp_path: Path) -> None:
    rounds = (Round(epochs=1), Round(epochs=1, loss=LossWeights(mood=1000.0)))
    settings = replace(CONFIG, training=replace(SETTINGS, rounds=rounds))
    workspace = trained._replace(config=settings, run_dir=RunDir(tmp_path, settings))
    pipeline.train(workspace)
    first, second = (point["train_loss"] for point in workspace.run_dir.network.read_curve())
    assert second > 10 * first


def test_layers_that_a_round_freezes_stay_as_the_round_before_left_them(
    trained: Workspace, tmp_path: Path
) -> None:
    first = (Round(epochs=1),)
    before = _weights(trained, tmp_path / "before", first)
    after = _weights(trained, tmp_path / "after", (*first, Round(epochs=1, frozen_layers=1)))
    changed = {name for name, values in before.items() if not torch.equal(values, after[name])}
    assert not any(name.startswith(("body.embeddings.", "body.encoder.layer.0.")) for name in changed)
    assert any(name.startswith("body.encoder.layer.1.") for name in changed)


def _weights(trained: Workspace, runs: Path, rounds: tuple[Round, ...]) -> dict[str, torch.Tensor]:
    settings = replace(CONFIG, training=replace(SETTINGS, rounds=rounds))
    workspace = trained._replace(config=settings, run_dir=RunDir(runs, settings))
    pipeline.train(workspace)
    saved = torch.load(workspace.run_dir.network.weights, weights_only=True)
    model: dict[str, torch.Tensor] = saved["model"]
    return model


def test_learning_rates_start_anew_with_each_round() -> None:
    schedule = WarmRestarts([10, 4], warmup=0.2)
    rates = [schedule(step) for step in range(14)]
    assert rates[:3] == [0.5, 1.0, 1.0]
    assert rates[9] < 0.1
    assert rates[10] == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert schedule(14) == pytest.approx(0.0)


def test_other_settings_do_not_resume_a_training(trained: Workspace) -> None:
    changed = replace(CONFIG, training=replace(SETTINGS, learning_rate=0.5))
    with pytest.raises(CheckpointError, match="other settings"):
        pipeline.train(trained._replace(config=changed))


def test_an_unfinished_network_is_not_exported(trained: Workspace) -> None:
    more = replace(CONFIG, training=replace(SETTINGS, rounds=(*SETTINGS.rounds, Round(epochs=1))))
    with pytest.raises(CheckpointError, match="run the train step"):
        pipeline.export_onnx(trained._replace(config=more))


def test_a_graph_that_differs_from_the_network_is_rejected(trained: Workspace, base: BaseModel) -> None:
    torch.manual_seed(99)
    another = network.from_pretrained(base.folder, 0.0)
    with pytest.raises(ArtifactError, match="differs from torch"):
        export.check_parity(another.eval(), trained.run_dir.fp32 / GRAPH)


def test_padding_of_a_batch_changes_nothing(base: BaseModel) -> None:
    torch.manual_seed(1)
    model = network.from_pretrained(base.folder, 0.0).eval()
    tokenizer = tiny_run.tokenizer()
    tokenizer.no_padding()
    tokenizer.no_truncation()
    short, long = ENTRIES[0], Entry("a", "written", ("the day was long",) * 5, ENTRIES[0].labels)
    encoded = [examples.encode(tokenizer, item.sentences, 32) for item in (short, long)]
    with torch.inference_mode():
        alone = model(*examples.collate(encoded[:1], [short], 1.0)[:3])
        together = model(*examples.collate(encoded, [short, short], 1.0)[:3])
    for name, values in alone.items():
        count = values.shape[1]
        assert torch.allclose(values[0], together[name][0][:count], atol=1e-5), name


def test_sentences_beyond_the_window_have_no_targets() -> None:
    tokenizer = tiny_run.tokenizer()
    tokenizer.no_padding()
    tokenizer.no_truncation()
    example = examples.encode(tokenizer, ENTRIES[0].sentences, 9)
    batch = examples.collate([example], [ENTRIES[0]], 1.0)
    assert batch.pooling.shape[1] == batch.targets["core"].shape[1] == len(example.spans) < 3
    assert torch.allclose(batch.pooling.sum(dim=2), torch.ones(1, len(example.spans)))


def test_the_primary_emotion_has_most_of_its_target() -> None:
    labels = replace(ENTRIES[0].labels, also=("love", "pride"))
    primary = examples.targets(labels, 0.7)["primary"]
    assert primary[EMOTIONS.index("joy")] == pytest.approx(0.7)
    assert primary[EMOTIONS.index("love")] == pytest.approx(0.15)
    assert primary.sum() == pytest.approx(1.0)


def test_learning_rates_fall_towards_the_embeddings(base: BaseModel) -> None:
    model = network.from_pretrained(base.folder, 0.0)
    groups = parameter_groups(model, SETTINGS)
    rates = {name: group["lr"] for (name, _), group in zip(model.named_parameters(), groups, strict=True)}
    assert rates["body.encoder.layer.1.output.dense.weight"] == 0.01
    assert rates["body.encoder.layer.0.output.dense.weight"] == 0.005
    assert rates["body.embeddings.word_embeddings.weight"] == 0.0025
    assert rates["entry_heads.mood.weight"] == 0.02


def test_frozen_layers_are_not_trained_and_have_no_dropout(base: BaseModel) -> None:
    model = network.from_pretrained(base.folder, 0.0)
    network.freeze(model, 1)
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert not any(name.startswith(("body.embeddings.", "body.encoder.layer.0.")) for name in trained)
    assert "body.encoder.layer.1.output.dense.weight" in trained
    groups = parameter_groups(model, SETTINGS)
    assert sum(len(group["params"]) for group in groups) == len(trained)  # type: ignore[arg-type, misc]
    encoder: Any = model.body.encoder
    dropouts = [part.p for part in encoder.layer[0].modules() if isinstance(part, torch.nn.Dropout)]
    assert dropouts
    assert not any(dropouts)


def test_heads_start_at_the_rates_of_their_labels(base: BaseModel) -> None:
    model = network.from_pretrained(base.folder, 0.0)
    network.init_at_base_rates(model, examples.rates(ENTRIES, 1.0))
    bias = model.entry_heads["feelings"].get_parameter("bias").sigmoid()
    assert bias.max().item() == pytest.approx(0.5)
    assert bias.min().item() == pytest.approx(1e-3)


# -- scores -------------------------------------------------------------------------------------------


def test_a_reading_that_says_what_the_labels_say_has_every_point() -> None:
    readings = [scores.from_labels(item.labels) for item in ENTRIES]
    long = [item._replace(labels=replace(item.labels, emotions=item.labels.emotions * 2)) for item in ENTRIES]
    readings = [reading._replace(sentences=[*reading.sentences] * 2) for reading in readings]
    values = {name: estimate.value for name, estimate in scores.score(readings, long).items()}
    assert values.pop("quotes one to avoid") == values.pop("support: false alarms") == 0
    assert set(values.values()) == {100}
    assert "topics, F1" not in values, "there are none"


def test_intervals_contain_their_values_and_shrink_with_more_entries() -> None:
    def first_emotion(entries: list[Entry]) -> tuple[float, float]:
        readings = [scores.from_labels(ENTRIES[0].labels)] * len(entries)
        estimate = scores.score(readings, entries)["first emotion"]
        assert estimate.low <= estimate.value <= estimate.high
        return estimate.low, estimate.high

    few, many = first_emotion(ENTRIES[:8]), first_emotion(ENTRIES * 4)
    assert many[1] - many[0] < few[1] - few[0]


def test_only_long_entries_are_judged_by_their_quotes() -> None:
    reading = Reading("joy", {"joy"}, set(), set(), 1.0, [set()] * 3, {0}, support=False)
    assert "quotes a core sentence" not in scores.score([reading], ENTRIES[:1])


# -- decisions ----------------------------------------------------------------------------------------


def logits(right: bool = True) -> decisions.Outputs:
    """Outputs that say what the labels say, or nothing."""
    rows = []
    for item in ENTRIES:
        target = examples.targets(item.labels, 1.0)
        rows.append({name: np.where(value > 0, 4.0, -4.0) * right for name, value in target.items()})
        rows[-1]["mood"] = target["mood"] * right
    return rows


def fitted(right: bool = True) -> ReaderConfig:
    return decisions.fit(logits(right), ENTRIES, name="tiny", version="1", max_length=32)


def test_a_good_reader_is_certain_and_a_blind_one_is_not() -> None:
    assert fitted().certain == 0.0
    assert fitted(right=False).certain > 0.0


def test_support_is_offered_to_those_at_risk_and_to_few_others() -> None:
    threshold = fitted().support
    at_risk = [item.labels.concern for item in ENTRIES]
    offered = [1 / (1 + np.exp(-row["support"][0])) >= threshold for row in logits()]
    assert offered == at_risk
    blind = [
        {**row, "support": np.full(1, index, np.float32)} for index, row in enumerate(logits(right=False))
    ]
    guessed = decisions.fit(blind, ENTRIES, name="tiny", version="1", max_length=32).support
    alarms = sum(1 / (1 + np.exp(-row["support"][0])) >= guessed for row in blind[::2])
    assert alarms <= decisions.SUPPORT_FALSE_ALARMS * len(blind[::2])


def test_moods_that_are_all_too_bright_are_shifted_back() -> None:
    rows = logits()
    too_bright = [{**row, "mood": row["mood"] + np.float32(1.5)} for row in rows]
    shifted = decisions.fit(too_bright, ENTRIES, name="tiny", version="1", max_length=32)
    assert shifted.mood == pytest.approx(-1.5, abs=0.4)
    assert fitted().mood == pytest.approx(0.0, abs=0.1)


def test_halves_of_dev_share_no_author() -> None:
    first = evaluate.halves(ENTRIES)
    by_author = {item.id[0]: half for item, half in zip(ENTRIES, first, strict=True)}
    assert all(by_author[item.id[0]] == half for item, half in zip(ENTRIES, first, strict=True))
    assert set(by_author.values()) == {True, False}


def test_the_dev_run_is_small_and_valid() -> None:
    shipped = config.load(Path(config.__file__).with_name("insight.toml"))
    small = config.dev_mode(shipped)
    assert (small.base, small.training.epochs) == (Base.MINILM, 1)
    assert small.name != shipped.name
