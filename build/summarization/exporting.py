"""From trained networks to artifacts as serving reads them: SAMO-small's variants, and any T5."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from transformers import AutoConfig, T5ForConditionalGeneration

from build.errors import ArtifactError, CheckpointError
from build.files import write_json
from build.summarization import graphs
from build.summarization.config import Artifact
from build.summarization.pointer import PointerNetwork
from build.summarization.small_graphs import quantise
from build.summarization.t5 import T5Network
from build.summarization.vocabulary import LENGTHS, Vocabulary
from build.summarization.workspace import Workspace
from build.training import checkpoint
from functions.shared.runtime.onnx import CONFIG
from functions.shared.text.encoder import TOKENIZER
from functions.summarization.beam_search import DecodingConfig
from functions.summarization.seq2seq import LengthToken, Seq2SeqConfig

log = logging.getLogger(__name__)

_LONGEST = 100_000
"""Words of a summary for which the last mark of length still stands."""


def export(work: Workspace, name: str) -> None:
    """A trained variant as float32 and as eight-bit graphs.

    Raises:
        CheckpointError: it isn't trained to its end.
        ArtifactError: a graph computes something else than the network.
    """
    variant = work.config.variants[name]
    model = work.fresh()
    rounds = checkpoint.load_weights(work.run.variant(name), model)
    if rounds < variant.training.rounds:
        raise CheckpointError(f"{name} holds only {rounds} rounds: run the train step")
    network = PointerNetwork(model)
    worst = graphs.export(network, work.run.fp32(name))
    log.info("%s: graphs differ from torch by %.1e", name, worst)
    config = pointer_config(name, variant.artifact, work.vocabulary, network.shape)
    _finish(work.run.fp32(name), work.run.int8(name), config, work.vocabulary.tokenizer)


def pointer_config(
    name: str, settings: Artifact, vocabulary: Vocabulary, shape: graphs.Shape
) -> Seq2SeqConfig:
    """SAMO-small's `config.json`."""
    marks = zip(vocabulary.marks, (*LENGTHS, _LONGEST), strict=True)
    return Seq2SeqConfig(
        name=name,
        version=settings.version,
        family="pointer",
        max_source=settings.max_source,
        opening=vocabulary.marks[0],
        end=vocabulary.close,
        before=vocabulary.open,
        separator=vocabulary.close,
        guided=True,
        marks=tuple(LengthToken(token, words) for token, words in marks),
        banned=(vocabulary.open, vocabulary.mask, vocabulary.pad),
        layers=shape.layers,
        heads=shape.heads,
        head_width=shape.head_width,
        search=DecodingConfig(
            beams=settings.beams,
            most=settings.most,
            length_penalty=settings.length_penalty,
            no_repeat=settings.no_repeat,
        ),
        worth=settings.worth,
        least_supported=settings.least_supported,
    )


def export_t5(source: Path, target: Path, name: str, version: str) -> None:
    """Any T5 in a folder (`config.json`, weights, `tokenizer.json`) as an eight-bit artifact.

    Raises:
        ArtifactError: the folder holds no T5, or a graph computes something else.
    """
    try:
        shape = AutoConfig.from_pretrained(source)
        if shape.model_type != "t5":
            raise ArtifactError(f"{source.name} is a {shape.model_type}, not a T5")
        model: Any = T5ForConditionalGeneration.from_pretrained(source)
        tokenizer = Tokenizer.from_file(str(source / TOKENIZER))
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{source.name} cannot be read as a T5: {type(error).__name__}") from error
    network = T5Network(model)
    config = Seq2SeqConfig(
        name=name,
        version=version,
        family="t5",
        max_source=512,
        prefix="summarize: ",
        opening=int(shape.decoder_start_token_id),
        end=int(shape.eos_token_id),
        banned=(int(shape.pad_token_id),) if shape.pad_token_id != shape.eos_token_id else (),
        layers=network.shape.layers,
        heads=network.shape.heads,
        head_width=network.shape.head_width,
        search=DecodingConfig(beams=4, least=8, most=96, length_penalty=2.0, no_repeat=3),
    )
    plain = target.with_name(f"{target.name}.fp32")
    try:
        log.info("%s: graphs differ from torch by %.1e", name, graphs.export(network, plain))
        _finish(plain, target, config, tokenizer)
    finally:
        shutil.rmtree(plain, ignore_errors=True)


def _finish(plain: Path, small: Path, config: Seq2SeqConfig, tokenizer: Tokenizer) -> None:
    """Eight-bit graphs beside the float32 ones, both with all that serving needs."""
    quantise(plain, small)
    for folder in (plain, small):
        write_json(folder / CONFIG, config)
        tokenizer.save(str(folder / TOKENIZER), pretty=False)
