"""The text encoder: a text's result does not depend on the other texts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnxruntime import InferenceSession
from tokenizers import Tokenizer

from functions.shared.errors import ArtifactError, LeaseLost
from functions.shared.runtime.onnx import GRAPH, load_session, read_config
from functions.shared.text.encoder import (
    TOKENIZER,
    Aggregation,
    EncoderConfig,
    Head,
    HeadInput,
    TextEncoder,
    load_encoder,
)
from tests.unit.conftest import LABELS, MAX_LENGTH, MakeEncoder, head_config

WORDS = ("the", "happy", "train", "rain", "sad", "table", "unheard")
TEXT_LISTS = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=MAX_LENGTH + 4).map(" ".join), max_size=40
)
TEXTS = ["the happy train", "rain", "I cried", "the table was sad, the train was glad"]


@pytest.fixture
def encoder(tiny_encoder: Path) -> TextEncoder:
    return load_encoder(tiny_encoder)


@pytest.fixture
def batching(make_encoder: MakeEncoder) -> TextEncoder:
    return load_encoder(make_encoder(batch=8))


def test_each_text_gets_a_unit_embedding_and_its_logits(encoder: TextEncoder) -> None:
    encoded = encoder.encode(TEXTS)
    assert encoded.embeddings.shape == (4, 5)
    assert encoded.heads["emotions"].shape == (4, len(LABELS))
    np.testing.assert_allclose(np.linalg.norm(encoded.embeddings, axis=1), 1.0, rtol=1e-6)


def test_logits_are_those_of_the_graph(encoder: TextEncoder) -> None:
    logits = encoder.encode(["happy rain"]).heads["emotions"]
    np.testing.assert_allclose(logits, [[16 / 2 - 4, -4, -4]])


def test_results_depend_neither_on_order_nor_on_other_texts(encoder: TextEncoder) -> None:
    together = encoder.encode(TEXTS)
    backwards = encoder.encode(TEXTS[::-1])
    alone = [encoder.encode([text]).embeddings[0] for text in TEXTS]
    np.testing.assert_array_equal(together.embeddings, backwards.embeddings[::-1])
    np.testing.assert_array_equal(together.embeddings, alone)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=TEXT_LISTS)
def test_batched_results_equal_single_results(batching: TextEncoder, texts: list[str]) -> None:
    together = batching.encode(texts)
    assert together.embeddings.shape == (len(texts), 5)
    for index, text in enumerate(texts):
        alone = batching.encode([text])
        np.testing.assert_allclose(together.embeddings[index], alone.embeddings[0], atol=1e-5)
        np.testing.assert_allclose(together.heads["emotions"][index], alone.heads["emotions"][0], atol=1e-5)
        assert together.truncated[index] == alone.truncated[0]


class RecordingSession:
    """A session that records the sizes of its batches."""

    def __init__(self, session: InferenceSession) -> None:
        self._session = session
        self.sizes: list[int] = []

    def run(self, outputs: list[str], feed: dict[str, np.ndarray[Any, Any]]) -> Any:
        self.sizes.append(len(feed["input_ids"]))
        return self._session.run(outputs, feed)

    def get_inputs(self) -> Any:
        return self._session.get_inputs()


@pytest.mark.parametrize("max_texts", [1, 8])
def test_batches_are_limited_by_the_artifact(make_encoder: MakeEncoder, max_texts: int) -> None:
    folder = make_encoder(batch=max_texts)
    session = RecordingSession(load_session(folder / GRAPH))
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    TextEncoder(read_config(folder, EncoderConfig), session, tokenizer).encode(["rain"] * 20)
    assert max(session.sizes) == max_texts
    assert sum(session.sizes) == 20


def test_progress_of_batches_increases_towards_one(batching: TextEncoder) -> None:
    shares: list[float] = []
    batching.encode(["rain", "the rain"] * 40, progress=shares.append)
    assert shares == sorted(shares)
    assert 0.0 < shares[0] < shares[-1] < 1.0


def test_no_texts_give_no_rows(encoder: TextEncoder) -> None:
    encoded = encoder.encode([])
    assert encoded.embeddings.shape == (0, 5)
    assert encoded.heads["emotions"].shape == (0, len(LABELS))
    assert encoded.truncated.shape == (0,)


def test_only_texts_beyond_the_limit_are_marked_truncated(encoder: TextEncoder) -> None:
    texts = [" ".join(["rain"] * count) for count in (MAX_LENGTH - 1, MAX_LENGTH, MAX_LENGTH + 1)]
    assert encoder.encode(texts).truncated.tolist() == [False, False, True]


def test_token_counts_are_those_after_truncation(encoder: TextEncoder) -> None:
    texts = ["rain", "the table", " ".join(["rain"] * (MAX_LENGTH + 3))]
    assert encoder.token_counts(texts) == [1, 2, MAX_LENGTH]


def test_the_token_budget_is_that_of_the_head_within_the_encoders(
    make_encoder: MakeEncoder,
) -> None:
    heads = {"emotions": head_config("emotions", passage=7), "topics": head_config("topics", passage=99)}
    encoder = load_encoder(make_encoder(heads=heads))
    assert (encoder.token_budget("emotions"), encoder.token_budget("topics")) == (7, MAX_LENGTH)


def test_truncation_keeps_the_beginning(encoder: TextEncoder) -> None:
    start = " ".join(["rain"] * MAX_LENGTH)
    rows = encoder.encode([start, start + " happy"]).embeddings
    np.testing.assert_array_equal(rows[0], rows[1])


def test_a_graph_may_take_token_types(make_encoder: MakeEncoder) -> None:
    encoder = load_encoder(make_encoder(inputs=("attention_mask", "input_ids", "token_type_ids")))
    assert encoder.encode(["happy"]).embeddings[0, 0] == 1.0


def test_a_graph_with_other_inputs_is_rejected(make_encoder: MakeEncoder) -> None:
    folder = make_encoder(inputs=("input_ids", "attention_mask", "pixels"))
    with pytest.raises(ArtifactError, match="pixels"):
        load_encoder(folder)


def test_a_config_with_the_wrong_width_is_rejected(make_encoder: MakeEncoder) -> None:
    folder = make_encoder(embedding={"output": "embedding", "dimensions": 384})
    with pytest.raises(ArtifactError, match="'embedding' of width 384"):
        load_encoder(folder)


def test_a_config_with_a_missing_threshold_is_rejected(make_encoder: MakeEncoder) -> None:
    head = {"output": "emotions", "labels": LABELS, "thresholds": [0.5, 0.5], "temperatures": [1, 1, 1]}
    folder = make_encoder(heads={"emotions": head})
    with pytest.raises(ArtifactError, match="must have the same length"):
        load_encoder(folder)


def test_each_head_has_its_configured_input_and_aggregation(make_encoder: MakeEncoder) -> None:
    fields = {"reads": "sentences", "aggregation": "noisy-or"}
    heads = {"emotions": head_config("emotions"), "topics": head_config("topics", **fields)}
    encoder = load_encoder(make_encoder(heads=heads))
    configured = {name: (head.reads, head.aggregation) for name, head in encoder.config.heads.items()}
    assert configured == {
        "emotions": (HeadInput.BOTH, Aggregation.PEAK),
        "topics": (HeadInput.SENTENCES, Aggregation.NOISY_OR),
    }


@pytest.mark.parametrize("invalid", [{"reads": "paragraphs"}, {"aggregation": "median"}])
def test_an_unknown_input_or_aggregation_is_rejected(
    make_encoder: MakeEncoder, invalid: dict[str, str]
) -> None:
    folder = make_encoder(heads={"emotions": head_config("emotions", **invalid)})
    with pytest.raises(ArtifactError, match=next(iter(invalid))):
        load_encoder(folder)


def test_a_corrupt_tokenizer_is_rejected(tiny_encoder: Path) -> None:
    (tiny_encoder / "tokenizer.json").write_text("{}")
    with pytest.raises(ArtifactError, match=r"tokenizer\.json"):
        load_encoder(tiny_encoder)


def test_an_unknown_head_is_rejected(encoder: TextEncoder) -> None:
    with pytest.raises(ArtifactError, match="'feelings'"):
        encoder.head("feelings")


def test_a_process_loads_one_instance_even_if_threads_race(tiny_encoder: Path) -> None:
    barrier = Barrier(4)

    def load(_: int) -> TextEncoder:
        barrier.wait()
        return load_encoder(tiny_encoder)

    with ThreadPoolExecutor(4) as pool:
        assert len({id(encoder) for encoder in pool.map(load, range(4))}) == 1


def test_threads_do_not_disturb_each_other(encoder: TextEncoder) -> None:
    alone = encoder.encode(TEXTS).embeddings
    with ThreadPoolExecutor(4) as pool:
        for rows in pool.map(lambda _: encoder.encode(TEXTS).embeddings, range(16)):
            np.testing.assert_array_equal(rows, alone)


def test_progress_increases_towards_one(encoder: TextEncoder) -> None:
    shares: list[float] = []
    encoder.encode(["rain"] * 100, progress=shares.append)
    assert shares == sorted(shares)
    assert 0.0 < shares[0] < shares[-1] < 1.0


def test_a_lost_lease_stops_the_work(encoder: TextEncoder) -> None:
    def lost(_: float) -> None:
        raise LeaseLost("another worker has it")

    with pytest.raises(LeaseLost):
        encoder.encode(["rain"] * 100, progress=lost)


def test_probabilities_are_sigmoids_with_temperature() -> None:
    head = Head(output="o", labels=("a", "b"), thresholds=(0.5, 0.5), temperatures=(1.0, 2.0))
    logits = np.asarray([[0.0, 0.0], [2.0, 2.0], [-90.0, 90.0]], dtype=np.float32)
    expected = 1.0 / (1.0 + np.exp(-np.asarray([[0.0, 0.0], [2.0, 1.0], [-90.0, 45.0]])))
    np.testing.assert_allclose(head.probabilities(logits), expected, atol=1e-6)
