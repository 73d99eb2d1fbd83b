"""Synchronous emotion calls: `/predict`, as clients of the earlier system know it, and in batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import msgspec

from functions.emotion.model import EmotionModel
from functions.shared.entries import EmotionScore, EmptyReason
from functions.shared.http import TEXT_PROBLEMS, Call, Reply, Route, require_batch, require_text
from functions.shared.language import why_not_understood
from functions.shared.settings import Settings

TAG = "Emotion"


class PredictRequest(msgspec.Struct, frozen=True):
    text: str


class BatchRequest(msgspec.Struct, frozen=True):
    texts: list[str]


class Prediction(msgspec.Struct, frozen=True, omit_defaults=True):
    """Emotions above their thresholds, surest first; `empty_reason` when the text can't be understood."""

    emotions: tuple[EmotionScore, ...] = msgspec.field(default_factory=tuple)
    empty_reason: EmptyReason | None = None


class PredictResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """As `Prediction`, with the time spent on it, such as `4.1ms`."""

    emotions: tuple[EmotionScore, ...]
    inference_time: str
    empty_reason: EmptyReason | None = None


class BatchResponse(msgspec.Struct, frozen=True, kw_only=True):
    """One prediction a text, in order."""

    results: list[Prediction]
    inference_time: str


class EmotionApi:
    """Handlers over a model that is loaded with the first call."""

    def __init__(self, model: Callable[[], EmotionModel], settings: Settings) -> None:
        self._model = model
        self._settings = settings

    def predict(self, call: Call[PredictRequest]) -> Reply:
        require_text(call.body.text, self._settings.max_text_chars)
        (prediction,), spent = self._timed([call.body.text])
        return Reply(
            body=PredictResponse(
                emotions=prediction.emotions, inference_time=spent, empty_reason=prediction.empty_reason
            )
        )

    def predict_batch(self, call: Call[BatchRequest]) -> Reply:
        require_batch(call.body.texts, self._settings.max_batch)
        for text in call.body.texts:
            require_text(text, self._settings.max_text_chars)
        predictions, spent = self._timed(call.body.texts)
        return Reply(body=BatchResponse(results=predictions, inference_time=spent))

    def _timed(self, texts: Sequence[str]) -> tuple[list[Prediction], str]:
        model = self._model()
        started = time.perf_counter()
        reasons = [why_not_understood(text) for text in texts]
        understood = [text for text, reason in zip(texts, reasons, strict=True) if reason is None]
        scores = iter(model.predict(understood))
        predictions = [
            Prediction(next(scores)) if reason is None else Prediction((), reason) for reason in reasons
        ]
        return predictions, f"{(time.perf_counter() - started) * 1000:.1f}ms"


def routes(api: EmotionApi) -> Sequence[Route]:
    """The emotion function's operations."""
    return [
        Route(
            method="POST",
            path="/predict",
            handler=api.predict,
            summary="The emotions of one text",
            tag=TAG,
            body=PredictRequest,
            replies={200: PredictResponse},
            problems=TEXT_PROBLEMS,
        ),
        Route(
            method="POST",
            path="/predict_batch",
            handler=api.predict_batch,
            summary="The emotions of several texts",
            tag=TAG,
            body=BatchRequest,
            replies={200: BatchResponse},
            problems={**TEXT_PROBLEMS, "empty_batch": 400, "batch_too_large": 413},
        ),
    ]
