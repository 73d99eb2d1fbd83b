"""Distributes tests of parallel runs by file, for module fixtures, and by image, for its long build.

xdist 3.8 has `--dist loadgroup` for this, but it has no effect with pytest 9.2: it sets an attribute that
pytest no longer reads.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling


class ByFileOrImage(LoadScopeScheduling):
    """Tests of one scope run in the same worker, in their order."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        if file.startswith("tests/containers/") and test.endswith("]"):
            return "tests/containers " + test.partition("[")[2]
        return file
