/** A queue between a producer of events and an async iterator. */

/** @import { DictationEvent } from "./samo.js" */

/** Buffers a dictation's events for the caller that iterates over them. */
export class EventQueue {
  /** @type {DictationEvent[]} */
  #events = [];
  /** @type {{ error?: unknown } | null} */
  #end = null;
  #wake = () => {};

  /** @param {DictationEvent} event */
  push(event) {
    this.#events.push(event);
    this.#wake();
  }

  /** @param {unknown} [error] */
  end(error) {
    this.#end = { error };
    this.#wake();
  }

  get ended() {
    return this.#end !== null;
  }

  /** @returns {AsyncGenerator<DictationEvent, void>} */
  async *drain() {
    for (;;) {
      const event = this.#events.shift();
      if (event) yield event;
      else if (this.#end?.error !== undefined) throw this.#end.error;
      else if (this.#end) return;
      else await new Promise((resolve) => (this.#wake = () => resolve(undefined)));
    }
  }
}
