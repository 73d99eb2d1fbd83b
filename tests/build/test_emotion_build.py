"""From rows to artifact with a tiny network: every step for real, only smaller."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

pytestmark = pytest.mark.build
pytest.importorskip("torch", exc_type=ImportError)

import onnxruntime  # noqa: E402
import torch  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors  # noqa: E402

from build import tokens  # noqa: E402
from build.base_model import BaseModel  # noqa: E402
from build.emotion import (  # noqa: E402
    ablation,
    baselines,
    compression,
    config,
    evaluate,
    journal,
    shrinking,
    steps,
)
from build.emotion import model as network  # noqa: E402
from build.emotion.run import Run  # noqa: E402
from build.emotion.teacher import Lesson  # noqa: E402
from build.emotion.workspace import Workspace  # noqa: E402
from build.errors import ArtifactError, CheckpointError, ConfigError  # noqa: E402
from build.evaluation import crossfit, metrics  # noqa: E402
from build.evaluation.records import GraphRecord  # noqa: E402
from build.quantisation import export  # noqa: E402
from build.training import checkpoint  # noqa: E402
from functions.shared.text.encoder import load_encoder  # noqa: E402

SHAPE = {
    "model_type": "bert",
    "vocab_size": 64,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 48,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-12,
    "type_vocab_size": 2,
    "pad_token_id": 0,
}
LABELS = ("joy", "sadness", "neutral")
WORDS = {"joy": ["glad", "yay"], "sadness": ["sad", "tears"], "neutral": ["table", "chair"]}
FEELINGS = {"happy": "joy", "sad": "sadness"}
FILLERS = ["the", "day", "was", "long", "and", "we", "sat"]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Two threads on a busy machine wait for each other more than they work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> BaseModel:
    folder = tmp_path_factory.mktemp("base")
    (folder / "config.json").write_text(json.dumps(SHAPE))
    tokenizer().save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    bert = network.empty(folder / "config.json", {"emotions": len(LABELS)}, 0.0).bert
    save_file(bert.state_dict(), folder / "model.safetensors")
    return BaseModel(folder)


def tokenizer() -> Tokenizer:
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        *FILLERS,
        *(word for each in WORDS.values() for word in each),
    ]
    made = Tokenizer(models.WordPiece({word: at for at, word in enumerate(words)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    made.enable_padding(length=32)
    made.enable_truncation(8)
    return made


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    comments, journal = folder / "goemotions", folder / "lemotif"
    comments.mkdir()
    journal.mkdir()
    (comments / "labels.txt").write_text("\n".join(LABELS))
    for split, rows, seed in (("train", 320, 1), ("dev", 120, 2)):
        random = np.random.default_rng(seed)
        (comments / f"{split}.tsv").write_text("".join(row(random, at) for at in range(rows)))
        (journal / f"{split}.jsonl").write_text("".join(entry(random, at) for at in range(rows // 4)))
    return folder


def row(random: np.random.Generator, at: int) -> str:
    labels = sorted(random.choice(3, size=random.integers(1, 3), replace=False).tolist())
    return (
        f"{spoken(random, at, *(LABELS[label] for label in labels))}\t{','.join(map(str, labels))}\tid{at}\n"
    )


def entry(random: np.random.Generator, at: int) -> str:
    feeling = str(random.choice(list(FEELINGS)))
    found = {
        "id": at,
        "text": spoken(random, at, FEELINGS[feeling]),
        "feelings": [feeling],
        "topics": ["work"],
    }
    if random.random() < 0.5:
        found["topics"] = ["sleep"]
    return json.dumps(found) + "\n"


def spoken(random: np.random.Generator, at: int, *emotions: str) -> str:
    """Every text is another one, or it would be dropped as a duplicate."""
    words = [str(random.choice(WORDS[emotion])) for emotion in emotions]
    words += random.choice(FILLERS, size=random.integers(1, 12)).tolist()
    return " ".join([*words, *(FILLERS[int(digit)] for digit in np.base_repr(at + 1, 7))])


def settings(name: str = "tiny", **training: Any) -> config.Config:
    recipe = {"epochs": 6, "batch_size": 16, "learning_rate": 0.01, "bf16": False, "dropout": 0.0, **training}
    raw = {
        "name": name,
        "seed": 3,
        "threads": 1,
        "training": recipe,
        "teacher": {"folds": 2, "training": {**recipe, "epochs": 15}},
        "heads": {"feelings": True, "topics": True, "embedding": 0.1, "least_examples": 5},
        "thresholds": {"repeats": 2},
        "compression": {
            "variants": ["fp32", "int8-dynamic", "int8-static"],
            "changes": {name: ["int8-static"] for name in (*shrinking.CHANGES, compression.LATIN)},
            "calibration_texts": 16,
            "repeats": 1,
            "timed": 5,
            "most_lost": 1.0,
        },
        "evaluation": {"draws": 100, "strengths": [0.3], "robustness_rows": 20},
        "artifact": {"name": "tiny-encoder", "version": "0.0.1", "description": "Tiny", "max_length": 32},
    }
    return msgspec.convert(raw, config.Config)


def workspace(root: Path, base: BaseModel, data: Path, made: config.Config) -> Workspace:
    run = Run(root / "runs", made)
    run.open()
    return Workspace(made, run, data, base, root / "models")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, base: BaseModel, data: Path) -> Workspace:
    work = workspace(tmp_path_factory.mktemp("work"), base, data, settings())
    for step in steps.ORDER:
        steps.STEPS[step](work)
    return work


@pytest.fixture(scope="module")
def artifact(done: Workspace) -> Path:
    return done.models / "tiny-encoder"


def test_the_folder_holds_what_ships_and_nothing_else(artifact: Path) -> None:
    names = {path.name for path in artifact.iterdir()}
    assert names == {"model.onnx", "tokenizer.json", "config.json", "MODEL_CARD.md", "LICENSE"}


def test_the_serving_code_reads_the_artifact_and_it_has_learned(artifact: Path) -> None:
    encoder = load_encoder(artifact)
    encoded = encoder.encode(["glad and yay", "tears", "the table"])
    assert encoded.embeddings.shape == (3, 16)
    np.testing.assert_allclose(np.linalg.norm(encoded.embeddings, axis=1), 1.0, atol=1e-5)
    np.testing.assert_array_equal(encoded.heads["emotions"].argmax(axis=1), [0, 1, 2])


def test_the_graph_keeps_its_contract(artifact: Path) -> None:
    session = onnxruntime.InferenceSession(artifact / "model.onnx", providers=["CPUExecutionProvider"])
    inputs = [(each.name, each.type, len(each.shape)) for each in session.get_inputs()]
    assert inputs == [("input_ids", "tensor(int64)", 2), ("attention_mask", "tensor(int64)", 2)]
    outputs = {each.name: (each.type, each.shape[-1]) for each in session.get_outputs()}
    widths = {"emotions": 3, "feelings": 2, "topics": 2, "embedding": 16}
    assert outputs == {name: ("tensor(float)", width) for name, width in widths.items()}


def test_the_tokenizer_neither_pads_nor_truncates(artifact: Path) -> None:
    shipped = Tokenizer.from_file(str(artifact / "tokenizer.json"))
    assert shipped.padding is None
    assert shipped.truncation is None


def test_the_configuration_carries_the_fitted_thresholds(done: Workspace, artifact: Path) -> None:
    found = json.loads((artifact / "config.json").read_text())
    scores = json.loads(done.run.evaluation.read_text())["heads"]["emotions"]["int8"]["labels"]
    head = found["heads"]["emotions"]
    assert head["labels"] == list(LABELS)
    assert head["thresholds"] == [score["threshold"] for score in scores]
    assert head["temperatures"] == [score["temperature"] for score in scores]
    assert (found["max_length"], found["embedding"]) == (32, {"output": "embedding", "dimensions": 16})
    assert found["heads"]["feelings"]["labels"] == ["happy", "sad"]
    assert found["heads"]["topics"]["labels"] == ["sleep", "work"]


def test_the_artifact_says_the_calibrated_probabilities_of_the_record(
    done: Workspace, artifact: Path
) -> None:
    """The offsets went into the graph, the temperatures into the configuration."""
    texts = ["glad and yay", "tears", "the table was long"]
    served, raw = load_encoder(artifact), load_encoder(done.run.int8)
    fitted = crossfit.recall(evaluate.load(done.run.evaluation).heads["emotions"].int8)
    found = served.head("emotions").probabilities(served.encode(texts).heads["emotions"])
    np.testing.assert_allclose(
        found, fitted.scaling.probabilities(raw.encode(texts).heads["emotions"]), atol=1e-4
    )
    assert np.abs(fitted.scaling.offsets).max() > 0


def test_the_manifest_pins_the_files_that_lie_there(done: Workspace, artifact: Path) -> None:
    entry = json.loads((done.models / "manifest.json").read_text())["artifacts"]["tiny-encoder"]
    assert set(entry["files"]) == {"model.onnx", "tokenizer.json", "config.json"}
    assert all((artifact / name).stat().st_size == pinned["bytes"] for name, pinned in entry["files"].items())
    assert entry["metrics"]["goemotions_dev_macro_f1_int8_crossfitted"] > 0.8


def test_the_card_tells_the_measured_figures(done: Workspace, artifact: Path) -> None:
    card = (artifact / "MODEL_CARD.md").read_text()
    scores = json.loads(done.run.evaluation.read_text())
    assert f"{scores['heads']['emotions']['int8']['scores']['macro_f1']['value']:.3f}" in card
    assert f"{scores['latency']['torch eager float32']['median_ms']:.2f}" in card
    assert "{" not in card


def test_quantisation_keeps_nearly_all(done: Workspace) -> None:
    scores = json.loads(done.run.evaluation.read_text())
    assert abs(scores["heads"]["emotions"]["int8_minus_fp32"]["macro_f1"]["value"]) < 0.1


def test_every_way_to_make_it_small_was_compared_and_one_ships(done: Workspace) -> None:
    found = msgspec.json.decode(done.run.tradeoff.read_bytes(), type=list[GraphRecord])
    assert [each.variant for each in found] == [
        *("fp32", "int8-dynamic", "int8-static"),
        *("int8-static, aware", "int8-static, sparse", "int8-static, narrow", "int8-static, latin"),
    ]
    (ships,) = [each for each in found if each.ships]
    assert (done.run.int8 / "model.onnx").stat().st_size == round(ships.megabytes * 1e6)
    plain, narrow = (
        next(each for each in found if each.variant == name)
        for name in ("int8-static", "int8-static, narrow")
    )
    assert narrow.megabytes < plain.megabytes


def test_what_ships_takes_several_texts_at_once_without_harm(artifact: Path) -> None:
    encoder = load_encoder(artifact)
    texts = ["glad and yay", "tears and the long day", "the table", "we sat"]
    assert encoder.config.batch > 1
    together = encoder.encode(texts).heads["emotions"]
    alone = np.concatenate([encoder.encode([text]).heads["emotions"] for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-3)


def test_graphs_are_made_once_for_a_student(
    done: Workspace, tmp_path: Path, base: BaseModel, data: Path
) -> None:
    work = workspace(tmp_path, base, data, done.config)
    shutil.copytree(done.run.folder, work.run.folder, dirs_exist_ok=True)
    graph = work.run.graphs / "narrow" / "fp32.onnx"
    before = graph.stat().st_mtime_ns
    steps.compress(work)
    assert graph.stat().st_mtime_ns == before
    other = work.school.trained(work.read(), work.run.student)
    with torch.no_grad():
        other.emotions.bias.add_(0.1)
    checkpoint.keep(work.run.student, other, 6)
    steps.compress(work)
    assert graph.stat().st_mtime_ns > before


@pytest.mark.parametrize("wrong", [{"variants": ("fp32", "int3")}, {"changes": {"thin": ("int8-static",)}}])
def test_an_unknown_way_to_make_it_small_is_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"no (variant 'int3'|change 'thin'); there are"):
        compression.check(config.Compression(**wrong))


def test_padding_does_not_change_a_text_in_float32(done: Workspace) -> None:
    session = onnxruntime.InferenceSession(done.run.fp32 / "model.onnx", providers=["CPUExecutionProvider"])
    row = [2, 5, 11, 3]
    ids, mask = tokens.pad([row, [2, *range(4, 16), 3]])
    padded = session.run(None, {"input_ids": ids, "attention_mask": mask})
    ids, mask = tokens.pad([row])
    alone = session.run(None, {"input_ids": ids, "attention_mask": mask})
    for together, by_itself in zip(padded, alone, strict=True):
        np.testing.assert_allclose(together[:1], by_itself, atol=1e-5)


def test_the_curve_has_a_point_an_epoch_and_the_loss_falls(done: Workspace) -> None:
    curve = done.run.student.read_curve()
    assert [point["epoch"] for point in curve] == [1, 2, 3, 4, 5, 6]
    assert curve[-1]["dev_loss"] < curve[0]["dev_loss"]


def test_a_finished_training_is_not_repeated(done: Workspace) -> None:
    saved = done.run.student.checkpoint
    before = saved.stat().st_mtime_ns
    steps.train(done)
    assert saved.stat().st_mtime_ns == before


def test_an_interrupted_training_ends_as_an_unbroken_one(
    done: Workspace, tmp_path: Path, base: BaseModel, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = workspace(tmp_path, base, data, done.config)
    shutil.copyfile(done.run.lesson, work.run.lesson)
    save = checkpoint.save

    def save_then_stop(*arguments: Any) -> None:
        save(*arguments)
        if arguments[-1] == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save", save_then_stop)
        with pytest.raises(KeyboardInterrupt):
            steps.train(work)
    steps.train(work)
    assert_same_weights(done, work)


def assert_same_weights(first: Workspace, second: Workspace) -> None:
    states = [torch.load(each.run.student.weights, weights_only=True)["model"] for each in (first, second)]
    assert states[0].keys() == states[1].keys()
    for name in states[0]:
        torch.testing.assert_close(states[0][name], states[1][name])


def test_a_run_folder_of_other_settings_is_refused(done: Workspace) -> None:
    work = done._replace(config=settings(epochs=9))
    with pytest.raises(CheckpointError, match="other settings"):
        steps.train(work)


def test_exporting_needs_a_training(tmp_path: Path, base: BaseModel, data: Path) -> None:
    with pytest.raises(CheckpointError, match="no weights"):
        steps.to_onnx(workspace(tmp_path, base, data, settings()))


def test_a_graph_of_another_network_is_refused(done: Workspace, base: BaseModel) -> None:
    torch.manual_seed(99)
    other = network.empty(base.config, {"emotions": 3, "feelings": 2, "topics": 2}, 0.0).eval()
    with pytest.raises(ArtifactError, match="from torch"):
        export.check_parity(other, done.run.fp32 / "model.onnx")


def test_a_model_that_is_too_large_does_not_ship(done: Workspace, artifact: Path) -> None:
    before = (artifact / "config.json").read_bytes()
    small = msgspec.structs.replace(done.config.artifact, max_megabytes=0.001)
    work = done._replace(config=msgspec.structs.replace(done.config, artifact=small))
    with pytest.raises(ArtifactError, match="more than"):
        steps.package(work)
    assert (artifact / "config.json").read_bytes() == before


def test_the_emotions_start_at_their_base_rates(base: BaseModel) -> None:
    model = network.from_base(base, {"emotions": 3, "topics": 2}, 0.0)
    rates = np.array([0.5, 0.1, 0.01], np.float32)
    network.start_at_base_rates(model, rates)
    np.testing.assert_allclose(torch.sigmoid(model.emotions.bias.detach()).numpy(), rates, atol=1e-5)


@pytest.mark.parametrize(("head", "width"), [("topics", 16), ("feelings", 32)])
def test_an_attached_head_says_what_was_fitted(base: BaseModel, head: str, width: int) -> None:
    torch.manual_seed(5)
    model = network.from_base(base, {"emotions": 3, head: 2}, 0.0).eval()
    texts = ["glad and yay", "tears", "the table was long"]
    random = np.random.default_rng(1)
    fitted = journal.Linear(random.normal(size=(width, 2)), random.normal(size=2))
    journal.attach(model, head, fitted)
    opened = tokens.open_tokenizer(base.tokenizer)
    wanted = fitted.logits(journal.features(model, head, opened, texts, 32))
    ids, mask = (torch.from_numpy(each) for each in tokens.pad(tokens.encode(opened, texts, 32)))
    with torch.inference_mode():
        said = model(ids, mask).present[head]
    np.testing.assert_allclose(said.numpy(), wanted, atol=1e-4)


def test_an_untrained_network_embeds_as_the_base_model_does(base: BaseModel) -> None:
    model = network.from_base(base, {"emotions": 3}, 0.0).eval()
    ids, mask = (torch.from_numpy(each) for each in tokens.pad([[2, 5, 11, 3], [2, 7, 3]]))
    with torch.inference_mode():
        hidden = model.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        pooled = network.mean_pool(hidden, mask)
        torch.testing.assert_close(
            model(ids, mask).embedding, pooled / pooled.norm(dim=1, keepdim=True), atol=1e-5, rtol=0
        )


def test_teachers_answer_for_the_texts_they_never_saw(done: Workspace) -> None:
    lesson = Lesson.load(done.run.lesson)
    train = done.read().train["emotions"]
    assert lesson.labelled.shape == train.targets.shape
    right = metrics.macro_f1(lesson.labelled >= 0.5, train.targets > 0)
    assert right > 0.8
    assert (lesson.labelled > 0).all()


def test_a_damaged_lesson_is_named(done: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "lesson.npz"
    path.write_bytes(done.run.lesson.read_bytes()[:100])
    with pytest.raises(CheckpointError, match=r"lesson\.npz is damaged"):
        Lesson.load(path)
    with pytest.raises(CheckpointError, match="run the teach step"):
        Lesson.load(tmp_path / "absent.npz")


def test_a_damaged_checkpoint_is_named_and_kept(
    done: Workspace, tmp_path: Path, base: BaseModel, data: Path
) -> None:
    work = workspace(tmp_path, base, data, done.config)
    shutil.copytree(done.run.folder, work.run.folder, dirs_exist_ok=True)
    broken = work.run.student.checkpoint
    broken.write_bytes(broken.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match=r"last\.pt is damaged"):
        steps.train(work)
    assert broken.stat().st_size == 1000


def test_a_full_disk_leaves_the_checkpoint_before(
    done: Workspace, tmp_path: Path, base: BaseModel, data: Path
) -> None:
    """A real device that is always full."""
    work = workspace(tmp_path, base, data, done.config)
    shutil.copytree(done.run.folder, work.run.folder, dirs_exist_ok=True)
    member, before = work.run.student, work.run.student.weights.read_bytes()
    member.weights.with_suffix(".partial").symlink_to("/dev/full")
    with pytest.raises(CheckpointError, match=r"weights\.pt cannot be written"):
        checkpoint.keep(member, work.school.trained(work.read(), member), 6)
    assert member.weights.read_bytes() == before


def test_feelings_and_topics_are_learned_and_compared_with_simpler_ways(done: Workspace) -> None:
    heads = evaluate.load(done.run.evaluation).heads
    assert heads["feelings"].int8.scores.macro_f1.value > 0.8
    assert {each.record.model for each in heads["feelings"].baselines} == {
        baselines.LOGISTIC,
        baselines.BY_HAND,
    }
    assert [each.label for each in heads["topics"].int8.labels] == ["sleep", "work"]


def test_the_embedding_is_compared_with_the_base_models(done: Workspace) -> None:
    found = evaluate.load(done.run.evaluation).embedding
    assert all(-1 <= value <= 1 for value in found.values())
    assert any("random pairs" in name for name in found)


def test_every_part_of_the_recipe_was_tried(done: Workspace) -> None:
    found = json.loads(done.run.ablation.read_text())
    assert [each["name"] for each in found] == [trial.name for trial in ablation.trials(done.config)]
    assert all(
        each["macro_f1_interval"][0] <= each["macro_f1"] <= each["macro_f1_interval"][1] for each in found
    )


def test_the_report_shows_the_run(done: Workspace) -> None:
    page = (done.run.folder / "report.html").read_text()
    assert all(word in page for word in ("feelings", "topics", "teachers alone", "<svg"))
