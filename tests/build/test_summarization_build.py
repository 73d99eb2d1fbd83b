"""The whole run, from data to artifacts, on a network and data small enough for a test."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

pytestmark = pytest.mark.build
pytest.importorskip("torch", exc_type=ImportError)
pytest.importorskip("sumy", exc_type=ImportError)

import torch  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers  # noqa: E402
from transformers import BertConfig, BertModel, T5Config, T5ForConditionalGeneration  # noqa: E402

from build.base_model import BaseModel  # noqa: E402
from build.errors import ArtifactError, CheckpointError, ConfigError, DataError  # noqa: E402
from build.summarization import config, exporting, planted, rouge, steps, timing, vocabulary  # noqa: E402
from build.summarization.peers import PEERS  # noqa: E402
from build.summarization.shipping import EXTRACTIVE, ship_variant  # noqa: E402
from build.summarization.workspace import Workspace  # noqa: E402
from functions.shared.domain.content import Segment  # noqa: E402
from functions.shared.runtime import artifacts  # noqa: E402
from functions.summarization.abstractive import AbstractiveEngine  # noqa: E402
from functions.summarization.beam_search import DecodingConfig, search  # noqa: E402
from functions.summarization.engine import Text  # noqa: E402
from functions.summarization.seq2seq import Seq2Seq  # noqa: E402

Make = Callable[..., Workspace]

ENCODER = Path(__file__).parents[2] / "models" / "text-encoder"
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
        ("rounds = 12", "rounds = 0", "rounds"),
        ("passages", "pasages", "pasages"),
        ("encoder_rate = 1e-4", 'encoder_rate = "fast"', "encoder_rate"),
        ('name = "summarization"', 'name = "../elsewhere"', "name"),
        ("seed = 11", "", "seed"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        config.load(changed(tmp_path, old, new))


def test_the_default_variant_learns_from_permissive_data_alone() -> None:
    assert set(config.load(SHIPPED).variants["samo-small"].sets) == {"hippocorpus"}


def test_rouge_is_that_of_the_library() -> None:
    (row,) = rouge.score(["the cats sat down"], ["the cat sat"])
    assert row.tolist() == pytest.approx([600 / 7, 80.0, 600 / 7])


@pytest.mark.parametrize("name", PEERS)
def test_every_peer_summarises_anything(name: str) -> None:
    sentences = ["The lake was cold.", "We swam in the lake.", "It rained.", "We went home from the lake."]
    assert len(PEERS[name](sentences)) < len(" ".join(sentences))
    assert PEERS[name](["😂"]) == "😂"
    assert PEERS[name]([]) == ""


def test_planted_errors_change_the_summary_and_mostly_are_found() -> None:
    source = "My sister and I drove to Oslo with Tom. We had two dogs. I was tired and I did not sleep."
    pairs = [(source, source)] * 20
    found = planted.measure(pairs, pairs, frozenset({"oslo", "tom"}), seed=1)
    assert {each.kind for each in found.planted} == set(planted.PLANTS)
    assert all(each.planted == 20 and each.found.value > 0.5 for each in found.planted)
    assert found.refused.value == 0.0


def test_lengths_are_marked_from_short_to_long() -> None:
    assert list(vocabulary.LENGTHS) == sorted(vocabulary.LENGTHS)


PLACES, PEOPLE = ("lake", "train", "garden", "office"), ("Maria", "Tom", "Anna", "Jonas")
WORDS = """
we went to the and it was cold . my sister said i cried because had a day with then came home again slept not
"""
SHAPE: dict[str, Any] = {
    "model_type": "bert", "vocab_size": 64, "hidden_size": 16, "num_hidden_layers": 2,
    "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 512,
}  # fmt: skip


def story(random: np.random.Generator, number: int, kind: str) -> dict[str, str]:
    place, person = str(random.choice(PLACES)), str(random.choice(PEOPLE))
    told = [
        f"We went to the {place} with {person}.",
        "It was a cold day and I cried.",
        f"Then my sister said we had the {place}.",
        "I slept because it was cold.",
        f"{person} came home again.",
    ]
    summary = f"I went to the {place} with {person} and cried."
    return {
        "id": f"s{number}",
        "source": " ".join(told),
        "summary": summary,
        "kind": kind,
        "group": f"g{number}",
    }


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "summaries").mkdir()
    (folder / "goemotions").mkdir()
    random = np.random.default_rng(0)
    for split, count in (("train", 24), ("dev", 6)):
        rows = [story(random, at, ("recalled", "retold")[at % 2]) for at in range(count)]
        lines = b"\n".join(map(msgspec.json.encode, rows))
        for name in ("hippocorpus", "samsum", "dialogsum"):
            if split == "train":
                (folder / "summaries" / f"{name}.train.jsonl.gz").write_bytes(gzip.compress(lines))
            else:
                (folder / "summaries" / f"{name}.dev.jsonl").write_bytes(lines)
        comments = "".join(f"I cried at home again .\t0\tid{at}\n" for at in range(count))
        (folder / "goemotions" / f"{split}.tsv").write_text(comments)
    (folder / "goemotions" / "labels.txt").write_text("sadness")
    return folder


def tiny_base(folder: Path) -> BaseModel:
    folder.mkdir(parents=True)
    listed = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"[unused{at}]" for at in range(8))]
    known = [*listed, *WORDS.split(), *PLACES, *(name.lower() for name in PEOPLE)]
    made = Tokenizer(models.WordPiece({word: at for at, word in enumerate(known)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    made.add_special_tokens(listed[:5])
    made.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps({**SHAPE, "vocab_size": len(known)}))
    torch.manual_seed(0)
    shape = BertConfig.from_json_file(folder / "config.json")
    save_file(BertModel(shape, add_pooling_layer=False).state_dict(), folder / "model.safetensors")
    return BaseModel(folder)


def settings(**changes: Any) -> config.Config:
    training = config.Training(rounds=2, batch_tokens=600, encoder_rate=1e-3, decoder_rate=1e-3)
    artifact = config.Artifact(version="0.1", description="for a test", max_source=200, beams=2, most=12)
    values: dict[str, Any] = {
        "name": "tiny", "seed": 1, "threads": 1, "extractive_version": "0.1",
        "network": config.Network(layers_from=(0, 1), positions=80, common=40),
        "pretraining": config.Pretraining(training=training, passages=10, comments=10),
        "variants": {
            "first": config.Variant(sets=("hippocorpus",), training=training, artifact=artifact),
            "second": config.Variant(
                sets=("hippocorpus",),
                after="first",
                teacher="first",
                training=training,
                artifact=artifact,
            ),
        },
        "extractive": config.Extractive(
            folds=2, rarest=1.0, score_weights=(0.1,), sentence_words=(8,), most_words=(16,),
            emotion_weights=(0.5,), noun_texts=1, name_texts=1,
        ),
        "watched": 2, "judged": 3,
    }  # fmt: skip
    return config.Config(**{**values, **changes})


@pytest.fixture(scope="module")
def make(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Make:
    root = tmp_path_factory.mktemp("runs")
    base = tiny_base(root / "tiny-base")

    def workspace(runs: Path = root, **changes: Any) -> Workspace:
        return Workspace(settings(**changes), data, runs, runs / "models", ENCODER, base=base)

    return workspace


@pytest.fixture(scope="module")
def done(make: Make, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timing, "SHAPE", {**timing.SHAPE, "d_model": 64, "d_ff": 64, "d_kv": 8})
        patch.setattr(timing, "SOURCE_IDS", (3, 20))
        work = make()
        for step in steps.ORDER:
            steps.STEPS[step](work, [])
    return work


def test_a_run_makes_artifacts_that_serve(done: Workspace) -> None:
    engine = AbstractiveEngine.load(done.models / "first", done.quoting)
    text = Text([Segment(text=line) for line in ("We went to the lake.", "It was cold.")] * 9)
    assert engine.summarize([text]).text
    assert (
        artifacts.problems(done.models, "first", artifacts.load_manifest(done.models).artifact("first")) == []
    )
    card = (done.models / "first" / "MODEL_CARD.md").read_text()
    assert "Apache-2.0" in card
    assert (done.models / EXTRACTIVE / "MODEL_CARD.md").read_text().count("|") > 20


def test_its_report_shows_every_system_and_entry(done: Workspace) -> None:
    page = done.run.report.read_text()
    for expected in ("LEAD-3", "TextRank", "LexRank", "first", "second", "10-long", "negation lost"):
        assert expected in page


def test_a_trained_network_is_taken_up_where_it_stands(done: Workspace) -> None:
    before = done.run.variant("first").weights.read_bytes()
    steps.train(done, ["first"])
    assert done.run.variant("first").weights.read_bytes() == before


def test_other_settings_do_not_go_on_from_its_weights(done: Workspace, make: Make) -> None:
    with pytest.raises(CheckpointError, match="other settings"):
        steps.pretrain(make(seed=2), [])


def test_an_unknown_variant_is_named(done: Workspace) -> None:
    with pytest.raises(ConfigError, match="third"):
        steps.train(done, ["third"])


def test_a_student_reads_what_its_teacher_wrote(done: Workspace) -> None:
    written = msgspec.json.decode(done.run.lesson("first").read_bytes(), type=dict[str, str])
    pairs = done.guided([])
    assert pairs == []
    assert set(written) == {f"s{at}" for at in range(24)}


def test_a_variant_goes_on_from_the_one_before_it(done: Workspace) -> None:
    before, after = done.trained("first").state_dict(), done.pretrained("second").state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    first, second = done.config.variants.values()
    with pytest.raises(ValueError, match="no variant 'first' before"):
        settings(variants={"second": second, "first": first})


def test_weights_from_restricted_data_do_not_ship_as_free(done: Workspace, make: Make) -> None:
    variant = msgspec.structs.replace(done.config.variants["first"], sets=("dialogsum",))
    work = make(variants={"first": variant})
    with pytest.raises(DataError, match="does not allow"):
        ship_variant(work, "first")


def test_steps_out_of_order_say_what_is_missing(make: Make, tmp_path: Path) -> None:
    work = make(runs=tmp_path)
    for step, missing in (("train", "guidance"), ("export", "train"), ("package", "evaluate")):
        with pytest.raises((CheckpointError, ArtifactError), match=missing):
            steps.STEPS[step](work, [])


def test_any_t5_becomes_an_artifact(tmp_path: Path) -> None:
    shape: dict[str, Any] = {
        "vocab_size": 30, "d_model": 16, "d_kv": 4, "d_ff": 16, "num_layers": 1, "num_heads": 2,
        "pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0,
    }  # fmt: skip
    T5ForConditionalGeneration(T5Config(**shape)).save_pretrained(tmp_path / "source")
    words = {word: at for at, word in enumerate(["<pad>", "</s>", "summarize", ":", *WORDS.split()])}
    Tokenizer(models.WordLevel(words, unk_token="cold")).save(str(tmp_path / "source" / "tokenizer.json"))
    exporting.export_t5(tmp_path / "source", tmp_path / "made", "t5-tiny", "1")
    model = Seq2Seq.load(tmp_path / "made")
    assert model.config.family == "t5"
    assert (
        search(model.read(model.source(["we went home"])), 0, 1, DecodingConfig(beams=2, most=4)) is not None
    )


def test_what_is_no_t5_is_refused(tmp_path: Path) -> None:
    BertModel(BertConfig(**{**SHAPE, "vocab_size": 12})).save_pretrained(tmp_path)
    with pytest.raises(ArtifactError, match="is a bert, not a T5"):
        exporting.export_t5(tmp_path, tmp_path / "made", "t5-tiny", "1")
    with pytest.raises(ArtifactError, match="cannot be read as a T5"):
        exporting.export_t5(tmp_path / "nothing", tmp_path / "made", "t5-tiny", "1")
