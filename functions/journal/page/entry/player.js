/**
 * Plays a recording, from any moment.
 *
 * What a browser records has neither a length nor an index in it. Chromium seeks it all the same as
 * long as the server answers ranges, but calls it endless: the length comes from the journal, or
 * where that does not know it either, from seeking beyond the end once.
 */

import { h, svg } from "../common/dom.js";
import { clock } from "../common/format.js";

const BEYOND = 1e9;

export class Player {
  #audio;
  #toggle;
  #scrub;
  #clock = h("span", { class: "clock" });
  #duration;
  #onTime;
  #onGone;
  #fetch;
  #fetched = null;
  #closed = false;
  #measuring = false;

  /**
   * `url` null: the recording is asked of `onFetch` when it is first played. `onTime` hears the position in seconds,
   * often; `onGone` when the recording cannot be played.
   */
  constructor(url, duration, { onTime, onGone, onFetch }) {
    this.#duration = duration;
    this.#onTime = onTime;
    this.#fetch = url ? null : onFetch;
    this.#onGone = onGone;
    this.#audio = h("audio", { src: url, preload: "metadata", onerror: onGone });
    this.#toggle = h("button", { type: "button", class: "play", onclick: () => this.toggle() }, icon());
    this.#scrub = h("input", { type: "range", class: "scrub", min: 0, step: 0.1, value: 0, "aria-label": "Position" });
    this.#scrub.addEventListener("input", () => this.seek(Number(this.#scrub.value)));
    this.element = h("div", { class: "player" }, this.#toggle, this.#scrub, this.#clock, this.#audio);
    this.#listen();
    this.#show();
  }

  /** Go to a moment and play on from it. */
  async playFrom(seconds) {
    await this.seek(seconds);
    await this.#play();
  }

  async seek(seconds) {
    await this.#ready();
    this.#audio.currentTime = seconds;
    this.#show();
  }

  async toggle() {
    if (!this.#audio.paused) return this.#audio.pause();
    await this.#ready();
    await this.#play();
  }

  /** Have the recording here; whoever asks meanwhile waits for the same. */
  async #ready() {
    if (!this.#fetch) return;
    this.#fetched ??= this.#load();
    await this.#fetched;
  }

  async #load() {
    this.element.classList.add("loading");
    try {
      const url = await this.#fetch();
      if (this.#closed) return URL.revokeObjectURL(url);
      const loaded = new Promise((resolve) => this.#audio.addEventListener("loadedmetadata", resolve, { once: true }));
      this.#audio.src = url;
      await loaded;
      this.#fetch = null;
    } catch {
      this.#onGone();
    } finally {
      this.element.classList.remove("loading");
    }
  }

  /** Stop, and let go of the connection. */
  close() {
    this.#closed = true;
    if (this.#audio.src.startsWith("blob:")) URL.revokeObjectURL(this.#audio.src);
    this.#audio.pause();
    this.#audio.removeAttribute("src");
    this.#audio.load();
  }

  /** The recording's length in seconds once the journal knows it. */
  set length(seconds) {
    this.#duration = seconds;
    this.#show();
  }

  get #known() {
    return this.#duration ?? (Number.isFinite(this.#audio.duration) ? this.#audio.duration : null);
  }

  async #play() {
    try {
      await this.#audio.play();
    } catch (error) {
      if (error.name !== "AbortError" && error.name !== "NotAllowedError") throw error;
    }
  }

  #listen() {
    for (const event of ["play", "pause", "ended"]) this.#audio.addEventListener(event, () => this.#changed());
    for (const event of ["timeupdate", "seeked", "durationchange"]) {
      this.#audio.addEventListener(event, () => this.#show());
    }
    this.#audio.addEventListener("loadedmetadata", () => this.#measure());
  }

  #measure() {
    if (this.#known !== null) return this.#show();
    this.#measuring = true;
    this.#audio.addEventListener("seeked", () => this.#measured(), { once: true });
    this.#audio.currentTime = BEYOND;
  }

  #measured() {
    this.#measuring = false;
    this.seek(0);
  }

  #changed() {
    this.#toggle.classList.toggle("playing", !this.#audio.paused);
    this.#toggle.setAttribute("aria-label", this.#audio.paused ? "Play" : "Pause");
    if (!this.#audio.paused) this.#follow();
  }

  /** While it plays, oftener than `timeupdate` tells. */
  #follow() {
    this.#show();
    if (!this.#audio.paused && this.#audio.isConnected) requestAnimationFrame(() => this.#follow());
  }

  #show() {
    if (this.#measuring) return;
    const [at, length] = [this.#audio.currentTime, this.#known];
    this.#scrub.max = length ?? Math.max(at, 1);
    this.#scrub.value = at;
    this.#scrub.style.setProperty("--played", `${(100 * at) / Number(this.#scrub.max)}%`);
    this.#scrub.setAttribute("aria-valuetext", clock(at));
    this.#clock.textContent = length === null ? clock(at) : `${clock(Math.min(at, length))} / ${clock(length)}`;
    this.#toggle.setAttribute("aria-label", this.#audio.paused ? "Play" : "Pause");
    this.#onTime(at, !this.#audio.paused);
  }
}

const icon = () =>
  svg(
    "svg",
    { viewBox: "0 0 24 24", "aria-hidden": "true" },
    svg("path", { class: "when-paused", d: "M8 5.5v13l10.5-6.5z" }),
    svg("path", { class: "when-playing", d: "M7.5 5.5h3v13h-3zm6 0h3v13h-3z" }),
  );
