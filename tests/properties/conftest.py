"""Hypothesis profiles: `quick` is deterministic; HYPOTHESIS_PROFILE=verify is long and random."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile(
    "quick", max_examples=250, stateful_step_count=40, deadline=None, derandomize=True, database=None
)
settings.register_profile("verify", max_examples=3000, stateful_step_count=60, deadline=None)
if profile := os.environ.get("HYPOTHESIS_PROFILE"):
    settings.load_profile(profile)
