"""What a training is made of: losses, targets from several sources, batches, the mean of weights."""

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
from build.emotion.data import (  # noqa: E402
    data_loader,
    training_set,
)
from build.emotion.data.training_set import TrainingSet  # noqa: E402
from build.emotion.evaluation import (  # noqa: E402
    baselines,
    embedding_agreement,
)
from build.emotion.training import linear_heads  # noqa: E402
from build.emotion.training.losses import decision_loss, embedding_loss  # noqa: E402
from build.emotion.training.teacher import folds  # noqa: E402
from build.training.ema import EMA  # noqa: E402

STRENGTHS = (0.01, 0.1, 1.0)
RATES = torch.tensor([0.5, 0.1, 0.01])


def loss(kind: LossKind, **settings: float) -> float:
    logits = torch.tensor([[2.0, -1.0, 0.5]])
    targets = torch.tensor([[1.0, 0.0, 1.0]])
    return float(decision_loss(Loss(kind=kind, **settings), RATES)(logits, targets))  # type: ignore[arg-type]


def cross_entropies() -> list[float]:
    return [float(np.log1p(np.exp(-2.0))), float(np.log1p(np.exp(-1.0))), float(np.log1p(np.exp(-0.5)))]


def test_cross_entropy_is_the_mean_over_decisions() -> None:
    assert loss(LossKind.BCE) == pytest.approx(np.mean(cross_entropies()), abs=1e-6)


def test_rare_labels_weigh_more_where_they_are_present() -> None:
    first, second, third = cross_entropies()
    wanted = (first + second + np.sqrt(99.0) * third) / 3
    assert loss(LossKind.WEIGHTED) == pytest.approx(wanted, rel=1e-5)


def test_focal_loss_discounts_by_how_far_off_a_decision_is() -> None:
    parts = [each * (1 - np.exp(-each)) ** 2 for each in cross_entropies()]
    assert loss(LossKind.FOCAL) == pytest.approx(np.mean(parts), rel=1e-5)


def test_asymmetric_loss_discounts_absences_alone() -> None:
    first, second, third = cross_entropies()
    wanted = (first + second * (1 - np.exp(-second)) ** 2 + third) / 3
    assert loss(LossKind.ASYMMETRIC) == pytest.approx(wanted, rel=1e-5)


@given(st.sampled_from(list(LossKind)), st.floats(0, 0.2))
def test_every_loss_pulls_towards_the_target(kind: LossKind, smoothing: float) -> None:
    logits = torch.zeros(1, 3, requires_grad=True)
    targets = torch.tensor([[1.0, 0.0, 1.0]])
    decision_loss(Loss(kind=kind, smoothing=smoothing), RATES)(logits, targets).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert (logits.grad.sign() == torch.tensor([[-1.0, 1.0, -1.0]])).all()


@given(st.floats(0.0, 1.0), st.floats(0.01, 0.99))
def test_cross_entropy_to_a_blend_is_the_blend_of_cross_entropies(share: float, taught: float) -> None:
    logits = torch.tensor([[0.7]])
    said = np.array([[1.0]], np.float32), np.array([[taught]], np.float32)
    plain = decision_loss(Loss(), RATES[:1])
    apart = [float(plain(logits, torch.from_numpy(each))) for each in said]
    together = float(plain(logits, torch.from_numpy(training_set.blend(*said, share))))
    assert together == pytest.approx((1 - share) * apart[0] + share * apart[1], abs=1e-5)


def test_an_embedding_where_it_should_be_costs_nothing() -> None:
    wanted = nn.functional.normalize(torch.randn(5, 8), dim=1)
    found = nn.functional.normalize(torch.randn(5, 8), dim=1)
    assert float(embedding_loss(found, wanted)) > 0.1
    assert float(embedding_loss(wanted, wanted)) == pytest.approx(0.0, abs=1e-6)


def test_a_corpus_keeps_texts_targets_and_embeddings_together() -> None:
    rows = TrainingSet(
        ["a", "b", "c"], np.eye(3, dtype=np.float32), np.arange(6, dtype=np.float32).reshape(3, 2)
    )
    chosen = rows.select([2, 0])
    assert chosen.texts == ["c", "a"]
    assert chosen.targets.argmax(axis=1).tolist() == [2, 0]
    assert chosen.embeddings is not None
    assert chosen.embeddings.tolist() == [[4, 5], [0, 1]]
    np.testing.assert_allclose(rows.rates(), [1 / 3] * 3)


def test_balancing_draws_rare_labels_more_often() -> None:
    targets = np.zeros((1000, 2), np.float32)
    targets[:20, 1] = 1
    targets[20:, 0] = 1
    rows = TrainingSet(["x"] * 1000, targets)
    plain, even = (data_loader.draw(rows, each, np.random.default_rng(0)) for each in (0.0, 1.0))
    assert sorted(plain) == list(range(1000))
    assert 0.4 < (even < 20).mean() < 0.6


def test_augmentation_touches_the_share_it_is_given() -> None:
    texts = ["some words that can be changed"] * 400
    settings = Augmentation(share=0.25, strength=1.0, kinds=(Noise.TYPOS,))
    changed = [
        a != b
        for a, b in zip(data_loader.augment(texts, settings, np.random.default_rng(1)), texts, strict=True)
    ]
    assert 0.15 < np.mean(changed) < 0.35
    assert data_loader.augment(texts, Augmentation(), np.random.default_rng(1)) == texts


def test_the_mean_of_weights_stands_in_and_goes_again() -> None:
    layer = nn.Linear(1, 1, bias=False)
    mean = EMA(layer, 0.9)
    for step in range(200):
        with torch.no_grad():
            layer.weight.fill_(step % 2)
        mean.update()
    with mean.applied():
        assert 0.2 < float(layer.weight.detach()) < 0.9
    assert float(layer.weight.detach()) == 1.0


def test_the_mean_is_restored_from_its_state() -> None:
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    saved = EMA(first, 0.5)
    restored = EMA(second, 0.5)
    restored.load_state_dict(saved.state_dict())
    with restored.applied():
        torch.testing.assert_close(second.weight, first.weight)


def test_without_a_decay_the_last_weights_count() -> None:
    layer = nn.Linear(1, 1)
    before = layer.weight.detach().clone()
    mean = EMA(layer, 0.0)
    mean.update()
    with mean.applied():
        torch.testing.assert_close(layer.weight.detach(), before)


def test_folds_are_of_equal_size_and_repeatable() -> None:
    found = folds(103, 5, 17)
    assert np.ptp(np.bincount(found)) <= 1
    np.testing.assert_array_equal(found, folds(103, 5, 17))
    assert (found != folds(103, 5, 18)).any()


def test_an_embedding_is_like_itself_and_unlike_noise() -> None:
    random = np.random.default_rng(2)
    vectors, noise = (
        each / np.linalg.norm(each, axis=1, keepdims=True) for each in random.normal(size=(2, 200, 8))
    )
    same, other = (
        embedding_agreement.compare(vectors, vectors, 1),
        embedding_agreement.compare(noise, vectors, 1),
    )
    assert all(value == pytest.approx(1.0) for value in same.values())
    assert all(value < 0.3 for value in other.values())


def test_logistic_regression_separates_what_can_be_separated() -> None:
    random = np.random.default_rng(3)
    train, dev = random.normal(size=(2, 80, 4)).astype(np.float32)
    targets = np.stack([train[:, 0] > 0, np.zeros(80, bool)], axis=1).astype(np.float32)
    fitted = linear_heads.fit(train * 100 + 7, Dataset(["x"] * 80, targets, ["a", "b"]), STRENGTHS)
    found = fitted.head.logits(dev * 100 + 7)
    assert ((found[:, 0] > 0) == (dev[:, 0] > 0)).mean() > 0.9
    assert (found[:, 1] < -10).all()
    assert ((fitted.unseen[:, 0] > 0.5) == (train[:, 0] > 0)).mean() > 0.8


def test_extra_lines_teach_what_the_entries_do_not() -> None:
    random = np.random.default_rng(4)
    train, dev = random.normal(size=(2, 60, 3)).astype(np.float32)
    entries = Dataset(["x"] * 60, np.zeros((60, 1), np.float32), ["rare"])
    lines = random.normal(size=(40, 3)).astype(np.float32)
    wanted = Dataset(["y"] * 40, (lines[:, :1] > 0).astype(np.float32), ["rare"])
    found = linear_heads.fit(train, entries, STRENGTHS, (lines, wanted))
    assert np.corrcoef(found.head.logits(dev)[:, 0], dev[:, 0])[0, 1] > 0.9
    assert found.unseen.shape == (60, 1)


def test_every_feeling_and_topic_has_its_emotions() -> None:
    from build.data import goemotions, lemotif

    assert goemotions.PINNED
    assert set(baselines.EMOTIONS_OF) == {*lemotif.LABELS["feelings"], *lemotif.LABELS["topics"]}


def test_emotions_by_hand_take_the_strongest() -> None:
    found = baselines.mapped(
        np.array([[0.2, 0.9, 0.1], [0.5, 0.1, 0.0]]), ["anger", "annoyance", "joy"], ["angry", "happy", "god"]
    )
    np.testing.assert_allclose(found, [[0.9, 0.1, 0.0], [0.5, 0.0, 0.0]])
