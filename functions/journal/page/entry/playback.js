/** Keeps the recording, arc and transcript of an entry in sync. */

import { h } from "../common/dom.js";
import * as api from "../server/api.js";
import { t } from "../texts/texts.js";
import { Arc } from "./arc.js";
import { Player } from "./player.js";
import { TranscriptView } from "./transcript.js";
import { hasCourse } from "./turns.js";

/** @import { ArcPointView, EntryView, Segment } from "../client/samo.js" */
/** @import { Child, Slot } from "../common/dom.js" */

/** Sentences count as reached slightly early: seeking is not exact. */
const TOLERANCE_S = 0.05;

export class Playback {
  #slots;
  /** @type {EntryView | null} */
  #entry = null;
  /** @type {Player | null} */
  #player = null;
  /** @type {Arc | null} */
  #arc = null;
  /** @type {TranscriptView | null} */
  #transcript = null;
  /** @type {number | null} */
  #playing = null;
  #onUnplayable;

  /** @param {{ arc: Slot, player: Slot, transcript: Slot }} slots @param {() => void} onUnplayable */
  constructor(slots, onUnplayable) {
    this.#slots = slots;
    this.#onUnplayable = onUnplayable;
  }

  /**
   * @param {EntryView} entry
   * @param {boolean} playable whether the recording can be requested
   * @param {(() => Child) | null} editor builds a form to show in place of the transcript
   */
  show(entry, playable, editor) {
    this.#entry = entry;
    const { transcript, audio, insight } = entry;
    const points = insight.arc ?? [];
    const length = audio?.duration_s ?? transcript?.segments.at(-1)?.end ?? null;
    const url = playable ? (audio?.url ?? null) : null;
    const duration = this.#isTimed ? length : null;
    const onPick = this.picker(playable);
    this.#slots.player.show(url, () => url && this.#buildPlayer(entry.id, url, length));
    this.#player?.setLength(length);
    this.#slots.arc.show([points, duration, onPick !== null], () => this.#buildArc(points, duration, onPick));
    const inputs = [transcript, points, onPick !== null, editor !== null];
    this.#slots.transcript.show(inputs, () => this.#buildTranscript(points, onPick, editor));
  }

  /**
   * A function that plays a sentence, from its start or another time; null if that is not possible.
   *
   * @param {boolean} playable
   * @returns {((segment: number, from?: number | null) => void) | null}
   */
  picker(playable) {
    const possible = playable && this.#entry?.audio?.url && this.#isTimed;
    return possible ? (segment, from) => this.#playSegment(segment, from) : null;
  }

  /** Show a sentence in the text. @param {number} segment */
  reveal(segment) {
    this.#arc?.highlight(segment);
    this.#transcript?.reveal(segment);
  }

  /** Play or pause; returns false if there is no recording. */
  toggle() {
    if (!this.#player) return false;
    this.#player.toggle();
    return true;
  }

  close() {
    this.#player?.close();
    [this.#entry, this.#player, this.#arc, this.#transcript, this.#playing] = [null, null, null, null, null];
  }

  get #segments() {
    return this.#entry?.transcript?.segments ?? [];
  }

  get #isTimed() {
    return this.#segments.some(isTimed);
  }

  /** @param {string} id @param {string} url @param {number | null} length */
  #buildPlayer(id, url, length) {
    this.#player = new Player(api.audioUrl(url), length, {
      onFetch: () => api.fetchAudio(id),
      onTime: (time, playing) => this.#showTime(time, playing),
      onUnplayable: () => {
        this.#player = null;
        this.#onUnplayable();
      },
    });
    return this.#player.element;
  }

  /** @param {ArcPointView[]} points @param {number | null} duration @param {((segment: number) => void) | null} onPick */
  #buildArc(points, duration, onPick) {
    this.#arc = null;
    if (!hasCourse(points)) return null;
    this.#arc = new Arc(points, this.#segments, duration, {
      onPick: (segment) => this.#playSegment(segment),
      onShow: onPick ?? ((segment) => this.reveal(segment)),
    });
    return [h("h2", {}, t("entry.emotional_arc")), this.#arc.element];
  }

  /** @param {ArcPointView[]} points @param {((segment: number) => void) | null} onPick @param {(() => Child) | null} editor */
  #buildTranscript(points, onPick, editor) {
    this.#transcript = null;
    if (editor) return editor();
    const transcript = this.#entry?.transcript;
    if (!transcript?.text.trim()) return null;
    const onHover = (/** @type {number} */ segment) => this.#arc?.highlight(segment);
    this.#transcript = new TranscriptView(transcript, points, { onPick, onHover });
    const heading = h("h2", {}, this.#entry?.source === "voice" ? t("entry.transcript") : t("entry.text"));
    const note = transcript.differs_from_dictation && h("p", { class: "quiet-text" }, t("entry.second_pass"));
    return [heading, note, this.#transcript.element];
  }

  /** Play a spoken sentence; highlight a written one. @param {number} segment @param {number | null} [from] */
  #playSegment(segment, from) {
    this.#arc?.highlight(segment);
    const start = from ?? this.#segments[segment].start;
    if (typeof start === "number") this.#player?.playFrom(start);
  }

  /** @param {number} time @param {boolean} playing */
  #showTime(time, playing) {
    const started = playing || time > 0;
    this.#arc?.showPlayhead(started ? time : null);
    const current = this.#segments.findLastIndex(
      (segment) => isTimed(segment) && startOf(segment) <= time + TOLERANCE_S,
    );
    const segment = started && current >= 0 ? current : null;
    if (segment === this.#playing) return;
    this.#playing = segment;
    if (segment !== null) this.#arc?.highlight(segment);
    this.#transcript?.highlight(segment);
  }
}

/** @param {Segment} segment */
const isTimed = ({ start }) => typeof start === "number";

/** @param {Segment} segment */
const startOf = ({ start }) => start ?? 0;
