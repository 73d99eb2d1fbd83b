/** Live dictation from the microphone. */

import { timezone } from "../common/format.js";
import * as api from "../server/api.js";
import { PcmSource } from "./pcm_source.js";

/** @import { DictationEvent, DictationSession, EmotionScore, Segment } from "../client/samo.js" */

/**
 * @typedef {object} Listener
 * @property {(text: string) => void} onPartial
 * @property {(segment: Segment, emotions: EmotionScore[]) => void} onFinal
 * @property {() => void} onFull the maximum length is reached
 * @property {() => void} onLost
 */

export class Dictation {
  #source;
  #session;
  #listener;
  #stopped = false;
  #lost = false;

  /** @param {PcmSource} source @param {DictationSession} session @param {Listener} listener */
  constructor(source, session, listener) {
    this.#source = source;
    this.#session = session;
    this.#listener = listener;
    this.#listen();
  }

  /**
   * Dictate from a microphone; null if the journal or the browser does not support it.
   *
   * @param {MediaStream} stream
   * @param {Listener} listener
   */
  static start(stream, listener) {
    if (!globalThis.AudioWorkletNode) return null;
    /** @type {DictationSession | null} */
    let session = null;
    const source = new PcmSource(stream, (samples) => session?.send(samples));
    session = api.startDictation(source.rate, timezone);
    if (!session) {
      source.close();
      return null;
    }
    source.start(stream).catch((error) => session?.close(error));
    return new Dictation(source, session, listener);
  }

  /**
   * End the dictation. Resolves to the id of its entry; null if there is none within `timeoutMs`.
   *
   * @param {number} timeoutMs
   */
  async finish(timeoutMs) {
    if (this.#lost) return null;
    this.#stopped = true;
    this.#source.close();
    const timeout = new Promise((resolve) => setTimeout(() => resolve(null), timeoutMs));
    const ended = await Promise.race([this.#session.stop(), timeout]);
    return ended?.entry_id ?? null;
  }

  /** Discard the dictation. Resolves to the id of an entry that was created anyway, or to null. */
  discard() {
    this.#stopped = true;
    this.#source.close();
    return this.#session.discard();
  }

  async #listen() {
    try {
      for await (const event of this.#session) this.#receive(event);
    } catch {
      this.#lose();
    }
  }

  /** @param {DictationEvent} event */
  #receive(event) {
    if (event.type === "partial") this.#listener.onPartial(event.text);
    else if (event.type === "final") this.#listener.onFinal(event.segment, event.emotions);
    else if (event.type === "unheard") this.#listener.onPartial("");
    else if (!this.#stopped && event.reason === "dictation_too_long") this.#listener.onFull();
    else if (!this.#stopped) this.#lose();
  }

  #lose() {
    this.#lost = true;
    this.#source.close();
    this.#listener.onLost();
  }
}
