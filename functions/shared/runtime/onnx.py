"""The only door to ONNX model files: a folder's configuration, and a session over its graph."""

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

_SMALLEST_MAPPED = 1024  # bytes; smaller tensors stay in the graph

Config = TypeVar("Config")


def read_config(folder: Path, kind: type[Config]) -> Config:
    """The `config.json` of an artifact's folder, checked against `kind`.

    Raises:
        ArtifactError: the file is missing or does not describe such a model.
    """
    path = require(folder / CONFIG)
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (msgspec.MsgspecError, ValueError) as error:
        raise ArtifactError(f"{folder.name}/{path.name}: {error}") from error


def require(path: Path) -> Path:
    """`path` itself, if it is a file.

    Raises:
        ArtifactError: it is not there; the message says how to get it.
    """
    if not path.is_file():
        raise ArtifactError(f"{path.parent.name}/{path.name} is missing; run: samo models fetch")
    return path


def load_session(path: Path, threads: int = 1) -> InferenceSession:
    """Open a graph on the CPU, for short inputs in a small process.

    `threads` is the number one operator may use. The memory arena stays off: measured on the text
    encoder it saves 30 MiB, loads faster and is no slower to run. So does planning which tensors may
    share memory: on Moonshine's decoder it takes half of the loading, and gains nothing when run.

    Raises:
        ArtifactError: the file is missing or is not a graph this runtime can open.
    """
    import onnxruntime

    share_heap()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.enable_cpu_mem_arena = False
    options.enable_mem_reuse = False
    if path.suffix == ".ort":  # optimised when it was written
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
    """Begin `load_session` of each, one after the other, beside the caller, who keeps the interpreter.

    Raises:
        ArtifactError: a file is missing; a graph that cannot be opened is its result's to say.
    """
    import onnxruntime  # noqa: F401 - before the thread, whose import would wait for the caller's

    pool = ThreadPoolExecutor(1)
    try:
        return [pool.submit(load_session, require(path), threads) for path in paths]
    finally:
        pool.shutdown(wait=False)


def unfold(path: Path, folder: Path) -> None:
    """Write a graph as it is after optimising into `folder`: `GRAPH`, and its `WEIGHTS` beside it.

    Weights in a file of their own are mapped, not copied: measured on the text encoder, it opens in
    23 ms instead of 57 and takes 25 MiB less. Only the runtime that wrote such a graph may open it.

    Raises:
        ArtifactError: the file is missing or is not a graph this runtime can open.
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
    """The names the graph itself gives its inputs."""
    return tuple(node.name for node in session.get_inputs())
