"""A smaller vocabulary: ids in the tokenizer and rows in the table stay the same words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.build
pytest.importorskip("torch", exc_type=ImportError)

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors  # noqa: E402

from build import tokens  # noqa: E402
from build.errors import ArtifactError  # noqa: E402
from build.quantisation import vocabulary  # noqa: E402
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


def spelt(path: Path, text: str) -> list[str]:
    return [str(token) for token in tokens.open_tokenizer(path).encode(text).tokens]


def test_placeholders_and_other_scripts_go(file: Path) -> None:
    kept = {WORDS[at] for at in vocabulary.latin(file)}
    assert set(WORDS) - kept == {"[unused0]", "дом"}


def test_a_word_left_out_is_spelt_with_shorter_pieces_and_others_as_before(
    file: Path, tmp_path: Path
) -> None:
    kept = np.array([at for at in vocabulary.latin(file) if WORDS[at] not in ("bad", "##dad")])
    vocabulary.prune_tokenizer(file, tmp_path / "small.json", kept.tolist())
    assert spelt(tmp_path / "small.json", "Glad!") == spelt(file, "Glad!") == ["[CLS]", "glad", "!", "[SEP]"]
    assert spelt(file, "bad") == ["[CLS]", "bad", "[SEP]"]
    assert spelt(tmp_path / "small.json", "bad") == ["[CLS]", "b", "##a", "##d", "[SEP]"]


def test_a_special_token_cannot_be_left_out(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"\[SEP\] cannot be left out"):
        vocabulary.prune_tokenizer(file, tmp_path / "small.json", {0, 2, 3, 5})
    assert not (tmp_path / "small.json").exists()


def test_kept_words_mean_what_they_meant(graph: Path, rows: list[list[int]], tmp_path: Path) -> None:
    kept = sorted({0, *(token for row in rows[:10] for token in row)})
    vocabulary.prune_table(graph, tmp_path / "small.onnx", kept)
    numbers = {old: new for new, old in enumerate(kept)}
    before, after = load_session(graph), load_session(tmp_path / "small.onnx")
    for row in rows[:10]:
        ids, mask = tokens.pad([row])
        small, _ = tokens.pad([[numbers[token] for token in row]])
        wanted = before.run(None, {"input_ids": ids, "attention_mask": mask})
        found = after.run(None, {"input_ids": small, "attention_mask": mask})
        assert all(np.array_equal(a, b) for a, b in zip(wanted, found, strict=True))
