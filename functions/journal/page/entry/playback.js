/** What is heard, seen and read of an entry, moving together: the recording, the arc, the words. */

import { h } from "../common/dom.js";
import * as files from "../server/files.js";
import { Arc } from "./arc.js";
import { Player } from "./player.js";
import { TranscriptView } from "./transcript.js";

export class Moments {
  #slots;
  #entry = null;
  #player = null;
  #arc = null;
  #transcript = null;
  #heard = null;
  #onGone;

  /** `slots`: arc, player, transcript; `onGone` hears that the recording cannot be played. */
  constructor(slots, onGone) {
    this.#slots = slots;
    this.#onGone = onGone;
  }

  /** `playable`: whether the recording may be asked for; `editor` builds a form in place of the words, or is null. */
  show(entry, playable, editor) {
    this.#entry = entry;
    const { transcript, audio, insight } = entry;
    const points = insight.arc ?? [];
    const length = audio?.duration_s ?? transcript?.segments.at(-1)?.end ?? null;
    const url = playable ? (audio?.url ?? null) : null;
    const duration = this.#spoken ? length : null;
    const onPick = this.picks(playable);
    const { arc, player, transcript: words } = this.#slots;
    player.show(url, () => url && this.#playerCard(url, length));
    if (this.#player) this.#player.length = length;
    arc.show([points, duration], () => this.#arcCard(points, duration));
    words.show([transcript, points, onPick !== null, editor !== null], () => this.#words(points, onPick, editor));
  }

  /** Plays a sentence, where the recording can be had and knows its sentences; else null. */
  picks(playable) {
    return playable && this.#entry?.audio?.url && this.#spoken ? (segment) => this.#play(segment) : null;
  }

  /** Play or pause; false where there is nothing to. */
  toggle() {
    if (!this.#player) return false;
    this.#player.toggle();
    return true;
  }

  close() {
    this.#player?.close();
    [this.#entry, this.#player, this.#arc, this.#transcript, this.#heard] = [null, null, null, null, null];
  }

  get #spoken() {
    return Boolean(this.#entry?.transcript?.segments.some((segment) => typeof segment.start === "number"));
  }

  #playerCard(url, length) {
    this.#player = new Player(files.direct(url), length, {
      onFetch: () => files.fetched(url),
      onTime: (at, playing) => this.#played(at, playing),
      onGone: () => {
        this.#player = null;
        this.#onGone();
      },
    });
    return this.#player.element;
  }

  #arcCard(points, duration) {
    this.#arc = null;
    if (points.length < 2) return null;
    this.#arc = new Arc(points, this.#entry.transcript.segments, duration, (segment) => this.#play(segment));
    return [h("h2", {}, "How it went"), this.#arc.element];
  }

  #words(points, onPick, editor) {
    this.#transcript = null;
    if (editor) return editor();
    const { transcript } = this.#entry;
    if (!transcript?.text.trim()) return null;
    const onLook = (segment) => this.#arc?.highlight(segment);
    this.#transcript = new TranscriptView(transcript, points, { onPick, onLook });
    return [h("h2", {}, "In your words"), this.#transcript.element];
  }

  /** Play a spoken sentence; a written one is only shown. */
  #play(segment) {
    this.#arc?.highlight(segment);
    const { start } = this.#entry.transcript.segments[segment];
    if (typeof start === "number") this.#player?.playFrom(start);
  }

  #played(at, playing) {
    const segments = this.#entry?.transcript?.segments ?? [];
    const current = segments.findLastIndex(({ start }) => typeof start === "number" && start <= at + 0.05);
    const begun = playing || at > 0;
    this.#arc?.play(begun ? at : null);
    const heard = begun && current >= 0 ? current : null;
    if (heard === this.#heard) return;
    this.#heard = heard;
    if (heard !== null) this.#arc?.highlight(heard);
    this.#transcript?.highlight(heard);
  }
}
