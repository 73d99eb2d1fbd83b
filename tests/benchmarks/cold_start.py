"""Cold-start latency: `python -m tests.benchmarks.cold_start [--rounds 15] [--events]`.

Time from the start of functions-framework to the first correct response of each public target, and its ratio
to a hello-world function of the same run. Targets are interleaved; the page cache is warm and byte code is
compiled. Standard library only, so that the same file runs inside an image: `python cold_start.py --root /app
--speech speech.wav emotion`.
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

ROOT = next((up for up in Path(__file__).resolve().parents if (up / "functions").is_dir()), Path("/app"))
TIMEOUT_S = 60.0
CLIP_S = 5
NOTE = (
    "I was afraid of the exam all week and hardly slept. The night before I called my sister."
    " She told me that nobody would love me less for failing. I passed, and I am so happy and grateful now!"
)
MODELS = {
    "emotion": ("text-encoder", "journal-reader"),
    "summarization": ("text-encoder", "extractive-summarizer"),
    "transcription": ("moonshine-tiny-en", "silero-vad", "text-encoder"),
    "journal": ("text-encoder",),
}
HELLO = """
import functions_framework

@functions_framework.http
def serve(request):
    return "hello"
"""


class Call(NamedTuple):
    """The first request to a target, and how to recognize a correct response."""

    name: str
    source: Path
    path: str
    body: bytes
    headers: Mapping[str, str]
    expected: str
    target: str = "serve"
    signature: str = "http"
    logged: str = ""
    """What the log must contain, if the response says nothing."""


class Start(NamedTuple):
    """One cold start: seconds to the first response, and memory of all its processes in MiB."""

    seconds: float
    peak_mib: float
    pss_mib: float


Prepare = Callable[[Path], Call]
"""Creates the call, given an empty data folder."""


def hello(folder: Path) -> Call:
    source = folder / "hello.py"
    source.write_text(HELLO)
    return Call("hello world", source, "/", b"{}", {}, "hello")


def public(name: str, root: Path, speech: Path) -> Call:
    """The first request a client would make."""
    json_type = {"Content-Type": "application/json"}
    text = json.dumps({"text": NOTE}).encode()
    source = root / "functions" / name / "main.py"
    if name == "emotion":
        return Call(name, source, "/predict", text, json_type, '"joy"')
    if name == "summarization":
        return Call(name, source, "/summarize", text, json_type, '"quotes"')
    if name == "transcription":
        return Call(name, source, "/transcribe", clip(speech), {"Content-Type": "audio/wav"}, '"segments":[{')
    if name == "journal":
        return Call(name, source, "/v1/entries", text, json_type, '"transcript"')
    raise SystemExit(f"no request is defined for {name}")


def event(name: str, root: Path, speech: Path, data: Path) -> Call:
    """The event that an entry of a local journal is waiting for."""
    command = [sys.executable, str(Path(__file__).with_name("waiting_entry.py")), name, str(data)]
    if name == "transcription":
        (data / "clip.wav").write_bytes(clip(speech))
        command.append(str(data / "clip.wav"))
    process = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(root)}, check=True, stdout=subprocess.PIPE
    )
    waiting = json.loads(process.stdout)
    return Call(
        name=f"{name} (event)",
        source=root / "functions" / name / "main.py",
        path="/",
        body=waiting["body"].encode(),
        headers=waiting["headers"],
        expected="OK",
        target="on_event",
        signature="cloudevent",
        logged='"message": "model"',
    )


def clip(speech: Path) -> bytes:
    """The first seconds of a recording."""
    with wave.open(str(speech), "rb") as recording, io.BytesIO() as out:
        with wave.open(out, "wb") as excerpt:
            excerpt.setparams(recording.getparams())
            excerpt.writeframes(recording.readframes(CLIP_S * recording.getframerate()))
        return out.getvalue()


def measure(call: Call, root: Path, data: Path, **environment: str) -> Start:
    """Start the target, send one request and stop it; its standard error is written to `data`/log."""
    with started(call, root, data, environment) as (process, port, start):
        response = ask(process, port, call, data / "log")
        seconds = time.perf_counter() - start
        log = (data / "log").read_text()
        if call.expected not in response or call.logged not in log:
            raise SystemExit(f"{call.name} responded {response[:300]!r} and logged {log[-600:]}")
        return Start(seconds, *memory(process.pid))


@contextmanager
def started(
    call: Call, root: Path, data: Path, extra: Mapping[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], int, float]]:
    """Start functions-framework with one target, as the image does."""
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "OPENBLAS_NUM_THREADS": "1",
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        "PYTHONPATH": str(root),
        "SAMO_BACKEND": "local",
        "SAMO_DATA_DIR": str(data),
        "FUNCTION_SOURCE": str(call.source),
        "FUNCTION_TARGET": call.target,
        "FUNCTION_SIGNATURE_TYPE": call.signature,
        "PORT": str(port),
        **extra,
    }
    command = [sys.executable, "-m", "functions_framework"]
    with (data / "log").open("wb") as log:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=root, env=environment, stderr=log, start_new_session=True)
        try:
            yield process, port, start
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def ask(process: subprocess.Popen[bytes], port: int, call: Call, log: Path) -> str:
    """The first response; connects every millisecond until the port is open."""
    deadline = time.monotonic() + TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
        try:
            connection.request("POST", call.path, call.body, dict(call.headers))
            return connection.getresponse().read().decode()
        except ConnectionRefusedError:
            time.sleep(0.001)
        finally:
            connection.close()
    raise SystemExit(f"{call.name} exited or never opened its port: {log.read_text()[-800:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def memory(group: int) -> tuple[float, float]:
    """Peak resident set size of a group's largest process, and proportional set size of all of them, in MiB.

    Uses VmHWM, which restarts with exec; ru_maxrss would include the parent's.
    """
    members = [entry for entry in Path("/proc").glob("[0-9]*") if _group(entry) == group]
    peaks = [_kib(entry / "status", "VmHWM:") for entry in members]
    return max(peaks) / 1024, sum(_kib(entry / "smaps_rollup", "Pss:") for entry in members) / 1024


def _group(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[2])
    except OSError:
        return -1


def _kib(path: Path, field: str) -> int:
    lines = [line for line in path.read_text().splitlines() if line.startswith(field)]
    return int(lines[0].split()[1])


def lay_out_models(root: Path, folder: Path, functions: Sequence[str]) -> None:
    """In a checkout, lay out the models as in an image, for the processes that follow."""
    if (root / "build" / "image.py").is_file():
        names = {name for function in functions for name in MODELS[function]}
        code = "import sys; from pathlib import Path; from build.image import bake; " + (
            "bake(Path('models'), Path(sys.argv[1]), sys.argv[2:])"
        )
        subprocess.run([sys.executable, "-c", code, str(folder), *sorted(names)], cwd=root, check=True)
        os.environ["SAMO_MODELS_DIR"] = str(folder)


def run(calls: Mapping[str, Prepare], root: Path, rounds: int) -> dict[str, list[Start]]:
    """Run all calls interleaved; the first round, which fills the caches, is not counted."""
    starts: dict[str, list[Start]] = defaultdict(list)
    for round_number in range(rounds + 1):
        for name, prepare in calls.items():
            with tempfile.TemporaryDirectory() as folder:
                start = measure(prepare(Path(folder)), root, Path(folder))
            if round_number:
                starts[name].append(start)
    return starts


def table(starts: Mapping[str, Sequence[Start]]) -> Iterator[str]:
    """One line per target; ratios are computed within a round, so that load affects both sides."""
    base = [start.seconds for start in starts["hello"]]
    yield f"first response of a cold process, median of {len(base)} (quartiles)"
    yield f"{'':22} {'ms':>18}   {'over hello world':>18}   {'peak':>8} {'PSS':>8}"
    for name, measured in starts.items():
        milliseconds = [start.seconds * 1000 for start in measured]
        ratios = [start.seconds / other for start, other in zip(measured, base, strict=True)]
        ratio = statistics.median(milliseconds) / statistics.median(base) / 1000
        yield (
            f"{name:22} {statistics.median(milliseconds):5.0f} {_quartiles(milliseconds, '4.0f'):>13}"
            f"   {ratio:5.2f} {_quartiles(ratios, '.2f'):>13}"
            f"   {max(start.peak_mib for start in measured):4.0f} MiB"
            f" {statistics.median(start.pss_mib for start in measured):4.0f} MiB"
        )


def _quartiles(values: Sequence[float], style: str) -> str:
    if len(values) < 2:
        return ""
    low, _, high = statistics.quantiles(values, n=4)
    return f"({low:{style}}-{high:{style}})"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("functions", nargs="*", default=["emotion", "summarization", "transcription"])
    parser.add_argument(
        "--events", action="store_true", help="also measure event targets, with a local journal"
    )
    parser.add_argument("--json", action="store_true", help="print every start as JSON")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--root", type=Path, default=ROOT, help="folder that contains functions/")
    parser.add_argument("--speech", type=Path, default=ROOT / "models" / "recordings" / "beckett.wav")
    options = parser.parse_args()
    options.root = options.root.resolve()
    with tempfile.TemporaryDirectory() as folder:
        lay_out_models(options.root, Path(folder), options.functions)
        starts = run(_calls(options), options.root, options.rounds)
    print(json.dumps(starts) if options.json else "\n".join(table(starts)))


def _calls(options: argparse.Namespace) -> dict[str, Prepare]:
    calls: dict[str, Prepare] = {"hello": hello}
    for name in options.functions:
        call = public(name, options.root, options.speech)
        calls[name] = lambda _, call=call: call  # type: ignore[misc]
        if options.events and name != "journal":
            calls[f"{name} (event)"] = partial(event, name, options.root, options.speech)
    return calls


if __name__ == "__main__":
    main()
