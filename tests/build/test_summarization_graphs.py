"""Exported graphs and our own search write, token for token, what transformers' `generate()` writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.build
pytest.importorskip("torch", exc_type=ImportError)

import torch  # noqa: E402
from tokenizers import Tokenizer, models  # noqa: E402
from transformers import BertConfig, T5Config, T5ForConditionalGeneration  # noqa: E402

from build.errors import ArtifactError  # noqa: E402
from build.quantisation.graphs import Graph  # noqa: E402
from build.summarization import graphs  # noqa: E402
from build.summarization.config import Network  # noqa: E402
from build.summarization.model import Summarizer, log_chances  # noqa: E402
from build.summarization.pointer import PointerNetwork  # noqa: E402
from build.summarization.small_graphs import quantise  # noqa: E402
from build.summarization.t5 import T5Network  # noqa: E402
from functions.shared.runtime.onnx import load_session  # noqa: E402
from functions.summarization.beam_search import DecodingConfig, search, stream  # noqa: E402
from functions.summarization.seq2seq import DECODER, ENCODER, Seq2Seq, Seq2SeqConfig  # noqa: E402

TOKENS, END = 120, 1
SOURCES = st.lists(st.integers(2, TOKENS - 1), min_size=1, max_size=40)
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def t5() -> Any:
    torch.manual_seed(3)
    shape: dict[str, Any] = {
        "vocab_size": TOKENS, "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_decoder_layers": 2,
        "num_heads": 4, "decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": END,
    }  # fmt: skip
    model: Any = T5ForConditionalGeneration(T5Config(**shape))
    return model.eval()


def opened(folder: Path, model: Any) -> Seq2Seq:
    config = Seq2SeqConfig(
        name="t5-test", version="1", family="t5", max_source=512, opening=0, end=END,
        layers=model.config.num_decoder_layers, heads=model.config.num_heads, head_width=model.config.d_kv,
    )  # fmt: skip
    sessions = [load_session(folder / name) for name in (ENCODER, DECODER)]
    return Seq2Seq(config, sessions[0], sessions[1], Tokenizer(models.WordLevel({"a": 0}, unk_token="a")))


@pytest.fixture(scope="module")
def exported(t5: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("t5")
    graphs.export(T5Network(t5), folder)
    return folder


@pytest.fixture(scope="module")
def model(exported: Path, t5: Any) -> Seq2Seq:
    return opened(exported, t5)


def generated(t5: Any, source: list[int], how: DecodingConfig, end: int) -> list[int]:
    """What transformers writes, without opening and end."""
    out = t5.generate(
        input_ids=torch.tensor([source]), num_beams=how.beams, do_sample=False, max_new_tokens=how.most,
        min_new_tokens=how.least, length_penalty=how.length_penalty, no_repeat_ngram_size=how.no_repeat,
        early_stopping=False, eos_token_id=end,
    )[0].tolist()  # fmt: skip
    written: list[int] = out[1:]
    return written[: written.index(end)] if end in written else written


HOWS = st.builds(
    DecodingConfig,
    beams=st.sampled_from([1, 2, 4]),
    least=st.sampled_from([0, 5]),
    most=st.sampled_from([6, 20]),
    length_penalty=st.sampled_from([0.6, 1.0, 2.0]),
    no_repeat=st.sampled_from([0, 2, 3]),
)


@SLOW
@given(source=SOURCES, how=HOWS, end=st.integers(1, TOKENS - 1))
def test_fp32_writes_exactly_what_transformers_writes(
    t5: Any, model: Seq2Seq, source: list[int], how: DecodingConfig, end: int
) -> None:
    assert search(model.read(source), 0, end, how) == generated(t5, source, how, end)


@SLOW
@given(source=SOURCES)
def test_the_stream_is_what_greedy_search_finds(model: Seq2Seq, source: list[int]) -> None:
    how = DecodingConfig(beams=1, most=15)
    assert list(stream(model.read(source), 0, END, how)) == search(model.read(source), 0, END, how)


def test_int8_says_nearly_the_same_of_every_next_token(
    t5: Any, model: Seq2Seq, exported: Path, tmp_path: Path
) -> None:
    quantise(exported, tmp_path)
    small = opened(tmp_path, t5)
    worst = []
    for length in (3, 20, 60):
        source = np.random.default_rng(length).integers(2, TOKENS, length).tolist()
        one, other = model.read(source), small.read(source)
        pairs = [(one.start(0), other.start(0))]
        pairs += [(one.step([0], [token]), other.step([0], [token])) for token in (7, 9, 11)]
        worst += [np.abs(np.exp(a) - np.exp(b)).sum() / 2 for a, b in pairs]
    assert max(worst) < 0.15  # total variation


def test_a_graph_of_another_network_is_refused(t5: Any, exported: Path, tmp_path: Path) -> None:
    for name in (ENCODER, DECODER):
        (tmp_path / name).write_bytes((exported / name).read_bytes())
    graph = Graph.load(tmp_path / DECODER)
    weight = next(each for each in graph.model.graph.initializer if len(each.dims) == 2)
    weight.raw_data = np.zeros(tuple(weight.dims), dtype=np.float32).tobytes()
    graph.save(tmp_path / DECODER)
    with pytest.raises(ArtifactError, match="differs from torch"):
        graphs.check(T5Network(t5), tmp_path)


@pytest.fixture(scope="module")
def pointer() -> Any:
    torch.manual_seed(5)
    shape = BertConfig(
        vocab_size=TOKENS, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=128, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    return Summarizer(
        shape, Network(layers_from=(0, 1), positions=32, dropout=0.0), list(range(1, 60))
    ).eval()


def test_the_pointer_network_computes_the_same_as_a_graph(pointer: Summarizer, tmp_path: Path) -> None:
    assert graphs.export(PointerNetwork(pointer), tmp_path) < graphs.PARITY


@torch.inference_mode()  # type: ignore[untyped-decorator]
def test_writing_at_once_or_step_by_step_is_the_same(pointer: Summarizer) -> None:
    source, target = torch.randint(1, TOKENS, (1, 30)), torch.randint(1, TOKENS, (1, 9))
    mask = torch.ones_like(source)
    together = log_chances(pointer(source, mask, target), pointer.common, source, TOKENS)
    memory, past, steps = pointer.read(source, mask), pointer.nothing(1), []
    for at in range(target.shape[1]):
        said, past = pointer.decode(target[:, at : at + 1], past, memory)
        steps.append(log_chances(said, pointer.common, source, TOKENS))
    torch.testing.assert_close(torch.cat(steps, 1), together, atol=1e-4, rtol=0)


@torch.inference_mode()  # type: ignore[untyped-decorator]
def test_only_common_tokens_and_those_of_the_source_can_be_written(pointer: Summarizer) -> None:
    source = torch.tensor([[70, 71, 99]])
    said = pointer(source, torch.ones_like(source), torch.tensor([[5, 6]]))
    chances = log_chances(said, pointer.common, source, TOKENS).exp()
    torch.testing.assert_close(chances.sum(-1), torch.ones(1, 2))
    reachable = {*range(1, 60), 70, 71, 99}
    impossible = [token for token in range(TOKENS) if token not in reachable]
    assert chances[..., impossible].max() < 1e-10
