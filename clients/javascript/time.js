/** Pauses and time-outs. */

/**
 * Resolves after a number of seconds; rejects as soon as `signal` aborts.
 *
 * @param {number} seconds
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export function sleep(seconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, seconds * 1000);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** A time-out. Its `signal` aborts when the time is up or the caller's own signal aborts. */
export class Deadline {
  #controller = new AbortController();
  #seconds;
  #outer;
  #forward;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {number} seconds
   * @param {AbortSignal} [signal]
   */
  constructor(seconds, signal) {
    this.#seconds = seconds;
    this.#outer = signal;
    this.#forward = () => this.#controller.abort(signal?.reason);
    if (signal?.aborted) this.#forward();
    else signal?.addEventListener("abort", this.#forward, { once: true });
    this.extend();
  }

  get signal() {
    return this.#controller.signal;
  }

  /** Restart the time-out. */
  extend() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#controller.abort(new DOMException(`no response within ${this.#seconds} s`, "TimeoutError"));
    }, this.#seconds * 1000);
  }

  /** Cancel the time-out. */
  clear() {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#forward);
  }
}
