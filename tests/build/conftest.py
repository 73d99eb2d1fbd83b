"""Hypothesis without a deadline: on a busy machine, a single example can take longer than 200 ms."""

from __future__ import annotations

import os

from hypothesis import settings

if "HYPOTHESIS_PROFILE" not in os.environ:
    settings.register_profile("build", deadline=None)
    settings.load_profile("build")
