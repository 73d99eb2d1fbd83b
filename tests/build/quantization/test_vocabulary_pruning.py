"""Vocabulary pruning keeps token ids and embedding rows consistent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.build
pytest.importorskip("torch", exc_type=ImportError)

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors  # noqa: E402

from build import tokenization  # noqa: E402
from build.errors import ArtifactError  # noqa: E402
from build.quantization import vocabulary_pruning  # noqa: E402
from functions.shared.runtime.onnx import load_session  # noqa: E402

LETTERS = "abdgt"
WORDS = (
    *("[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    *(piece for letter in LETTERS for piece in (letter, f"##{letter}")),
    *("дом", "é", "!", "glad", "bad", "##dad"),
)


@pytest.fixture(params=["bert", "template"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    numbers = {word: at for at, word in enumerate(WORDS)}
    made = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=False)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    sep, cls = ("[SEP]", numbers["[SEP]"]), ("[CLS]", numbers["[CLS]"])
    made.post_processor = (
        processors.BertProcessing(sep, cls)
        if request.param == "bert"
        else processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[sep, cls])
    )
    made.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    made.save(str(tmp_path / "tokenizer.json"))
    return tmp_path / "tokenizer.json"


def tokenize(path: Path, text: str) -> list[str]:
    return [str(token) for token in tokenization.load_tokenizer(path).encode(text).tokens]


def test_placeholders_and_other_scripts_are_dropped(file: Path) -> None:
    kept = {WORDS[at] for at in vocabulary_pruning.latin_token_ids(file)}
    assert set(WORDS) - kept == {"[unused0]", "дом"}


def test_dropped_word_is_split_into_shorter_pieces(file: Path, tmp_path: Path) -> None:
    kept = np.array(
        [at for at in vocabulary_pruning.latin_token_ids(file) if WORDS[at] not in ("bad", "##dad")]
    )
    vocabulary_pruning.prune_tokenizer(file, tmp_path / "small.json", kept.tolist())
    assert (
        tokenize(tmp_path / "small.json", "Glad!")
        == tokenize(file, "Glad!")
        == ["[CLS]", "glad", "!", "[SEP]"]
    )
    assert tokenize(file, "bad") == ["[CLS]", "bad", "[SEP]"]
    assert tokenize(tmp_path / "small.json", "bad") == ["[CLS]", "b", "##a", "##d", "[SEP]"]


def test_special_tokens_cannot_be_dropped(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"\[SEP\] cannot be left out"):
        vocabulary_pruning.prune_tokenizer(file, tmp_path / "small.json", {0, 2, 3, 5})
    assert not (tmp_path / "small.json").exists()


def test_kept_tokens_keep_their_embeddings(graph: Path, rows: list[list[int]], tmp_path: Path) -> None:
    kept = sorted({0, *(token for row in rows[:10] for token in row)})
    vocabulary_pruning.prune_embedding_table(graph, tmp_path / "small.onnx", kept)
    numbers = {old: new for new, old in enumerate(kept)}
    before, after = load_session(graph), load_session(tmp_path / "small.onnx")
    for row in rows[:10]:
        ids, mask = tokenization.pad_batch([row])
        small, _ = tokenization.pad_batch([[numbers[token] for token in row]])
        expected = before.run(None, {"input_ids": ids, "attention_mask": mask})
        actual = after.run(None, {"input_ids": small, "attention_mask": mask})
        assert all(np.array_equal(a, b) for a, b in zip(expected, actual, strict=True))
