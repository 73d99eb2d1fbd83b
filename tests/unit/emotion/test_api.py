"""`/predict` keeps its earlier response, and adds feelings, topics and sentiment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from functions.emotion.api import EmotionApi, predictions, routes
from functions.emotion.model import EmotionModel
from functions.shared.runtime.settings import Settings
from functions.shared.web import openapi
from functions.shared.web.app import create_app

GERMAN = "Heute war ein langer Tag im Büro."


def client(folder: Path) -> FlaskClient:
    settings = Settings()
    api = EmotionApi(lambda: EmotionModel.load(folder), settings)
    return create_app(routes(api), settings).test_client()


def predict(folder: Path, text: str) -> dict[str, Any]:
    response = client(folder).post("/predict", json={"text": text})
    assert response.status_code == 200
    return dict(response.json or {})


def test_an_encoder_with_three_heads_returns_all_of_them(three_headed: Path) -> None:
    prediction = predict(three_headed, "Happy table")
    assert [score["emotion"] for score in prediction["emotions"]] == ["joy", "neutral"]
    assert [score["label"] for score in prediction["feelings"]] == ["happy"]
    assert [score["label"] for score in prediction["topics"]] == ["home"]
    assert 0 < prediction["sentiment"] <= 1
    assert prediction["inference_time"].endswith("ms")
    assert "empty_reason" not in prediction


def test_an_encoder_with_only_emotions_returns_no_feelings_or_topics(tiny_encoder: Path) -> None:
    prediction = predict(tiny_encoder, "Happy, happy table!")
    assert prediction["emotions"]
    assert (prediction["feelings"], prediction["topics"]) == ([], [])


def test_text_that_cant_be_understood_has_only_a_reason(three_headed: Path) -> None:
    prediction = predict(three_headed, GERMAN)
    assert prediction.pop("inference_time")
    assert prediction == {
        "emotions": [],
        "feelings": [],
        "topics": [],
        "sentiment": None,
        "empty_reason": "unsupported_language",
    }


def test_batch_results_are_in_the_order_of_the_texts(three_headed: Path) -> None:
    texts = ["Happy, happy!", GERMAN, "Sad, sad train!"]
    response = client(three_headed).post("/predict_batch", json={"texts": texts}).json
    assert response is not None
    feelings = [[score["label"] for score in result["feelings"]] for result in response["results"]]
    assert feelings == [["happy"], [], ["sad"]]
    assert [result.get("empty_reason") for result in response["results"]] == [
        None,
        "unsupported_language",
        None,
    ]


@pytest.mark.parametrize("text", ["I was happy. " * 40 + "The table was sad.", "the table " * 200])
def test_a_text_beyond_the_length_limit_has_labels_of_every_head(three_headed: Path, text: str) -> None:
    (prediction,) = predictions(EmotionModel.load(three_headed), [text])
    assert "home" in {score.label for score in prediction.topics}


def test_the_openapi_document_lists_every_field(three_headed: Path) -> None:
    document = openapi.document(routes(EmotionApi(lambda: None, Settings())), title="t", version="1")  # type: ignore[arg-type, return-value]
    schemas = document["components"]["schemas"]
    assert {"emotions", "feelings", "topics", "sentiment"} <= set(schemas["PredictResponse"]["required"])
    assert set(schemas["LabelScore"]["required"]) == {"label", "confidence"}
