"""Fake quantization computes what the int8 graph computes and can be removed; pruning keeps its zeros."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytestmark = pytest.mark.build
pytest.importorskip("torch", exc_type=ImportError)

import onnxruntime  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402

from build import tokenization  # noqa: E402
from build.quantization import export, matmuls, pruning, qat, variants  # noqa: E402

if TYPE_CHECKING:
    from build.quantization.pruning import Batch
    from build.quantization.variants import Source
    from build.text_encoder import Output, TextEncoder

Rows = list[list[int]]


def batch(rows: Rows) -> Batch:
    ids, mask = tokenization.pad_batch(rows)
    targets = torch.from_numpy(np.random.default_rng(0).integers(0, 2, (len(rows), 5)).astype(np.float32))
    return torch.from_numpy(ids), torch.from_numpy(mask), targets


def loss(output: Output, targets: torch.Tensor) -> torch.Tensor:
    return nn.functional.binary_cross_entropy_with_logits(output.emotions, targets)


def test_fake_quantization_computes_the_int8_result(
    network: TextEncoder, source: Source, rows: Rows, tmp_path: Path
) -> None:
    matmuls.quantize_dynamic_int8(source.fused, tmp_path / "int8.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "int8.onnx", providers=["CPUExecutionProvider"])
    ids, mask, _ = batch(rows[:1])
    (int8,) = session.run(["emotions"], {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
    with torch.inference_mode():
        plain = network(ids, mask).emotions.numpy()
        fake = qat.prepare_qat(network)(ids, mask).emotions.numpy()
    assert np.abs(fake - int8).max() < 0.1 * np.abs(plain - int8).max()


def test_removing_qat_restores_names_parameters_and_results(network: TextEncoder, rows: Rows) -> None:
    ids, mask, _ = batch(rows)
    names, parameters = list(network.state_dict()), [id(parameter) for parameter in network.parameters()]
    before = network(ids, mask).emotions
    qat.prepare_qat(network)
    assert not torch.equal(network(ids, mask).emotions, before)
    assert list(network.state_dict()) == names
    qat.remove_fake_quantization(network)
    assert [id(parameter) for parameter in network.parameters()] == parameters
    assert torch.equal(network(ids, mask).emotions, before)


def test_gradients_ignore_the_rounding(network: TextEncoder, rows: Rows) -> None:
    ids, mask, targets = batch(rows)
    qat.prepare_qat(network)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = network(ids, mask)
    loss(output, targets).backward()  # type: ignore[no-untyped-call]
    trained = [part for name, part in network.named_parameters() if not name.startswith("projection")]
    gradients = [parameter.grad for parameter in trained if parameter.requires_grad]
    assert all(
        gradient is not None and gradient.isfinite().all() and gradient.any() for gradient in gradients[3:]
    )


@pytest.mark.parametrize("values", [[0.0, 0.0], [1.0, 2.0, 3.0], [-2.0, 0.1, 5.0]])
def test_zero_is_exact_and_rounding_is_at_most_half_a_step(values: list[float]) -> None:
    exact = torch.tensor([*values, 0.0])
    rounded = qat.fake_input(exact)
    assert rounded[-1] == 0
    step = (max(0.0, *values) - min(0.0, *values)) / 255
    assert (rounded - exact).abs().max() <= step * 1.0001


def test_pruned_weights_stay_zero_during_training(network: TextEncoder, rows: Rows) -> None:
    ids, mask, targets = batch(rows)
    names = set(network.state_dict())
    pruning.prune_weights(network, 0.5)
    optimizer = torch.optim.SGD(network.parameters(), 0.1)
    loss(network(ids, mask), targets).backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    pruning.make_permanent(network)
    assert set(network.state_dict()) == names
    weights = torch.cat(
        [
            module.weight.flatten()
            for module in network.bert.encoder.modules()
            if isinstance(module, nn.Linear)
        ]
    )
    assert float((weights == 0).float().mean()) == pytest.approx(0.5, abs=0.01)


def test_unused_neuron_and_head_are_pruned_first_without_effect(
    network: TextEncoder, rows: Rows, tmp_path: Path
) -> None:
    layers: list[Any] = list(network.bert.encoder.layer)
    with torch.no_grad():
        for layer in layers:
            layer.output.dense.weight[:, 7] = 0
            layer.attention.output.dense.weight[:, 16:32] = 0
    ids, mask, targets = batch(rows)
    before = network(ids, mask).emotions.detach()
    importances = pruning.importance(network, [(ids, mask, targets)], loss)
    assert (importances.neurons.argmin(1) == 7).all()
    assert (importances.heads.argmin(1) == 1).all()
    pruning.prune_structures(network, importances, neurons=127, heads=3)
    assert layers[0].intermediate.dense.weight.shape == (127, 64)
    torch.testing.assert_close(network(ids, mask).emotions, before)
    export.export(network, tmp_path / "smaller.onnx", 17)
    with variants.Source.prepare(tmp_path / "smaller.onnx", 3, 48) as smaller:
        export.check_parity(network, smaller.fused)
