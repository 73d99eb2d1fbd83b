"""What can go wrong between data and artifact.

BuildError
├── ConfigError        a configuration file that does not describe a run
├── DataError          training data that cannot be fetched or read
│   └── RowError       one row of it, named by file and row
├── BaseModelError     the pre-trained weights are missing or not the pinned ones
├── CheckpointError    a run folder that belongs to another configuration
└── ArtifactError      an exported model that does not keep its contract
"""

from __future__ import annotations

from pathlib import Path


class BuildError(Exception):
    """Base of every error this package raises on purpose."""


class ConfigError(BuildError):
    """A configuration file that does not describe a run."""


class DataError(BuildError):
    """Training data that cannot be fetched or read."""


class RowError(DataError):
    """A row that is not what its file promises.

    ``row`` counts from 1, as editors do. The row's text is never part of the message.
    """

    def __init__(self, path: Path, row: int, problem: str) -> None:
        super().__init__(f"{path.name}, row {row}: {problem}")
        self.path = path
        self.row = row


class BaseModelError(BuildError):
    """The pre-trained weights are missing or not the pinned ones."""


class CheckpointError(BuildError):
    """A run folder that belongs to another configuration."""


class ArtifactError(BuildError):
    """An exported model that does not keep its contract."""
