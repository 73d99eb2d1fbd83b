"""Opens ONNX models: reads an artifact's configuration and loads its graph into a session."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from functions.shared.errors import ArtifactError
from functions.shared.runtime.malloc import share_heap

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, SessionOptions

CONFIG = "config.json"
GRAPH = "model.onnx"
WEIGHTS = "model.data"

_SMALLEST_MAPPED = 1024  # bytes; smaller tensors are stored in the graph

Config = TypeVar("Config")


def read_config(folder: Path, kind: type[Config]) -> Config:
    """Read the `config.json` in an artifact's folder as `kind`.

    Raises:
        ArtifactError: the file is missing or invalid.
    """
    path = require(folder / CONFIG)
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (msgspec.MsgspecError, ValueError) as error:
        raise ArtifactError(f"{folder.name}/{path.name}: {error}") from error


def require(path: Path) -> Path:
    """`path`, if it is a file.

    Raises:
        ArtifactError: it is missing; the message says how to fetch it.
    """
    if not path.is_file():
        raise ArtifactError(f"{path.parent.name}/{path.name} is missing; run: samo models fetch")
    return path


def load_session(path: Path, threads: int = 1) -> InferenceSession:
    """Load a graph on the CPU, configured for short inputs in a small process.

    The memory arena is off: for the text encoder, that saves 30 MiB, loads faster and runs as fast. Planning
    memory reuse is off: for Moonshine's decoder, it takes half of the loading time without any gain.

    Args:
        threads: the threads that one operator may use.

    Raises:
        ArtifactError: the file is missing or cannot be loaded.
    """
    import onnxruntime

    share_heap()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.enable_cpu_mem_arena = False
    options.enable_mem_reuse = False
    if path.suffix == ".ort":  # optimized when it was written
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return _open(path, options)


def _open(path: Path, options: SessionOptions) -> InferenceSession:
    import onnxruntime

    graph = str(require(path))
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no base narrower than Exception
        raise ArtifactError(f"{path.parent.name}/{path.name} cannot be opened as ONNX") from error


def loading(*paths: Path, threads: int = 1) -> list[Future[InferenceSession]]:
    """Load graphs one after the other in a thread.

    Raises:
        ArtifactError: a file is missing. A graph that cannot be loaded raises from its future's `result`.
    """
    import onnxruntime  # noqa: F401 - before the thread, where the import would wait for the caller's

    pool = ThreadPoolExecutor(1)
    try:
        return [pool.submit(load_session, require(path), threads) for path in paths]
    finally:
        pool.shutdown(wait=False)


def unfold(path: Path, folder: Path) -> None:
    """Write the optimized graph to `folder`, with its weights in a separate file.

    Separate weights are memory-mapped instead of copied: the text encoder loads in 23 ms instead of 57 and
    needs 25 MiB less. Only the runtime version that wrote such a graph can load it.

    Raises:
        ArtifactError: the file is missing or cannot be loaded.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(folder / GRAPH)
    options.add_session_config_entry("session.optimized_model_external_initializers_file_name", WEIGHTS)
    options.add_session_config_entry(
        "session.optimized_model_external_initializers_min_size_in_bytes", str(_SMALLEST_MAPPED)
    )
    _open(path, options)


def input_names(session: InferenceSession) -> tuple[str, ...]:
    """The names of the graph's inputs."""
    return tuple(node.name for node in session.get_inputs())
