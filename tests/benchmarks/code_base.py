"""Measures the code base: `python -m tests.benchmarks.code_base`.

Prints the number of modules and their lengths, and through how many modules a text entry, a recording and a
search pass: the modules in which a function runs between the request and the insight.
"""

from __future__ import annotations

import ast
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from functions.journal.assembly import Assembly
from functions.laptop.process import stage_works
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.runtime.settings import Settings
from functions.shared.web.app import create_app
from tests.support.laptop import Clock, Laptop, settle

ROOT = Path(__file__).parents[2]
FUNCTIONS = str(ROOT / "functions")
TEXT = "We walked along the river. It was the calmest evening in months."


def main() -> None:
    for folder in ("functions", "build"):
        _report_modules(ROOT / folder)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=folder)
        clock = Clock()
        laptop = Laptop(Path(folder), clock)
        pipeline = Pipeline(laptop.ports, settings, stage_works(settings))
        client = create_app(Assembly(laptop.ports, settings).routes(), settings).test_client()
        recording = (settings.models_path / "recordings" / "beckett.wav").read_bytes()

        def create(**request: Any) -> None:
            assert client.post("/v1/entries", **request).status_code == 201
            settle(laptop, pipeline, clock)

        walks: dict[str, Callable[[], Any]] = {
            "text entry": lambda: create(json={"text": TEXT}),
            "recording": lambda: create(data=recording, content_type="audio/wav"),
            "search": lambda: client.get("/v1/search?q=a calm evening"),
        }
        for name, walk in walks.items():
            walk()  # loads the models
            with _executed_modules() as modules:
                walk()
            print(f"modules on the walk of a {name}: {len(modules)}")


def _report_modules(folder: Path) -> None:
    trees = {path: ast.parse(path.read_text()) for path in sorted(folder.rglob("*.py"))}
    modules = {path: len(path.read_text().splitlines()) for path in trees if path.name != "__init__.py"}
    longest = max(modules, key=modules.__getitem__)
    functions = [
        ((node.end_lineno or 0) - node.lineno + 1, f"{path.relative_to(ROOT)}:{node.name}")
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    print(f"{folder.name}: {len(modules)} modules, median {statistics.median(modules.values()):.0f} lines")
    print(f"  longest module: {modules[longest]} lines, {longest.relative_to(ROOT)}")
    print("  longest function: {} lines, {}".format(*max(functions)))
    print(f"  most modules in one folder: {max(_sizes(folder))[0]}, {max(_sizes(folder))[1]}")


def _sizes(folder: Path) -> Iterator[tuple[int, str]]:
    for room in (folder, *folder.rglob("*/")):
        yield (
            len([path for path in room.glob("*.py") if path.name != "__init__.py"]),
            str(room.relative_to(ROOT)),
        )


@contextmanager
def _executed_modules() -> Iterator[set[str]]:
    """The modules of functions/ in which a function of this thread ran; complete after the context."""
    modules: set[str] = set()

    def profile(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(FUNCTIONS):
            modules.add(frame.f_code.co_filename)

    sys.setprofile(profile)
    try:
        yield modules
    finally:
        sys.setprofile(None)


if __name__ == "__main__":
    main()
