/** Decides whether and when a dictation reconnects. */

import { Unreachable } from "./errors.js";
import { TRANSIENT } from "./transport.js";

/** @import { SamoError } from "./errors.js" */
/** @import { Transport } from "./transport.js" */

/** Errors worth one retry: the next connection has a fresh token, or another instance. */
const RETRY_ONCE = new Set(["unauthenticated", "internal", "artifact_unavailable"]);
/** Temporary errors that last too long to retry. */
const NO_RETRY = new Set(["quota_exceeded", "not_delivered"]);
const STEADY_S = 10;
const MAX_PAUSE_S = 5;

export class DictationRetries {
  #transport;
  /** @type {number | null} Seconds for which the server keeps a lost dictation; null before it has begun. */
  #resumeS = null;
  #failures = 0;
  #lostAt = 0;
  #readyAt = 0;
  #seen = new Set();

  /** @param {Transport} transport */
  constructor(transport) {
    this.#transport = transport;
  }

  /** A connection was established. @param {number} resumeS */
  ready(resumeS) {
    this.#resumeS = resumeS;
    this.#readyAt = nowS();
  }

  /** The connection made progress, so earlier failures no longer count. */
  reset() {
    this.#failures = 0;
    this.#seen.clear();
  }

  /**
   * Seconds to wait before reconnecting; null: give up.
   *
   * @param {SamoError} error
   */
  pause(error) {
    if (this.#readyAt && nowS() - this.#readyAt > STEADY_S) this.reset();
    this.#readyAt = 0;
    this.#failures += 1;
    if (this.#failures === 1) this.#lostAt = nowS();
    if (RETRY_ONCE.has(error.code)) return this.#pauseOnce(error.code);
    if (error.code === "idle_timeout") return 0;
    if (NO_RETRY.has(error.code)) return null;
    if (this.#resumeS === null) return this.#transport.pause(this.#failures, error);
    return this.#pauseToResume(error, this.#resumeS);
  }

  /** @param {SamoError} error @param {number} resumeS */
  #pauseToResume(error, resumeS) {
    const transient = error instanceof Unreachable || TRANSIENT.has(error.status);
    const longest = Math.min(MAX_PAUSE_S, this.#transport.retries.baseS * 2 ** (this.#failures - 1));
    const pause = (error.retryAfter ?? 0) + Math.random() * longest;
    return transient && nowS() + pause < this.#lostAt + resumeS ? pause : null;
  }

  /** @param {string} code */
  #pauseOnce(code) {
    if (this.#seen.has(code) || (code === "unauthenticated" && !this.#transport.renewable)) return null;
    this.#seen.add(code);
    return 0;
  }
}

const nowS = () => performance.now() / 1000;
