/** Waiting, and not waiting for ever. */

/** Resolves after so many seconds; rejects as soon as `signal` aborts. */
export function sleep(seconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => (clearTimeout(timer), reject(signal.reason));
    const wake = () => (signal?.removeEventListener("abort", abort), resolve());
    const timer = setTimeout(wake, seconds * 1000);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** The last moment of something: its `signal` aborts then, or when the caller's own does. */
export class Deadline {
  constructor(seconds, signal) {
    this.controller = new AbortController();
    this.signal = this.controller.signal;
    this.seconds = seconds;
    this.outer = signal;
    this.forward = () => this.controller.abort(signal.reason);
    if (signal?.aborted) this.forward();
    else signal?.addEventListener("abort", this.forward, { once: true });
    this.extend();
  }

  /** It begins anew. */
  extend() {
    clearTimeout(this.timer);
    const late = () => this.controller.abort(new DOMException(`no answer in ${this.seconds} s`, "TimeoutError"));
    this.timer = setTimeout(late, this.seconds * 1000);
  }

  /** It is not needed any more. */
  lift() {
    clearTimeout(this.timer);
    this.outer?.removeEventListener("abort", this.forward);
  }
}
