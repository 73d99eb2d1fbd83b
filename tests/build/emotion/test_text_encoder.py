"""The network: initialization, linear heads, embedding, export parity."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.build
pytest.importorskip("torch", exc_type=ImportError)

import torch  # noqa: E402

from build import text_encoder, tokenization  # noqa: E402
from build.base_model import BaseModel  # noqa: E402
from build.emotion.training import linear_heads  # noqa: E402
from build.emotion.workspace import Workspace  # noqa: E402
from build.errors import ArtifactError  # noqa: E402
from build.quantization import export  # noqa: E402


def test_graph_of_another_network_is_rejected(finished: Workspace, base: BaseModel) -> None:
    torch.manual_seed(99)
    other = text_encoder.from_config(base.config, {"emotions": 3, "feelings": 2, "topics": 2}, 0.0).eval()
    with pytest.raises(ArtifactError, match="from torch"):
        export.check_parity(other, finished.run_dir.fp32 / "model.onnx")


def test_emotions_start_at_their_base_rates(base: BaseModel) -> None:
    model = text_encoder.from_base(base, {"emotions": 3, "topics": 2}, 0.0)
    rates = np.array([0.5, 0.1, 0.01], np.float32)
    text_encoder.init_at_base_rates(model, rates)
    np.testing.assert_allclose(torch.sigmoid(model.emotions.bias.detach()).numpy(), rates, atol=1e-5)


@pytest.mark.parametrize(("head", "width"), [("topics", 16), ("feelings", 32)])
def test_attached_head_computes_the_fitted_logits(base: BaseModel, head: str, width: int) -> None:
    torch.manual_seed(5)
    model = text_encoder.from_base(base, {"emotions": 3, head: 2}, 0.0).eval()
    texts = ["glad and yay", "tears", "the table was long"]
    random = np.random.default_rng(1)
    fitted = linear_heads.Linear(random.normal(size=(width, 2)), random.normal(size=2))
    linear_heads.attach(model, head, fitted)
    opened = tokenization.load_tokenizer(base.tokenizer)
    expected = fitted.logits(linear_heads.features(model, head, opened, texts, 32))
    ids, mask = (
        torch.from_numpy(array) for array in tokenization.pad_batch(tokenization.encode(opened, texts, 32))
    )
    with torch.inference_mode():
        logits = model(ids, mask).present[head]
    np.testing.assert_allclose(logits.numpy(), expected, atol=1e-4)


def test_untrained_network_has_the_base_models_embedding(base: BaseModel) -> None:
    model = text_encoder.from_base(base, {"emotions": 3}, 0.0).eval()
    ids, mask = (torch.from_numpy(array) for array in tokenization.pad_batch([[2, 5, 11, 3], [2, 7, 3]]))
    with torch.inference_mode():
        hidden = model.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        pooled = text_encoder.mean_pool(hidden, mask)
        torch.testing.assert_close(
            model(ids, mask).embedding, pooled / pooled.norm(dim=1, keepdim=True), atol=1e-5, rtol=0
        )
