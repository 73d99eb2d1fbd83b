from __future__ import annotations

import re
import threading

import pytest

from functions.shared.observability import tracing

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
OTHER_TRACE = "105445aa7843bc8bf206b12000100000"


@pytest.fixture(autouse=True)
def no_trace() -> None:
    tracing.begin(None)


def test_the_w3c_header_sets_the_trace() -> None:
    assert tracing.begin(f"00-{TRACE}-{SPAN}-01") == tracing.Trace(TRACE, SPAN, sampled=True)
    assert tracing.begin(f"00-{TRACE}-{SPAN}-00", f"{OTHER_TRACE}/1") == tracing.Trace(TRACE, SPAN)


def test_later_versions_of_the_header_are_accepted() -> None:
    assert tracing.begin(f"01-{TRACE}-{SPAN}-03-more") == tracing.Trace(TRACE, SPAN, sampled=True)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "a sentence from a journal",
        f"00-{TRACE}-{SPAN}-01-more",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
    ],
)
def test_without_a_valid_w3c_header_googles_is_used(header: str | None) -> None:
    trace = tracing.begin(header, f"{OTHER_TRACE}/74;o=1")

    assert trace == tracing.Trace(OTHER_TRACE, "000000000000004a", sampled=True)


@pytest.mark.parametrize("header", [None, "", "words", f"{'0' * 32}/1", "abc/1;o=1"])
def test_without_either_header_a_new_trace_begins(header: str | None) -> None:
    first, second = tracing.begin(None, header), tracing.begin(None, header)

    assert re.fullmatch("[0-9a-f]{32}", first.trace_id)
    assert re.fullmatch("[0-9a-f]{16}", first.span_id)
    assert first.trace_id != second.trace_id
    assert not first.sampled


@pytest.mark.parametrize("header", [TRACE, f"{TRACE}/0", f"{TRACE}/{2**64}"])
def test_googles_header_needs_no_valid_span(header: str) -> None:
    trace = tracing.begin(None, header)

    assert trace.trace_id == TRACE
    assert trace.span_id.strip("0")


def test_follow_up_work_has_the_same_trace_and_a_new_span() -> None:
    tracing.begin(f"00-{TRACE}-{SPAN}-01")
    first, second = tracing.traceparent(), tracing.traceparent()

    assert {header[:36] for header in (first, second)} == {f"00-{TRACE}-"}
    assert len({SPAN, first[36:52], second[36:52]}) == 3
    assert first.endswith("-01")


def test_outside_a_trace_the_header_is_valid_too() -> None:
    headers: list[str] = []
    thread = threading.Thread(target=lambda: headers.append(tracing.traceparent()))
    thread.start()
    thread.join()

    assert tracing.begin(headers[0]).trace_id in headers[0]


def test_threads_do_not_share_traces() -> None:
    tracing.begin(f"00-{TRACE}-{SPAN}-01")
    seen: list[object] = []
    thread = threading.Thread(target=lambda: seen.append(tracing.current()))
    thread.start()
    thread.join()

    assert seen == [None]


def test_log_fields_have_the_full_trace_name_and_need_a_project() -> None:
    tracing.begin(f"00-{TRACE}-{SPAN}-01")

    assert tracing.fields("") == {}
    assert tracing.fields("samo-prod") == {
        "logging.googleapis.com/trace": f"projects/samo-prod/traces/{TRACE}",
        "logging.googleapis.com/spanId": SPAN,
        "logging.googleapis.com/trace_sampled": True,
    }
