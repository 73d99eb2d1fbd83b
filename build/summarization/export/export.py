"""Exports trained networks as artifacts that serving can load: SAMO-small's variants, and any T5."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from transformers import AutoConfig, T5ForConditionalGeneration

from build.errors import ArtifactError, CheckpointError
from build.files import write_json
from build.summarization.config import Artifact
from build.summarization.export import graphs
from build.summarization.export.pointer_graph import PointerNetwork
from build.summarization.export.quantize import quantize
from build.summarization.export.t5_graph import T5Network
from build.summarization.network.vocabulary import LENGTH_BOUNDS, Vocabulary
from build.summarization.workspace import Workspace
from build.training import checkpoint
from functions.shared.runtime.onnx import CONFIG
from functions.shared.text.encoder import TOKENIZER
from functions.summarization.abstracts.beam_search import DecodingConfig
from functions.summarization.abstracts.seq2seq import LengthToken, Seq2SeqConfig

log = logging.getLogger(__name__)

_NO_LIMIT = 100_000
"""Number of words for the last length token."""


def export(workspace: Workspace, name: str) -> None:
    """Export a trained variant as float32 and int8 graphs.

    Raises:
        CheckpointError: its training is not complete.
        ArtifactError: a graph's outputs differ from the network's.
    """
    variant = workspace.config.variants[name]
    model = workspace.new_model()
    epochs = checkpoint.load_weights(workspace.run_dir.variant(name), model)
    if epochs < variant.training.epochs:
        raise CheckpointError(f"{name} has only {epochs} epochs: run the train step")
    network = PointerNetwork(model)
    difference = graphs.export(network, workspace.run_dir.fp32(name))
    log.info("%s: graphs differ from torch by %.1e", name, difference)
    config = pointer_config(name, variant.artifact, workspace.vocabulary, network.shape)
    _write_artifacts(
        workspace.run_dir.fp32(name), workspace.run_dir.int8(name), config, workspace.vocabulary.tokenizer
    )


def pointer_config(
    name: str, artifact: Artifact, vocabulary: Vocabulary, shape: graphs.Shape
) -> Seq2SeqConfig:
    """`config.json` of SAMO-small."""
    length_tokens = zip(vocabulary.length_tokens, (*LENGTH_BOUNDS, _NO_LIMIT), strict=True)
    return Seq2SeqConfig(
        name=name,
        version=artifact.version,
        family="pointer",
        max_source=artifact.max_source,
        opening=vocabulary.length_tokens[0],
        end=vocabulary.close,
        before=vocabulary.open,
        separator=vocabulary.close,
        guided=True,
        marks=tuple(LengthToken(token, words) for token, words in length_tokens),
        banned=(vocabulary.open, vocabulary.mask, vocabulary.pad),
        layers=shape.layers,
        heads=shape.heads,
        head_width=shape.head_width,
        search=DecodingConfig(
            beams=artifact.beams,
            most=artifact.most,
            length_penalty=artifact.length_penalty,
            no_repeat=artifact.no_repeat,
        ),
        worth=artifact.worth,
        least_supported=artifact.least_supported,
    )


def export_t5(source: Path, target: Path, name: str, version: str) -> None:
    """Export a T5 from a folder (`config.json`, weights, `tokenizer.json`) as an int8 artifact.

    Raises:
        ArtifactError: the folder has no T5, or a graph's outputs differ from the network's.
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
    fp32 = target.with_name(f"{target.name}.fp32")
    try:
        log.info("%s: graphs differ from torch by %.1e", name, graphs.export(network, fp32))
        _write_artifacts(fp32, target, config, tokenizer)
    finally:
        shutil.rmtree(fp32, ignore_errors=True)


def _write_artifacts(fp32: Path, int8: Path, config: Seq2SeqConfig, tokenizer: Tokenizer) -> None:
    """Quantize the float32 graphs, and add the other files that serving needs to both folders."""
    quantize(fp32, int8)
    for folder in (fp32, int8):
        write_json(folder / CONFIG, config)
        tokenizer.save(str(folder / TOKENIZER), pretty=False)
