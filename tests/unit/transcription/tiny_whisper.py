"""A tiny Whisper model with random weights, in the format of faster-whisper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from functions.shared.audio.decoding import SAMPLE_RATE
from tests.unit.transcription.media import Samples, seconds

_WIDTH, _HEADS, _LAYERS, _MELS = 32, 2, 1, 80
_LANGUAGES = ("en", "de", "fr")
_SPECIAL = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    *(f"<|{language}|>" for language in _LANGUAGES),
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
)
_TIMESTAMPS = tuple(f"<|{index * 0.02:.2f}|>" for index in range(1501))


def write(folder: Path) -> Path:
    """Write model.bin, config.json, vocabulary.json and tokenizer.json."""
    from ctranslate2.specs import WhisperSpec
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({letter: index for index, letter in enumerate(letters)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in _SPECIAL])
    tokenizer.add_tokens([AddedToken(token) for token in _TIMESTAMPS])
    tokens = [*letters, *_SPECIAL, *_TIMESTAMPS]

    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    spec = WhisperSpec(_LAYERS, _HEADS, _LAYERS, _HEADS)
    _fill(spec, len(tokens))
    spec.register_vocabulary(tokens)
    first = len(letters) + 2
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = list(range(first, first + len(_LANGUAGES)))
    spec.config.alignment_heads = [(0, 0)]
    spec.validate()
    spec.save(str(folder))
    return folder


def _fill(spec: Any, vocabulary: int) -> None:
    random = np.random.default_rng(3)

    def weights(*shape: int) -> Any:
        return (random.standard_normal(shape) * 0.3).astype(np.float32)

    def linear(layer: Any, rows: int, columns: int) -> None:
        layer.weight, layer.bias = weights(rows, columns), np.zeros(rows, np.float32)

    def norm(layer: Any) -> None:
        layer.gamma, layer.beta = np.ones(_WIDTH, np.float32), np.zeros(_WIDTH, np.float32)

    def attend(block: Any, across: bool) -> None:
        norm(block.layer_norm)
        sizes = [_WIDTH, 2 * _WIDTH, _WIDTH] if across else [3 * _WIDTH, _WIDTH]
        for layer, rows in zip(block.linear, sizes, strict=True):
            linear(layer, rows, _WIDTH)

    encoder, decoder = spec.encoder, spec.decoder
    for conv, channels in ((encoder.conv1, _MELS), (encoder.conv2, _WIDTH)):
        conv.weight, conv.bias = weights(_WIDTH, channels, 3), np.zeros(_WIDTH, np.float32)
    encoder.position_encodings.encodings = weights(1500, _WIDTH)
    decoder.position_encodings.encodings = weights(448, _WIDTH)
    decoder.embeddings.weight = weights(vocabulary, _WIDTH)
    decoder.projection.weight = weights(vocabulary, _WIDTH)
    decoder.scale_embeddings = False
    for side in (encoder, decoder):
        norm(side.layer_norm)
        for layer in side.layer:
            attend(layer.self_attention, across=False)
            if side is decoder:
                attend(layer.attention, across=True)
            norm(layer.ffn.layer_norm)
            linear(layer.ffn.linear_0, 4 * _WIDTH, _WIDTH)
            linear(layer.ffn.linear_1, _WIDTH, 4 * _WIDTH)


def vowels(duration: float) -> Samples:
    """A buzz through formants that change four times per second, with the loudness of syllables."""
    time = seconds(duration)
    pitch = 2 * np.pi * np.cumsum(120 + 15 * np.sin(2 * np.pi * 0.7 * time)) / SAMPLE_RATE
    first = np.array([700, 300, 500, 400])[(4 * time).astype(int) % 4][:, None]
    second = np.array([1200, 2200, 1700, 900])[(4 * time).astype(int) % 4][:, None]
    overtones = np.arange(1, 30)
    hertz = 120 * overtones
    loud = sum(np.exp(-(((hertz - peak) / 150) ** 2)) for peak in (first, second)) / overtones**0.5
    voice = (loud * np.sin(pitch[:, None] * overtones)).sum(axis=1) * np.abs(np.sin(2 * np.pi * 2 * time))
    return np.asarray(voice / np.abs(voice).max() / 2, np.float32)
