"""Installs the folder `functions/` as the package `samo`; everything else is in pyproject.toml.

setuptools' own scratch folder would be `build/`, which is our training package, so it gets a temporary one.
"""

import atexit
import shutil
import sys
import tempfile

from setuptools import find_namespace_packages, setup

scratch = tempfile.mkdtemp(prefix="samo-wheel-")
atexit.register(shutil.rmtree, scratch, ignore_errors=True)
folders = find_namespace_packages(include=["functions*"], exclude=["*__pycache__*"])
# Installed in place, the folder keeps its own name too: tests and tools start its modules by it.
kept = folders if "editable_wheel" in sys.argv else []

setup(
    packages=["samo" + name.removeprefix("functions") for name in folders] + kept,
    package_dir={"samo": "functions"},
    options={"build": {"build_base": scratch}, "egg_info": {"egg_base": scratch}},
)
