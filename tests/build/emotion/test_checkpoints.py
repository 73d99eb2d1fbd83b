"""Training runs: resuming, damaged files, other settings."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.build
pytest.importorskip("torch", exc_type=ImportError)

import torch  # noqa: E402

from build.base_model import BaseModel  # noqa: E402
from build.emotion import pipeline  # noqa: E402
from build.emotion.training.teacher import DistillationTargets  # noqa: E402
from build.emotion.workspace import Workspace  # noqa: E402
from build.errors import CheckpointError  # noqa: E402
from build.training import checkpoint  # noqa: E402
from tests.build.emotion.tiny_run import new_workspace, settings  # noqa: E402


def test_curve_has_one_point_per_epoch_and_the_loss_decreases(finished: Workspace) -> None:
    curve = finished.run_dir.student.read_curve()
    assert [point["epoch"] for point in curve] == [1, 2, 3, 4, 5, 6]
    assert curve[-1]["dev_loss"] < curve[0]["dev_loss"]


def test_finished_training_is_not_repeated(finished: Workspace) -> None:
    saved = finished.run_dir.student.checkpoint
    before = saved.stat().st_mtime_ns
    pipeline.train_student(finished)
    assert saved.stat().st_mtime_ns == before


def test_resumed_training_gives_the_same_weights(
    finished: Workspace, tmp_path: Path, base: BaseModel, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = new_workspace(tmp_path, base, data, finished.config)
    shutil.copyfile(finished.run_dir.distillation_targets, work.run_dir.distillation_targets)
    save = checkpoint.save_checkpoint

    def save_then_stop(*arguments: Any) -> None:
        save(*arguments)
        if arguments[-1] == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save_checkpoint", save_then_stop)
        with pytest.raises(KeyboardInterrupt):
            pipeline.train_student(work)
    pipeline.train_student(work)
    assert_same_weights(finished, work)


def assert_same_weights(first: Workspace, second: Workspace) -> None:
    states = [
        torch.load(workspace.run_dir.student.weights, weights_only=True)["model"]
        for workspace in (first, second)
    ]
    assert states[0].keys() == states[1].keys()
    for name in states[0]:
        torch.testing.assert_close(states[0][name], states[1][name])


def test_run_folder_with_other_settings_is_rejected(finished: Workspace) -> None:
    work = finished._replace(config=settings(epochs=9))
    with pytest.raises(CheckpointError, match="other settings"):
        pipeline.train_student(work)


def test_export_needs_a_trained_student(tmp_path: Path, base: BaseModel, data: Path) -> None:
    with pytest.raises(CheckpointError, match="no weights"):
        pipeline.export_onnx(new_workspace(tmp_path, base, data, settings()))


def test_damaged_distillation_targets_are_reported(finished: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "distillation_targets.npz"
    path.write_bytes(finished.run_dir.distillation_targets.read_bytes()[:100])
    with pytest.raises(CheckpointError, match=r"distillation_targets\.npz is damaged"):
        DistillationTargets.load(path)
    with pytest.raises(CheckpointError, match="run the train-teachers step"):
        DistillationTargets.load(tmp_path / "absent.npz")


def test_damaged_checkpoint_is_reported_and_kept(
    finished: Workspace, tmp_path: Path, base: BaseModel, data: Path
) -> None:
    work = new_workspace(tmp_path, base, data, finished.config)
    shutil.copytree(finished.run_dir.folder, work.run_dir.folder, dirs_exist_ok=True)
    broken = work.run_dir.student.checkpoint
    broken.write_bytes(broken.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match=r"last\.pt is damaged"):
        pipeline.train_student(work)
    assert broken.stat().st_size == 1000


def test_full_disk_keeps_the_previous_weights(
    finished: Workspace, tmp_path: Path, base: BaseModel, data: Path
) -> None:
    """/dev/full is a real device that is always full."""
    work = new_workspace(tmp_path, base, data, finished.config)
    shutil.copytree(finished.run_dir.folder, work.run_dir.folder, dirs_exist_ok=True)
    checkpoint_dir, before = work.run_dir.student, work.run_dir.student.weights.read_bytes()
    checkpoint_dir.weights.with_suffix(".partial").symlink_to("/dev/full")
    with pytest.raises(CheckpointError, match=r"weights\.pt cannot be written"):
        checkpoint.save_weights(
            checkpoint_dir, work.student_trainer.load_trained(work.load_datasets(), checkpoint_dir), 6
        )
    assert checkpoint_dir.weights.read_bytes() == before
