"""Greedy decoding in torch, for monitoring during training and for distillation."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from build import tokenization
from build.summarization.network.pointer_generator import Summarizer, token_log_probabilities
from build.summarization.network.vocabulary import Vocabulary

_BATCH_SIZE = 24
_MAX_TOKENS = 80


def write_summaries(
    model: Summarizer, vocabulary: Vocabulary, texts: Sequence[str], max_source: int, length: int = 3
) -> list[str]:
    """A summary of each text, started with the length token of index ``length``."""
    model.eval()
    rows = vocabulary.sources(texts, max_source)
    written = [""] * len(texts)
    for batch, ids, mask in tokenization.padded_batches(rows, _BATCH_SIZE):
        decoded = _greedy(model, vocabulary, torch.from_numpy(ids), torch.from_numpy(mask), length)
        for row, summary in zip(batch.tolist(), decoded, strict=True):
            written[row] = vocabulary.tokenizer.decode(summary)
    return written


@torch.inference_mode()  # type: ignore[untyped-decorator]
def _greedy(
    model: Summarizer, vocabulary: Vocabulary, ids: torch.Tensor, mask: torch.Tensor, length: int
) -> list[list[int]]:
    device = model.bias.device
    with torch.autocast(device.type, dtype=torch.bfloat16):
        encoded = model.encode(ids.to(device), mask.to(device))
        past = model.empty_past(len(ids))
        token = torch.full((len(ids), 1), vocabulary.length_tokens[length], device=device)
        is_finished = torch.zeros(len(ids), dtype=torch.bool, device=device)
        written = []
        for _ in range(min(_MAX_TOKENS, model.positions.num_embeddings)):
            output, past = model.decode(token, past, encoded)
            log_probabilities = token_log_probabilities(
                output, model.output_tokens, encoded.ids, len(model.output_index)
            )
            token = log_probabilities[:, -1].argmax(-1, keepdim=True)
            is_finished |= token[:, 0] == vocabulary.close
            if bool(is_finished.all()):
                break
            written.append(torch.where(is_finished, vocabulary.pad, token[:, 0]))
    columns = torch.stack(written, dim=1).tolist() if written else [[] for _ in ids]
    return [[token for token in row if token != vocabulary.pad] for row in columns]
