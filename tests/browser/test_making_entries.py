"""Speaking, choosing, dropping, writing: each becomes an entry, and nothing is lost when it cannot."""

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
    """The entry on the page is ready and says what the recording says, but for a word or two."""
    expect(page.locator("#entry-summary")).to_be_visible()
    said = words(" ".join(page.locator(".sentence-text").all_inner_texts()))
    heard = sum(word in said for word in words(BECKETT))
    assert heard >= 0.8 * len(words(BECKETT)), said


def test_what_the_microphone_hears_becomes_an_entry_that_plays_from_any_moment(
    samo: Samo, page: Page
) -> None:
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


def test_what_is_said_is_read_along_while_it_is_said(samo: Samo, page: Page) -> None:
    assert httpx.get(f"{samo.address}/page/config.json").json()["dictation"]
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    page.goto(samo.address)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#live-text .final").first).to_be_visible()
    expect(page.locator("#elapsed")).to_have_text("0:11")
    said = words(page.locator("#live-text").inner_text())
    assert sum(word in said for word in words(BECKETT)) >= 0.6 * len(words(BECKETT)), said
    page.get_by_role("button", name="Stop and save").click()
    assert_beckett(page)
    assert f"POST {samo.address}/v1/entries" not in sent


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
"""Every WebSocket that was opened; none can be while `tunnel`."""


def test_a_dictation_that_breaks_off_loses_nothing(samo: Samo, page: Page, expected: list[str]) -> None:
    expected.append("WebSocket")
    page.add_init_script(SOCKETS)
    page.goto(samo.address)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#elapsed")).to_have_text("0:03")
    page.evaluate("sockets[0].close()")
    page.wait_for_function("() => sockets.length === 2")
    expect(page.locator("#elapsed")).to_have_text("0:11")
    page.get_by_role("button", name="Stop and save").click()
    assert_beckett(page)


def test_what_a_lost_dictation_has_heard_is_not_kept_beside_the_recording(
    samo: Samo, page: Page, expected: list[str]
) -> None:
    expected.append("WebSocket")
    heard: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(str(frame))))
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
    (ended,) = (frame for frame in heard if '"ended"' in frame)
    assert '"discarded"' in ended


def test_without_dictation_a_recording_is_sent_whole(samo: Samo, page: Page, expected: list[str]) -> None:
    expected.append("WebSocket")
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


def test_a_refused_microphone_says_what_to_do(samo: Samo, page: Page) -> None:
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


def test_a_recording_too_large_for_one_request_goes_through_an_upload_session(
    samo: Samo, page: Page, large: Path
) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.goto(samo.address)
    page.get_by_label("Choose a recording").set_input_files(large)
    assert_beckett(page)
    assert "PUT" in sent


def test_a_large_upload_that_breaks_off_is_resumed_and_makes_one_entry(
    samo: Samo, page: Page, expected: list[str], large: Path
) -> None:
    expected.append("net::ERR_")
    with proxied(samo.port) as proxy:
        storage, sessions = proxy.storage, route_uploads(page, proxy)
        proxy.storage_fails_after = 3 * MIB
        page.goto(proxy.address)
        page.get_by_label("Choose a recording").set_input_files(large)
        expect(page.locator("#uploads li")).to_contain_text("not responding")
        arrived = len(storage.kept)
        proxy.storage_fails_after = None
        page.locator("#uploads li").get_by_role("button", name="Try again").click()
        expect(page.get_by_text("The recording has not arrived yet")).to_be_visible()
        starts = {int(found[1]) for found in map(CHUNK_START.match, spans(storage)) if found}
        assert storage.kept == large.read_bytes()
        assert 2 * MIB < arrived < 3 * MIB
        assert starts == {0, arrived, arrived + 8 * MIB}
        assert len(sessions) == 2
        ((entry_id, _),) = set(sessions)
        samo.client.put(
            f"/v1/entries/{entry_id}/audio", content=storage.kept, headers={"Content-Type": "audio/wav"}
        )
        assert_beckett(page)


def test_a_large_upload_that_is_discarded_leaves_no_entry_behind(
    samo: Samo, page: Page, expected: list[str], large: Path
) -> None:
    expected.append("net::ERR_")
    with proxied(samo.port) as proxy:
        sessions = route_uploads(page, proxy)
        proxy.storage_fails_after = 0
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
    """Have the page upload to the storage, as in the cloud; the entry and the key of each session."""
    sessions: list[tuple[str, str]] = []

    def open_session(route: Route) -> None:
        answer = route.fetch()
        session = answer.json()
        sessions.append((session["entry"]["id"], route.request.headers["idempotency-key"]))
        route.fulfill(response=answer, json={**session, "url": f"{proxy.address}{network.UPLOAD}"})

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


def test_written_words_become_an_entry(samo: Samo, page: Page) -> None:
    page.goto(samo.address)
    page.get_by_label("or write").fill("I was so nervous before the talk.\n\nThen I felt proud and happy.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#entry-summary")).to_be_visible()
    expect(page.locator(".written")).to_have_count(2)
    expect(page.locator(".facts")).to_contain_text("written")
    expect(page.locator(".arc .dot")).to_have_count(2)


def test_without_its_stream_an_entry_is_followed_by_polling(
    samo: Samo, page: Page, expected: list[str], recordings: Path
) -> None:
    expected.append("ERR_FAILED")
    page.route("**/events", lambda route: route.abort())
    page.goto(samo.address)
    page.get_by_label("Choose a recording").set_input_files(recordings / "beckett.wav")
    assert_beckett(page)


def test_what_is_written_is_only_ever_text(samo: Samo, page: Page) -> None:
    page.goto(samo.address)
    page.get_by_label("or write").fill("<img src=x onerror=alert(1)> I am happy. <b>So happy</b> today.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".prose")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("#entry :is(img, b), #list :is(img, b)").count() == 0


def test_a_picture_is_refused_in_words_and_the_form_stays(
    samo: Samo, page: Page, expected: list[str]
) -> None:
    expected.append("415")
    page.goto(samo.address)
    page.get_by_label("or write").fill("Not finished yet")
    picture = {"name": "cat.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(64)}
    page.get_by_label("Choose a recording").set_input_files(picture)  # type: ignore[arg-type]
    refusal = page.locator("#uploads li")
    expect(refusal).to_contain_text("The recording cannot be decoded.")
    expect(page.get_by_label("or write")).to_have_value("Not finished yet")
    refusal.get_by_role("button", name="Discard").click()
    expect(refusal).to_have_count(0)


LOSE_THE_FIRST_ANSWER = """
  const { fetch } = window;
  const { send } = XMLHttpRequest.prototype;
  let lost = false;
  window.fetch = async (address, options) => {
    const answer = await fetch(address, options);
    if (lost || options?.method !== "POST") return answer;
    lost = true;
    throw new TypeError("the connection broke");
  };
  XMLHttpRequest.prototype.send = function (body) {
    if (!lost) this.onload = this.onerror;
    lost = true;
    send.call(this, body);
  };
"""
"""The journal hears of a new entry, the page does not hear back."""


def test_words_whose_answer_was_lost_are_kept_once(samo: Samo, page: Page) -> None:
    page.add_init_script(LOSE_THE_FIRST_ANSWER)
    page.goto(samo.address)
    page.get_by_label("or write").fill("The telephone went into a tunnel, and I was so annoyed.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#entry-summary")).to_be_visible()
    assert kept(samo, "tunnel") == 1


def kept(samo: Samo, word: str) -> int:
    """How many entries say it."""
    listed = samo.client.get("/v1/entries?limit=100").json()["entries"]
    entries = (samo.client.get(f"/v1/entries/{entry['id']}").json() for entry in listed)
    return sum(word in (entry["transcript"] or {"text": ""})["text"] for entry in entries)


def test_a_recording_whose_answer_was_lost_is_kept_once(samo: Samo, page: Page, recordings: Path) -> None:
    before = kept(samo, "times")
    page.add_init_script(LOSE_THE_FIRST_ANSWER)
    page.goto(samo.address)
    page.get_by_label("Choose a recording").set_input_files(recordings / "two_cities.wav")
    expect(page.locator("#entry-summary")).to_be_visible()
    assert kept(samo, "times") == before + 1


def test_an_upload_that_fails_can_be_sent_again(
    samo: Samo, page: Page, expected: list[str], recordings: Path
) -> None:
    expected.append("ERR_FAILED")
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
