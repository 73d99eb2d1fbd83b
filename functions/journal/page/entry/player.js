/**
 * Plays a recording from any position.
 *
 * Recordings made by a browser have neither a duration nor an index. Chromium can seek in them if the server supports
 * range requests, but reports an infinite duration. The duration comes from the journal or, if unknown there, from
 * seeking beyond the end once.
 */

import { h, svg } from "../common/dom.js";
import { clock } from "../common/format.js";
import { t } from "../texts/texts.js";

const BEYOND_THE_END = 1e9;

/**
 * @typedef {object} Listener
 * @property {(time: number, playing: boolean) => void} onTime called often, with the position in seconds
 * @property {() => void} onUnplayable
 * @property {() => Promise<string>} onFetch resolves to an object URL
 */

export class Player {
  #audio;
  #toggle = h("button", { type: "button", class: "play", onclick: () => this.toggle() }, icon());
  #position = h("input", {
    type: "range",
    class: "scrub",
    min: 0,
    step: 0.1,
    value: 0,
    "aria-label": t("entry.position"),
  });
  #clock = h("span", { class: "clock" });
  #length;
  #listener;
  /** @type {Promise<void> | null} */
  #loading = null;
  #loaded;
  #closed = false;
  #measuring = false;

  /**
   * @param {string | null} url null: the recording is fetched when it is first played
   * @param {number | null} length in seconds
   * @param {Listener} listener
   */
  constructor(url, length, listener) {
    this.#length = length;
    this.#listener = listener;
    this.#loaded = url !== null;
    this.#audio = h("audio", { src: url, preload: "metadata" });
    this.element = h("div", { class: "player" }, this.#toggle, this.#position, this.#clock, this.#audio);
    this.#listen();
    this.#show();
  }

  /** Play from a position. @param {number} seconds */
  async playFrom(seconds) {
    await this.seek(seconds);
    await this.#play();
  }

  /** @param {number} seconds */
  async seek(seconds) {
    await this.#load();
    this.#audio.currentTime = seconds;
    this.#show();
  }

  async toggle() {
    if (!this.#audio.paused) {
      this.#audio.pause();
      return;
    }
    await this.#load();
    await this.#play();
  }

  /** Stop, and release the recording. */
  close() {
    this.#closed = true;
    if (this.#audio.src.startsWith("blob:")) URL.revokeObjectURL(this.#audio.src);
    this.#audio.pause();
    this.#audio.removeAttribute("src");
    this.#audio.load();
  }

  /** Set the recording's length in seconds, once the journal knows it. @param {number | null} seconds */
  setLength(seconds) {
    this.#length = seconds;
    this.#show();
  }

  get #knownLength() {
    return this.#length ?? (Number.isFinite(this.#audio.duration) ? this.#audio.duration : null);
  }

  /** Fetch the recording if necessary; concurrent callers share one request. */
  async #load() {
    if (this.#loaded) return;
    this.#loading ??= this.#fetch();
    await this.#loading;
  }

  async #fetch() {
    this.element.classList.add("loading");
    try {
      const url = await this.#listener.onFetch();
      if (this.#closed) {
        URL.revokeObjectURL(url);
        return;
      }
      const metadata = new Promise((resolve) =>
        this.#audio.addEventListener("loadedmetadata", resolve, { once: true }),
      );
      this.#audio.src = url;
      await metadata;
      this.#loaded = true;
    } catch {
      this.#listener.onUnplayable();
    } finally {
      this.element.classList.remove("loading");
    }
  }

  async #play() {
    try {
      await this.#audio.play();
    } catch (error) {
      if (!(error instanceof DOMException) || !["AbortError", "NotAllowedError"].includes(error.name)) throw error;
    }
  }

  #listen() {
    const audio = this.#audio;
    audio.addEventListener("error", () => this.#listener.onUnplayable());
    for (const event of ["play", "pause", "ended"]) audio.addEventListener(event, () => this.#onStateChange());
    for (const event of ["timeupdate", "seeked", "durationchange"]) audio.addEventListener(event, () => this.#show());
    audio.addEventListener("loadedmetadata", () => this.#measure());
    this.#position.addEventListener("input", () => this.seek(Number(this.#position.value)));
  }

  /** Determine the length of the recording. */
  #measure() {
    if (this.#knownLength !== null) {
      this.#show();
      return;
    }
    this.#measuring = true;
    const measured = () => {
      this.#measuring = false;
      this.seek(0);
    };
    this.#audio.addEventListener("seeked", measured, { once: true });
    this.#audio.currentTime = BEYOND_THE_END;
  }

  #onStateChange() {
    this.#toggle.classList.toggle("playing", !this.#audio.paused);
    this.#animate();
  }

  /** Show the position in every frame while playing: `timeupdate` is too infrequent. */
  #animate() {
    this.#show();
    if (!this.#audio.paused && this.#audio.isConnected) requestAnimationFrame(() => this.#animate());
  }

  #show() {
    if (this.#measuring) return;
    const [time, length] = [this.#audio.currentTime, this.#knownLength];
    const end = length ?? Math.max(time, 1);
    this.#position.max = String(end);
    this.#position.value = String(time);
    this.#position.style.setProperty("--played", `${(100 * time) / end}%`);
    this.#position.setAttribute("aria-valuetext", clock(time));
    this.#clock.textContent = length === null ? clock(time) : `${clock(Math.min(time, length))} / ${clock(length)}`;
    this.#toggle.setAttribute("aria-label", this.#audio.paused ? t("entry.play") : t("entry.pause"));
    this.#listener.onTime(time, !this.#audio.paused);
  }
}

function icon() {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", "aria-hidden": "true" },
    svg("path", { class: "when-paused", d: "M8 5.5v13l10.5-6.5z" }),
    svg("path", { class: "when-playing", d: "M7.5 5.5h3v13h-3zm6 0h3v13h-3z" }),
  );
}
