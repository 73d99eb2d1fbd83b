"""The journal reader: reads a whole entry, in order, and says what it expresses.

Unlike the text encoder, it sees every sentence with what comes before and after it. Entries longer than its
input are read in overlapping windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from functions.emotion.reader_config import Labels, ReaderConfig
from functions.emotion.sentiment import valence
from functions.shared.domain.labels import NEUTRAL
from functions.shared.domain.stage_work import ReportProgress, no_progress
from functions.shared.errors import ArtifactError
from functions.shared.runtime.onnx import GRAPH, loading, read_config
from functions.shared.text.emoji import in_words
from functions.shared.text.encoder import TOKENIZER, load_tokenizer
from functions.shared.text.plain import plain
from functions.shared.text.windows import Window, best_window, windows

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

    Floats = npt.NDArray[np.float32]

READER = "journal-reader"
"""The shipped artifact."""

OF_SENTENCES = ("sentence_emotions", "core", "avoid")
OF_ENTRY = ("emotions", "primary", "feelings", "topics", "mood", "support")


class SentenceReading(msgspec.Struct, frozen=True, kw_only=True):
    """What one sentence expresses in its entry.

    Attributes:
        emotions: those named, most probable first, with their probabilities; empty if neutral.
        sentiment: how positive its emotions are, from -1 to 1.
        core: the probability that someone would quote it for the entry's emotional core.
        avoid: the probability that quoting it would be silly.
    """

    emotions: tuple[tuple[str, float], ...]
    sentiment: float
    core: float
    avoid: float


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry expresses. Labels have their probabilities, and the strongest come first.

    Attributes:
        emotions: of the whole entry, without neutral unless there is no other.
        certain: whether the first emotion is clear.
        mood: from -1, very heavy, to 1, very bright.
        support: the probability that a caring reader would offer support.
    """

    emotions: tuple[tuple[str, float], ...]
    feelings: tuple[tuple[str, float], ...]
    topics: tuple[tuple[str, float], ...]
    certain: bool
    mood: float
    support: float
    sentences: tuple[SentenceReading, ...]


class JournalReader:
    """Reads entries; may be called from several threads at once."""

    def __init__(self, config: ReaderConfig, session: InferenceSession, tokenizer: Tokenizer) -> None:
        self.config = config
        self._session = session
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._first, *_, self._last = tokenizer.encode("a").ids
        # One window at a time: a long one needs 100 MiB, and running several at once is no faster.
        self._running = Lock()

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> JournalReader:
        """The reader in `folder`; every caller in the process shares one instance.

        Raises:
            ArtifactError: a file is missing or incompatible.
        """
        with _loading:
            return _load(folder.resolve(), threads)

    def read(self, sentences: Sequence[str], *, progress: ReportProgress = no_progress) -> Reading:
        """Read an entry of at least one sentence."""
        outputs = self.logits(sentences, progress=progress)
        return Reading(
            emotions=self._emotions(outputs["emotions"], outputs["primary"]),
            feelings=named(self.config.feelings, outputs["feelings"]),
            topics=named(self.config.topics, outputs["topics"]),
            certain=self._is_certain(outputs["primary"]),
            mood=self._mood(float(outputs["mood"][0])),
            support=round(float(_sigmoid(outputs["support"])[0]), 4),
            sentences=tuple(self._sentence(outputs, index) for index in range(len(sentences))),
        )

    def logits(
        self, sentences: Sequence[str], *, progress: ReportProgress = no_progress
    ) -> dict[str, Floats]:
        """Every output: (sentences, width) for those of sentences, (width,) for those of the entry."""
        import numpy as np

        tokens = [self._tokens(sentence) for sentence in sentences]
        covering = windows([len(row) for row in tokens], self.config.max_length - 2)
        read = []
        for index, window in enumerate(covering):
            read.append(self._run(tokens, window))
            progress((index + 1) / len(covering))
        best = [best_window(index, covering) for index in range(len(sentences))]
        outputs = {
            name: np.stack([read[at][name][index - covering[at][0]] for index, at in enumerate(best)])
            for name in OF_SENTENCES
        }
        lengths = [sum(len(row) for row in tokens[start:end]) for start, end in covering]
        for name in OF_ENTRY:
            outputs[name] = np.average([window[name] for window in read], axis=0, weights=lengths)
        return outputs

    def _tokens(self, sentence: str) -> list[int]:
        read = readable(sentence)
        ids = self._tokenizer.encode(read, add_special_tokens=False).ids[: self.config.max_sentence]
        return ids or [self._last]

    def _run(self, tokens: Sequence[list[int]], window: Window) -> dict[str, Floats]:
        """The graph's outputs for one window, without the batch dimension."""
        import numpy as np

        rows = tokens[slice(*window)]
        ids = [self._first, *(token for row in rows for token in row), self._last]
        pooling = np.zeros((1, len(rows), len(ids)), dtype=np.float32)
        start = 1
        for index, row in enumerate(rows):
            pooling[0, index, start : start + len(row)] = 1.0 / len(row)
            start += len(row)
        feeds = {
            "input_ids": np.asarray([ids], dtype=np.int64),
            "attention_mask": np.ones((1, len(ids)), dtype=np.int64),
            "pooling": pooling,
        }
        names = [*OF_SENTENCES, *OF_ENTRY]
        with self._running:
            outputs = self._session.run(names, feeds)
        return dict(zip(names, (rows[0] for rows in outputs), strict=True))

    def _emotions(self, logits: Floats, primary: Floats) -> tuple[tuple[str, float], ...]:
        """The named emotions of the whole, the likeliest first emotion first; at least one."""
        labels = self.config.emotions
        probabilities = labels.calibration.probabilities(logits).tolist()
        first = _softmax(primary / self.config.primary).tolist()
        ranked = sorted(range(len(labels.names)), key=lambda index: (-first[index], index))
        emotions = [index for index in ranked if labels.names[index] != NEUTRAL]
        leads = labels.names[ranked[0]] == NEUTRAL
        passed = [index for index in emotions if probabilities[index] >= labels.threshold]
        chosen = passed[: labels.limit] or (ranked[:1] if leads else emotions[:1])
        return tuple((labels.names[index], round(probabilities[index], 4)) for index in chosen)

    def _mood(self, valence: float) -> float:
        return round(min(max((valence + self.config.mood) / 2.0, -1.0), 1.0), 4)

    def _is_certain(self, primary: Floats) -> bool:
        return bool(_softmax(primary / self.config.primary).max() >= self.config.certain)

    def _sentence(self, outputs: dict[str, Floats], index: int) -> SentenceReading:
        labels, logits = self.config.sentence_emotions, outputs["sentence_emotions"][index]
        sentiment = valence(labels.calibration.probabilities(logits), labels.names)
        return SentenceReading(
            emotions=tuple(scored for scored in named(labels, logits) if scored[0] != NEUTRAL),
            sentiment=round(float(sentiment), 4),
            core=round(float(self.config.core.probabilities(outputs["core"][index])[0]), 4),
            avoid=round(float(self.config.avoid.probabilities(outputs["avoid"][index])[0]), 4),
        )


def readable(sentence: str) -> str:
    """The text of a sentence that the reader sees, in training too: without markup, emoji in words."""
    return in_words(plain(sentence))


def named(labels: Labels, logits: Floats) -> tuple[tuple[str, float], ...]:
    """The labels that reach the threshold with their probabilities, most probable first."""
    probabilities = labels.calibration.probabilities(logits).tolist()
    scored = sorted(zip(labels.names, probabilities, strict=True), key=lambda pair: -pair[1])
    passed = [(name, round(value, 4)) for name, value in scored if value >= labels.threshold]
    return tuple(passed[: labels.limit])


def _sigmoid(logits: Floats) -> Floats:
    import numpy as np

    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)))


def _softmax(logits: Floats) -> Floats:
    import numpy as np

    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum())


_loading = Lock()


@cache
def _load(folder: Path, threads: int) -> JournalReader:
    config = read_config(folder, ReaderConfig)
    (loading_session,) = loading(folder / GRAPH, threads=threads)
    tokenizer = load_tokenizer(folder / TOKENIZER)
    session = loading_session.result()
    missing = {*OF_SENTENCES, *OF_ENTRY} - {node.name for node in session.get_outputs()}
    if missing:
        raise ArtifactError(f"{config.name} {config.version} has no outputs {sorted(missing)}")
    return JournalReader(config, session, tokenizer)
