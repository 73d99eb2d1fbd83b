"""What the network writes while it trains: the likeliest token each time, in torch."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from build import tokenization
from build.summarization.network.pointer_generator import Summarizer, log_chances
from build.summarization.network.vocabulary import Vocabulary

_BATCH = 24
_MOST = 80


def write(
    model: Summarizer, vocabulary: Vocabulary, texts: Sequence[str], max_source: int, length: int = 3
) -> list[str]:
    """A summary of each text, opened with the ``length``-th mark."""
    model.eval()
    rows = vocabulary.sources(texts, max_source)
    written = [""] * len(texts)
    for batch, ids, mask in tokenization.padded_batches(rows, _BATCH):
        made = _greedy(model, vocabulary, torch.from_numpy(ids), torch.from_numpy(mask), length)
        for row, summary in zip(batch.tolist(), made, strict=True):
            written[row] = vocabulary.tokenizer.decode(summary)
    return written


@torch.inference_mode()  # type: ignore[untyped-decorator]
def _greedy(
    model: Summarizer, vocabulary: Vocabulary, ids: torch.Tensor, mask: torch.Tensor, length: int
) -> list[list[int]]:
    device = model.bias.device
    with torch.autocast(device.type, dtype=torch.bfloat16):
        memory = model.read(ids.to(device), mask.to(device))
        past = model.nothing(len(ids))
        token = torch.full((len(ids), 1), vocabulary.marks[length], device=device)
        ended = torch.zeros(len(ids), dtype=torch.bool, device=device)
        written = []
        for _ in range(min(_MOST, model.positions.num_embeddings)):
            said, past = model.decode(token, past, memory)
            chances = log_chances(said, model.common, memory.ids, len(model.place))
            token = chances[:, -1].argmax(-1, keepdim=True)
            ended |= token[:, 0] == vocabulary.close
            if bool(ended.all()):
                break
            written.append(torch.where(ended, vocabulary.pad, token[:, 0]))
    columns = torch.stack(written, dim=1).tolist() if written else [[] for _ in ids]
    return [[token for token in row if token != vocabulary.pad] for row in columns]
