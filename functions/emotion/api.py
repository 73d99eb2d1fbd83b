"""Synchronous emotion calls: `/predict`, as clients of the earlier system know it, and in batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import msgspec

from functions.emotion.model import Classification, EmotionModel
from functions.shared.domain.content import EmotionScore, EmptyReason, LabelScore
from functions.shared.runtime.settings import Settings
from functions.shared.text.language import why_not_understood
from functions.shared.web.routing import Call, Reply, Route
from functions.shared.web.validation import TEXT_PROBLEMS, require_batch, require_text

TAG = "Emotion"


class PredictRequest(msgspec.Struct, frozen=True):
    text: str


class BatchRequest(msgspec.Struct, frozen=True):
    texts: list[str]


class Prediction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a text expresses: labels above their thresholds, surest first; sentiment in -1..1.

    `empty_reason` is there when the text can't be understood; then the rest is empty.
    """

    emotions: tuple[EmotionScore, ...]
    feelings: tuple[LabelScore, ...]
    topics: tuple[LabelScore, ...]
    sentiment: float | None
    empty_reason: EmptyReason | None = None


class PredictResponse(Prediction, frozen=True, kw_only=True, omit_defaults=True):
    """As `Prediction`, with the time spent on it, such as `4.1ms`."""

    inference_time: str


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
        fields = msgspec.structs.asdict(prediction)
        return Reply(body=PredictResponse(**fields, inference_time=spent))

    def predict_batch(self, call: Call[BatchRequest]) -> Reply:
        require_batch(call.body.texts, self._settings.max_batch)
        for text in call.body.texts:
            require_text(text, self._settings.max_text_chars)
        predictions, spent = self._timed(call.body.texts)
        return Reply(body=BatchResponse(results=predictions, inference_time=spent))

    def _timed(self, texts: Sequence[str]) -> tuple[list[Prediction], str]:
        model = self._model()
        started = time.perf_counter()
        found = predictions(model, texts)
        return found, f"{(time.perf_counter() - started) * 1000:.1f}ms"


def predictions(model: EmotionModel, texts: Sequence[str]) -> list[Prediction]:
    """What each text expresses, or why it can't be understood."""
    reasons = [why_not_understood(text) for text in texts]
    understood = [text for text, reason in zip(texts, reasons, strict=True) if reason is None]
    expressed = iter(model.classify(understood))
    return [_nothing(reason) if reason else _prediction(next(expressed)) for reason in reasons]


def _prediction(found: Classification) -> Prediction:
    return Prediction(**msgspec.structs.asdict(found))


def _nothing(reason: EmptyReason) -> Prediction:
    return Prediction(emotions=(), feelings=(), topics=(), sentiment=None, empty_reason=reason)


def routes(api: EmotionApi) -> Sequence[Route]:
    """The emotion function's operations."""
    return [
        Route(
            method="POST",
            path="/predict",
            handler=api.predict,
            summary="The emotions, feelings and topics of one text",
            tag=TAG,
            body=PredictRequest,
            replies={200: PredictResponse},
            problems=TEXT_PROBLEMS,
        ),
        Route(
            method="POST",
            path="/predict_batch",
            handler=api.predict_batch,
            summary="The emotions, feelings and topics of several texts",
            tag=TAG,
            body=BatchRequest,
            replies={200: BatchResponse},
            problems={**TEXT_PROBLEMS, "empty_batch": 400, "batch_too_large": 413},
        ),
    ]
