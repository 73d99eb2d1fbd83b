"""Errors of the build.

BuildError
├── ConfigError        invalid configuration file
├── DataError          training data that cannot be fetched or read
│   └── RowError       an invalid row, identified by file and row number
├── BaseModelError     the pre-trained weights are missing or are not the pinned ones
├── CheckpointError    a missing, damaged or incompatible checkpoint
└── ArtifactError      an exported model that violates its contract
"""

from __future__ import annotations

from pathlib import Path


class BuildError(Exception):
    """Base class of all errors that this package raises deliberately."""


class ConfigError(BuildError):
    """An invalid configuration file."""


class DataError(BuildError):
    """Training data that cannot be fetched or read."""


class RowError(DataError):
    """A row that does not have the format of its file.

    ``row`` counts from 1, as editors do. The text of the row is never part of the message.
    """

    def __init__(self, path: Path, row: int, problem: str) -> None:
        super().__init__(f"{path.name}, row {row}: {problem}")
        self.path = path
        self.row = row


class BaseModelError(BuildError):
    """The pre-trained weights are missing or are not the pinned ones."""


class CheckpointError(BuildError):
    """A missing, damaged or incompatible checkpoint."""


class ArtifactError(BuildError):
    """An exported model that violates its contract."""
