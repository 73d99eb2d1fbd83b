"""Synchronous emotion detection: `/predict`, compatible with clients of the previous system, and batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import msgspec

from functions.emotion.model import Classification, EmotionModel
from functions.shared.access.authorization import Requirement
from functions.shared.domain.content import EmotionScore, EmptyReason, LabelScore
from functions.shared.domain.records import Scope
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
    """The labels of a text that are above their thresholds, highest score first; sentiment in -1..1.

    If the text cannot be understood, `empty_reason` says why and everything else is empty.
    """

    emotions: tuple[EmotionScore, ...]
    feelings: tuple[LabelScore, ...]
    topics: tuple[LabelScore, ...]
    sentiment: float | None
    empty_reason: EmptyReason | None = None


class PredictResponse(Prediction, frozen=True, kw_only=True, omit_defaults=True):
    """A prediction and its inference time, such as `4.1ms`."""

    inference_time: str


class BatchResponse(msgspec.Struct, frozen=True, kw_only=True):
    """One prediction per text, in order."""

    results: list[Prediction]
    inference_time: str


class EmotionApi:
    """Handlers; the model is loaded on the first call."""

    def __init__(self, model: Callable[[], EmotionModel], settings: Settings) -> None:
        self._model = model
        self._settings = settings

    def predict(self, call: Call[PredictRequest]) -> Reply:
        require_text(call.body.text, self._settings.max_text_chars)
        (prediction,), inference_time = self._timed([call.body.text])
        fields = msgspec.structs.asdict(prediction)
        return Reply(body=PredictResponse(**fields, inference_time=inference_time))

    def predict_batch(self, call: Call[BatchRequest]) -> Reply:
        require_batch(call.body.texts, self._settings.max_batch)
        for text in call.body.texts:
            require_text(text, self._settings.max_text_chars)
        results, inference_time = self._timed(call.body.texts)
        return Reply(body=BatchResponse(results=results, inference_time=inference_time))

    def _timed(self, texts: Sequence[str]) -> tuple[list[Prediction], str]:
        model = self._model()
        started = time.perf_counter()
        results = predictions(model, texts)
        return results, f"{(time.perf_counter() - started) * 1000:.1f}ms"


def predictions(model: EmotionModel, texts: Sequence[str]) -> list[Prediction]:
    """One prediction per text, in order; texts that cannot be understood get an empty one with the reason."""
    reasons = [why_not_understood(text) for text in texts]
    understood = [text for text, reason in zip(texts, reasons, strict=True) if reason is None]
    classifications = iter(model.classify(understood))
    return [_empty(reason) if reason else _prediction(next(classifications)) for reason in reasons]


def _prediction(classification: Classification) -> Prediction:
    return Prediction(**msgspec.structs.asdict(classification))


def _empty(reason: EmptyReason) -> Prediction:
    return Prediction(emotions=(), feelings=(), topics=(), sentiment=None, empty_reason=reason)


def routes(api: EmotionApi) -> Sequence[Route]:
    """Routes of the emotion service."""
    return [
        Route(
            method="POST",
            path="/predict",
            handler=api.predict,
            summary="Detect emotions, feelings and topics in a text",
            tag=TAG,
            requires=Requirement(scope=Scope.ANALYZE),
            body=PredictRequest,
            replies={200: PredictResponse},
            problems=TEXT_PROBLEMS,
        ),
        Route(
            method="POST",
            path="/predict_batch",
            handler=api.predict_batch,
            summary="Detect emotions, feelings and topics in several texts",
            tag=TAG,
            requires=Requirement(scope=Scope.ANALYZE),
            body=BatchRequest,
            replies={200: BatchResponse},
            problems={**TEXT_PROBLEMS, "empty_batch": 400, "batch_too_large": 413},
        ),
    ]
