"""Parts of training: losses, distillation targets, batches, EMA, linear heads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.build
pytest.importorskip("torch", exc_type=ImportError)

import torch  # noqa: E402
from torch import nn  # noqa: E402

from build.data.dataset import Dataset  # noqa: E402
from build.data.noise import Noise  # noqa: E402
from build.emotion.config import Augmentation, Loss, LossKind  # noqa: E402
from build.emotion.data import data_loader, training_set  # noqa: E402
from build.emotion.data.training_set import TrainingSet  # noqa: E402
from build.emotion.evaluation import baselines, embedding_agreement  # noqa: E402
from build.emotion.training import linear_heads  # noqa: E402
from build.emotion.training.losses import decision_loss, embedding_loss  # noqa: E402
from build.emotion.training.teacher import folds  # noqa: E402
from build.training.ema import EMA  # noqa: E402

C_GRID = (0.01, 0.1, 1.0)
RATES = torch.tensor([0.5, 0.1, 0.01])


def loss(kind: LossKind, **settings: float) -> float:
    logits = torch.tensor([[2.0, -1.0, 0.5]])
    targets = torch.tensor([[1.0, 0.0, 1.0]])
    return float(decision_loss(Loss(kind=kind, **settings), RATES)(logits, targets))  # type: ignore[arg-type]


def cross_entropies() -> list[float]:
    return [float(np.log1p(np.exp(-2.0))), float(np.log1p(np.exp(-1.0))), float(np.log1p(np.exp(-0.5)))]


def test_cross_entropy_is_the_mean_over_decisions() -> None:
    assert loss(LossKind.BCE) == pytest.approx(np.mean(cross_entropies()), abs=1e-6)


def test_weighted_loss_weights_rare_positives_more() -> None:
    first, second, third = cross_entropies()
    wanted = (first + second + np.sqrt(99.0) * third) / 3
    assert loss(LossKind.WEIGHTED) == pytest.approx(wanted, rel=1e-5)


def test_focal_loss_down_weights_easy_decisions() -> None:
    parts = [loss_ * (1 - np.exp(-loss_)) ** 2 for loss_ in cross_entropies()]
    assert loss(LossKind.FOCAL) == pytest.approx(np.mean(parts), rel=1e-5)


def test_asymmetric_loss_down_weights_easy_negatives_only() -> None:
    first, second, third = cross_entropies()
    wanted = (first + second * (1 - np.exp(-second)) ** 2 + third) / 3
    assert loss(LossKind.ASYMMETRIC) == pytest.approx(wanted, rel=1e-5)


@given(st.sampled_from(list(LossKind)), st.floats(0, 0.2))
def test_gradient_of_every_loss_points_to_the_target(kind: LossKind, smoothing: float) -> None:
    logits = torch.zeros(1, 3, requires_grad=True)
    targets = torch.tensor([[1.0, 0.0, 1.0]])
    decision_loss(Loss(kind=kind, smoothing=smoothing), RATES)(logits, targets).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert (logits.grad.sign() == torch.tensor([[-1.0, 1.0, -1.0]])).all()


@given(st.floats(0.0, 1.0), st.floats(0.01, 0.99))
def test_cross_entropy_is_linear_in_blended_targets(share: float, taught: float) -> None:
    logits = torch.tensor([[0.7]])
    targets = np.array([[1.0]], np.float32), np.array([[taught]], np.float32)
    cross_entropy = decision_loss(Loss(), RATES[:1])
    separate = [float(cross_entropy(logits, torch.from_numpy(target))) for target in targets]
    blended = float(cross_entropy(logits, torch.from_numpy(training_set.blend(*targets, share))))
    assert blended == pytest.approx((1 - share) * separate[0] + share * separate[1], abs=1e-5)


def test_embedding_loss_of_the_target_is_zero() -> None:
    target = nn.functional.normalize(torch.randn(5, 8), dim=1)
    other = nn.functional.normalize(torch.randn(5, 8), dim=1)
    assert float(embedding_loss(other, target)) > 0.1
    assert float(embedding_loss(target, target)) == pytest.approx(0.0, abs=1e-6)


def test_selection_keeps_texts_targets_and_embeddings_aligned() -> None:
    rows = TrainingSet(
        ["a", "b", "c"], np.eye(3, dtype=np.float32), np.arange(6, dtype=np.float32).reshape(3, 2)
    )
    selected = rows.select([2, 0])
    assert selected.texts == ["c", "a"]
    assert selected.targets.argmax(axis=1).tolist() == [2, 0]
    assert selected.embeddings is not None
    assert selected.embeddings.tolist() == [[4, 5], [0, 1]]
    np.testing.assert_allclose(rows.rates(), [1 / 3] * 3)


def test_class_balance_samples_rare_labels_more_often() -> None:
    targets = np.zeros((1000, 2), np.float32)
    targets[:20, 1] = 1
    targets[20:, 0] = 1
    rows = TrainingSet(["x"] * 1000, targets)
    unbalanced, balanced = (
        data_loader.sample_rows(rows, balance, np.random.default_rng(0)) for balance in (0.0, 1.0)
    )
    assert sorted(unbalanced) == list(range(1000))
    assert 0.4 < (balanced < 20).mean() < 0.6


def test_augmentation_changes_the_configured_share_of_texts() -> None:
    texts = ["some words that can be changed"] * 400
    settings = Augmentation(share=0.25, strength=1.0, kinds=(Noise.TYPOS,))
    changed = [
        a != b
        for a, b in zip(data_loader.augment(texts, settings, np.random.default_rng(1)), texts, strict=True)
    ]
    assert 0.15 < np.mean(changed) < 0.35
    assert data_loader.augment(texts, Augmentation(), np.random.default_rng(1)) == texts


def test_ema_is_applied_and_removed() -> None:
    layer = nn.Linear(1, 1, bias=False)
    ema = EMA(layer, 0.9)
    for step in range(200):
        with torch.no_grad():
            layer.weight.fill_(step % 2)
        ema.update()
    with ema.applied():
        assert 0.2 < float(layer.weight.detach()) < 0.9
    assert float(layer.weight.detach()) == 1.0


def test_ema_is_restored_from_its_state() -> None:
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    saved = EMA(first, 0.5)
    restored = EMA(second, 0.5)
    restored.load_state_dict(saved.state_dict())
    with restored.applied():
        torch.testing.assert_close(second.weight, first.weight)


def test_without_decay_the_weights_are_unchanged() -> None:
    layer = nn.Linear(1, 1)
    before = layer.weight.detach().clone()
    ema = EMA(layer, 0.0)
    ema.update()
    with ema.applied():
        torch.testing.assert_close(layer.weight.detach(), before)


def test_folds_are_balanced_and_reproducible() -> None:
    assignment = folds(103, 5, 17)
    assert np.ptp(np.bincount(assignment)) <= 1
    np.testing.assert_array_equal(assignment, folds(103, 5, 17))
    assert (assignment != folds(103, 5, 18)).any()


def test_embedding_agrees_with_itself_and_not_with_noise() -> None:
    random = np.random.default_rng(2)
    vectors, noise = (
        values / np.linalg.norm(values, axis=1, keepdims=True) for values in random.normal(size=(2, 200, 8))
    )
    same, other = (
        embedding_agreement.compare(vectors, vectors, 1),
        embedding_agreement.compare(noise, vectors, 1),
    )
    assert all(value == pytest.approx(1.0) for value in same.values())
    assert all(value < 0.3 for value in other.values())


def test_linear_head_separates_separable_classes() -> None:
    random = np.random.default_rng(3)
    train, dev = random.normal(size=(2, 80, 4)).astype(np.float32)
    targets = np.stack([train[:, 0] > 0, np.zeros(80, bool)], axis=1).astype(np.float32)
    fitted = linear_heads.fit(train * 100 + 7, Dataset(["x"] * 80, targets, ["a", "b"]), C_GRID)
    logits = fitted.head.logits(dev * 100 + 7)
    assert ((logits[:, 0] > 0) == (dev[:, 0] > 0)).mean() > 0.9
    assert (logits[:, 1] < -10).all()
    assert ((fitted.out_of_fold[:, 0] > 0.5) == (train[:, 0] > 0)).mean() > 0.8


def test_extra_examples_teach_labels_missing_from_the_entries() -> None:
    random = np.random.default_rng(4)
    train, dev = random.normal(size=(2, 60, 3)).astype(np.float32)
    entries = Dataset(["x"] * 60, np.zeros((60, 1), np.float32), ["rare"])
    lines = random.normal(size=(40, 3)).astype(np.float32)
    extra = Dataset(["y"] * 40, (lines[:, :1] > 0).astype(np.float32), ["rare"])
    fitted = linear_heads.fit(train, entries, C_GRID, (lines, extra))
    assert np.corrcoef(fitted.head.logits(dev)[:, 0], dev[:, 0])[0, 1] > 0.9
    assert fitted.out_of_fold.shape == (60, 1)


def test_every_feeling_and_topic_is_mapped_to_emotions() -> None:
    from build.data import goemotions, lemotif

    assert goemotions.PINNED
    assert set(baselines.EMOTIONS_OF) == {*lemotif.LABELS["feelings"], *lemotif.LABELS["topics"]}


def test_handwritten_mapping_uses_the_highest_probability() -> None:
    probabilities = baselines.map_emotions(
        np.array([[0.2, 0.9, 0.1], [0.5, 0.1, 0.0]]), ["anger", "annoyance", "joy"], ["angry", "happy", "god"]
    )
    np.testing.assert_allclose(probabilities, [[0.9, 0.1, 0.0], [0.5, 0.0, 0.0]])
