"""Creating entries by recording, choosing or dropping a file, and writing, over connections that fail."""

from __future__ import annotations

import base64
import re
import wave
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import network
from tests.browser.network import Proxy, proxied
from tests.browser.samo import Samo
from tests.clients.scripted import Storage

pytestmark = [pytest.mark.browser, pytest.mark.models]

MIB = 1024 * 1024
UPLOAD = "**/v1/entries?recorded_at=*"
"""A recording that is sent in one request."""
BECKETT = "ever tried ever failed no matter try again fail again fail better"


def words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def assert_beckett(page: Page) -> None:
    """The entry on the page is ready and contains at least 80% of the recording's words."""
    expect(page.locator("#entry-summary")).to_be_visible()
    recognized = words(" ".join(page.locator(".sentence-text").all_inner_texts()))
    matches = sum(word in recognized for word in words(BECKETT))
    assert matches >= 0.8 * len(words(BECKETT)), recognized


def test_a_recording_from_the_microphone_becomes_an_entry_that_can_be_sought(samo: Samo, page: Page) -> None:
    page.goto(samo.address)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#elapsed")).to_have_text("0:11")
    page.get_by_role("button", name="Stop and save").click()
    assert_beckett(page)
    page.get_by_role("slider", name="Position").fill("6")
    page.wait_for_function(
        "() => { const audio = document.querySelector('audio');"
        " return !audio.seeking && audio.readyState >= 2 && Math.abs(audio.currentTime - 6) < 0.2 }"
    )


def test_text_appears_during_dictation_and_becomes_an_entry(samo: Samo, page: Page) -> None:
    assert httpx.get(f"{samo.address}/page/config.json").json()["dictation"]
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    page.goto(samo.address)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#live-text .final").first).to_be_visible()
    expect(page.locator("#elapsed")).to_have_text("0:11")
    recognized = words(page.locator("#live-text").inner_text())
    assert sum(word in recognized for word in words(BECKETT)) >= 0.6 * len(words(BECKETT)), recognized
    page.get_by_role("button", name="Stop and save").click()
    assert_beckett(page)
    assert f"POST {samo.address}/v1/entries" not in sent
    entry_id = page.url.rsplit("/", 1)[1]
    transcript = samo.client.get(f"/v1/entries/{entry_id}").json()["transcript"]
    expect(page.get_by_text(SECOND_PASS)).to_have_count(int(transcript["differs_from_dictation"]))


SECOND_PASS = "Made from the whole recording after you stopped."


@pytest.mark.parametrize(("seen", "is_said"), [("other words than these", True), (None, False)])
def test_the_page_says_so_if_the_text_is_not_what_was_seen_during_dictation(
    samo: Samo, page: Page, recordings: Path, seen: str | None, is_said: bool
) -> None:
    transcribed = samo.record(recordings / "beckett.wav")
    samo.finished(transcribed)
    text = samo.client.get(f"/v1/entries/{transcribed}/transcript?format=txt").text
    entry_id = samo.record(recordings / "beckett.wav", dictated=seen or text.lower())
    samo.finished(entry_id)
    page.goto(f"{samo.address}/#/entry/{entry_id}")
    expect(page.locator(".sentence-text").first).to_be_visible()
    expect(page.get_by_text(SECOND_PASS)).to_have_count(int(is_said))


SOCKETS = """
  globalThis.sockets = [];
  const Real = WebSocket;
  globalThis.WebSocket = class extends Real {
    constructor(url) {
      if (globalThis.tunnel) throw new Error("no connection in a tunnel");
      super(url);
      sockets.push(this);
    }
  };
"""
"""Records every WebSocket in `sockets`; none can be opened while `tunnel` is set."""


def test_an_interrupted_dictation_loses_nothing(samo: Samo, page: Page, expected_errors: list[str]) -> None:
    expected_errors.append("WebSocket")
    page.add_init_script(SOCKETS)
    page.goto(samo.address)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#elapsed")).to_have_text("0:03")
    page.evaluate("sockets[0].close()")
    page.wait_for_function("() => sockets.length === 2")
    expect(page.locator("#elapsed")).to_have_text("0:11")
    page.get_by_role("button", name="Stop and save").click()
    assert_beckett(page)


def test_a_lost_dictation_is_discarded_in_favour_of_the_recording(
    samo: Samo, page: Page, expected_errors: list[str]
) -> None:
    expected_errors.append("WebSocket")
    received: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(str(frame))))
    page.add_init_script(SOCKETS)
    page.goto(samo.address)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#elapsed")).to_have_text("0:03")
    page.evaluate("tunnel = true; sockets[0].close()")
    expect(page.locator("#elapsed")).to_have_text("0:11")
    page.evaluate("tunnel = false")
    page.get_by_role("button", name="Stop and save").click()
    assert_beckett(page)
    page.wait_for_function("() => sockets.length === 2 && sockets[1].readyState === WebSocket.CLOSED")
    (ended,) = (frame for frame in received if '"ended"' in frame)
    assert '"discarded"' in ended


def test_without_dictation_the_recording_is_uploaded(
    samo: Samo, page: Page, expected_errors: list[str]
) -> None:
    expected_errors.append("WebSocket")
    page.add_init_script("globalThis.WebSocket = class { constructor() { throw new Error('none here') } }")
    page.goto(samo.address)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#elapsed")).to_have_text("0:11")
    page.get_by_role("button", name="Stop and save").click()
    assert_beckett(page)


def test_a_recording_can_be_cancelled(samo: Samo, page: Page) -> None:
    page.goto(samo.address)
    page.get_by_role("button", name="Record", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_focused()
    assert page.locator("#uploads li").count() == 0


def test_denied_microphone_access_is_explained(samo: Samo, page: Page) -> None:
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))"
    )
    page.goto(samo.address)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Allow it in the site settings")
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_enabled()


def test_a_chosen_file_becomes_an_entry(samo: Samo, page: Page, recordings: Path) -> None:
    page.goto(samo.address)
    page.get_by_label("Choose a recording").set_input_files(recordings / "beckett.wav")
    assert_beckett(page)


@pytest.fixture(scope="module")
def large(microphone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording too large for one request."""
    large = tmp_path_factory.mktemp("large") / "large.wav"
    with wave.open(str(microphone)) as source, wave.open(str(large), "wb") as target:
        target.setparams(source.getparams())
        target.writeframes(source.readframes(source.getnframes()))
        target.writeframes(bytes(12 * MIB))
    return large


def test_a_recording_too_large_for_one_request_uses_an_upload_session(
    samo: Samo, page: Page, large: Path
) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.goto(samo.address)
    page.get_by_label("Choose a recording").set_input_files(large)
    assert_beckett(page)
    assert "PUT" in sent


def test_an_interrupted_large_upload_resumes_and_creates_one_entry(
    samo: Samo, page: Page, expected_errors: list[str], large: Path
) -> None:
    expected_errors.append("net::ERR_")
    with proxied(samo.port) as proxy:
        storage, sessions = proxy.storage, route_uploads(page, proxy)
        proxy.fail_storage_after = 3 * MIB
        page.goto(proxy.address)
        page.get_by_label("Choose a recording").set_input_files(large)
        expect(page.locator("#uploads li")).to_contain_text("not responding")
        arrived = len(storage.kept)
        proxy.fail_storage_after = None
        page.locator("#uploads li").get_by_role("button", name="Try again").click()
        expect(page.get_by_text("The recording has not arrived yet")).to_be_visible()
        starts = {int(match[1]) for match in map(CHUNK_START.match, spans(storage)) if match}
        assert storage.kept == large.read_bytes()
        assert 2 * MIB < arrived < 3 * MIB
        assert starts == {0, arrived, arrived + 8 * MIB}
        assert len(sessions) == 2
        ((entry_id, _),) = set(sessions)
        samo.client.put(
            f"/v1/entries/{entry_id}/audio", content=storage.kept, headers={"Content-Type": "audio/wav"}
        )
        assert_beckett(page)


def test_a_discarded_large_upload_leaves_no_entry(
    samo: Samo, page: Page, expected_errors: list[str], large: Path
) -> None:
    expected_errors.append("net::ERR_")
    with proxied(samo.port) as proxy:
        sessions = route_uploads(page, proxy)
        proxy.fail_storage_after = 0
        page.goto(proxy.address)
        with page.expect_request(f"**{network.UPLOAD}"):
            page.get_by_label("Choose a recording").set_input_files(large)
        card = page.locator("#uploads li")
        card.get_by_role("button", name="Cancel").click()
        expect(card).to_contain_text("You cancelled the upload.")
        with page.expect_response(lambda response: response.request.method == "DELETE"):
            card.get_by_role("button", name="Discard").click()
    ((entry_id, _),) = set(sessions)
    assert samo.client.get(f"/v1/entries/{entry_id}").status_code == 404


CHUNK_START = re.compile(r"bytes (\d+)-")


def spans(storage: Storage) -> list[str]:
    return [request.headers["Content-Range"] for request in storage.requests]


def route_uploads(page: Page, proxy: Proxy) -> list[tuple[str, str]]:
    """Make the page upload to the storage; returns the entry id and idempotency key of each session."""
    sessions: list[tuple[str, str]] = []

    def open_session(route: Route) -> None:
        response = route.fetch()
        session = response.json()
        sessions.append((session["entry"]["id"], route.request.headers["idempotency-key"]))
        route.fulfill(response=response, json={**session, "url": f"{proxy.address}{network.UPLOAD}"})

    page.route("**/v1/uploads", open_session)
    return sessions


def test_a_file_dropped_anywhere_becomes_an_entry(samo: Samo, page: Page, recordings: Path) -> None:
    page.goto(samo.address)
    content = base64.b64encode((recordings / "beckett.wav").read_bytes()).decode()
    dropped = page.evaluate_handle(
        """content => {
          const bytes = Uint8Array.from(atob(content), character => character.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], "beckett.wav", { type: "audio/wav" }));
          return transfer;
        }""",
        content,
    )
    page.dispatch_event("footer", "dragover", {"dataTransfer": dropped})
    expect(page.get_by_text("Drop a recording to add it")).to_be_visible()
    page.dispatch_event("footer", "drop", {"dataTransfer": dropped})
    expect(page.get_by_text("Drop a recording to add it")).to_be_hidden()
    assert_beckett(page)


def test_written_text_becomes_an_entry(samo: Samo, page: Page) -> None:
    page.goto(samo.address)
    page.get_by_label("or write").fill("I was so nervous before the talk.\n\nThen I felt proud and happy.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#entry-summary")).to_be_visible()
    expect(page.locator(".written")).to_have_count(2)
    expect(page.locator(".facts")).to_contain_text("written")
    expect(page.locator(".arc .dot")).to_have_count(2)


def test_without_its_stream_an_entry_is_followed_by_polling(
    samo: Samo, page: Page, expected_errors: list[str], recordings: Path
) -> None:
    expected_errors.append("ERR_FAILED")
    page.route("**/events", lambda route: route.abort())
    page.goto(samo.address)
    page.get_by_label("Choose a recording").set_input_files(recordings / "beckett.wav")
    assert_beckett(page)


def test_html_in_written_text_is_not_interpreted(samo: Samo, page: Page) -> None:
    page.goto(samo.address)
    page.get_by_label("or write").fill("<img src=x onerror=alert(1)> I am happy. <b>So happy</b> today.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".prose")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("#entry :is(img, b), #list :is(img, b)").count() == 0


def test_a_rejected_file_is_explained_and_the_form_keeps_its_text(
    samo: Samo, page: Page, expected_errors: list[str]
) -> None:
    expected_errors.append("415")
    page.goto(samo.address)
    page.get_by_label("or write").fill("Not finished yet")
    picture = {"name": "cat.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(64)}
    page.get_by_label("Choose a recording").set_input_files(picture)  # type: ignore[arg-type]
    message = page.locator("#uploads li")
    expect(message).to_contain_text("The recording cannot be decoded.")
    expect(page.get_by_label("or write")).to_have_value("Not finished yet")
    message.get_by_role("button", name="Discard").click()
    expect(message).to_have_count(0)


LOSE_THE_FIRST_RESPONSE = """
  const { fetch } = window;
  const { send } = XMLHttpRequest.prototype;
  let lost = false;
  window.fetch = async (address, options) => {
    const response = await fetch(address, options);
    if (lost || options?.method !== "POST") return response;
    lost = true;
    throw new TypeError("the connection broke");
  };
  XMLHttpRequest.prototype.send = function (body) {
    if (!lost) this.onload = this.onerror;
    lost = true;
    send.call(this, body);
  };
"""
"""The journal receives the first request, but the page does not get the response."""


def test_text_whose_response_was_lost_is_stored_once(samo: Samo, page: Page) -> None:
    page.add_init_script(LOSE_THE_FIRST_RESPONSE)
    page.goto(samo.address)
    page.get_by_label("or write").fill("The telephone went into a tunnel, and I was so annoyed.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#entry-summary")).to_be_visible()
    assert entries_containing(samo, "telephone") == 1


def entries_containing(samo: Samo, word: str) -> int:
    """The number of entries whose text contains a word."""
    listed = samo.client.get("/v1/entries?limit=100").json()["entries"]
    entries = (samo.client.get(f"/v1/entries/{entry['id']}").json() for entry in listed)
    return sum(word in (entry["transcript"] or {"text": ""})["text"] for entry in entries)


def test_a_recording_whose_response_was_lost_is_stored_once(samo: Samo, page: Page, recordings: Path) -> None:
    before = entries_containing(samo, "times")
    page.add_init_script(LOSE_THE_FIRST_RESPONSE)
    page.goto(samo.address)
    page.get_by_label("Choose a recording").set_input_files(recordings / "two_cities.wav")
    expect(page.locator("#entry-summary")).to_be_visible()
    assert entries_containing(samo, "times") == before + 1


def test_a_failed_upload_can_be_retried(
    samo: Samo, page: Page, expected_errors: list[str], recordings: Path
) -> None:
    expected_errors.append("ERR_FAILED")
    page.goto(samo.address)
    page.route(UPLOAD, lambda route: route.abort())
    page.get_by_label("Choose a recording").set_input_files(recordings / "beckett.wav")
    failed = page.locator("#uploads li")
    expect(failed).to_contain_text("not responding")
    with page.expect_download() as download:
        failed.get_by_role("link", name="Download").click()
    assert Path(download.value.path()).read_bytes() == (recordings / "beckett.wav").read_bytes()
    page.unroute(UPLOAD)
    failed.get_by_role("button", name="Try again").click()
    assert_beckett(page)
