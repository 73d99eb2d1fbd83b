/** Audio on its way to a dictation service. What may have to be sent again is kept, within bounds. */

/** @import { Ready } from "./dictation_session.js" */

/** Seconds of audio that `room` lets a source get ahead. */
const MOST_AHEAD_S = 120;
const LONGEST_FRAME_S = 2;

/** Positions count samples, of all channels together, from the beginning of the dictation. */
export class AudioBuffer {
  #rate;
  #width;
  /** @type {Uint8Array[]} */
  #chunks = [];
  #bytes = 0;
  /** Position of the first sample kept. */
  #first = 0;
  /** Position of the next sample to send. */
  #next = 0;
  #until = 0;
  #limit = Infinity;
  #frame;
  /** @type {number | null} */
  #creditAheadS = null;
  #complete = false;
  /** @type {(() => void)[]} */
  #waiting = [];

  /** @param {{ rate: number, channels: number }} format of 16-bit samples */
  constructor({ rate, channels }) {
    this.#rate = rate;
    this.#width = 2 * channels;
    this.#frame = rate;
  }

  /** @param {Uint8Array} chunk */
  append(chunk) {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#changed();
  }

  /** There is no more audio. */
  end() {
    this.#complete = true;
    this.#changed();
  }

  /**
   * A connection is ready: send next what the server lacks.
   *
   * @param {Ready} ready
   */
  begin({ received_s, until_s, limits }) {
    this.#creditAheadS ??= until_s; // at the beginning nothing has been processed: credit is always this far ahead
    this.#frame = Math.floor(Math.min(LONGEST_FRAME_S, limits.frame_s) * this.#rate);
    this.#limit = Math.floor(limits.dictation_s * this.#rate);
    const received = Math.round(received_s * this.#rate);
    this.#next = Math.min(Math.max(received, this.#first), this.#end);
    this.#drop(this.#next);
    this.credit(until_s);
  }

  /**
   * Audio may be sent up to `untilS`; what the server has processed by then is dropped.
   *
   * @param {number} untilS
   */
  credit(untilS) {
    this.#until = Math.floor(untilS * this.#rate);
    this.#drop(Math.floor((untilS - (this.#creditAheadS ?? untilS)) * this.#rate));
    this.#changed();
  }

  /** The next frame that may be sent now; null where there is none. */
  next() {
    const size = Math.min(this.#end, this.#until, this.#next + this.#frame) - this.#next;
    if (size <= 0) return null;
    const frame = this.#slice((this.#next - this.#first) * this.#width, size * this.#width);
    this.#next += size;
    return frame;
  }

  /** Whether everything has been sent that there is, or that a dictation may have. */
  get finished() {
    return this.overflows || (this.#complete && this.#next === this.#end);
  }

  /** Whether there is more audio than a dictation may have. */
  get overflows() {
    return this.#next >= this.#limit && this.#end > this.#next;
  }

  /** Bytes kept. */
  get size() {
    return this.#bytes;
  }

  /** Resolves once there is something to send, or never will be. */
  unsent() {
    return this.#when(() => this.#next < this.#end || this.#complete);
  }

  /** Resolves once a source may append more. */
  room() {
    return this.#when(() => this.#complete || this.#bytes < MOST_AHEAD_S * this.#rate * this.#width);
  }

  get #end() {
    return this.#first + Math.floor(this.#bytes / this.#width);
  }

  /** @param {number} from @param {number} length in bytes from the first one kept */
  #slice(from, length) {
    const joined = new Uint8Array(length);
    let position = -from;
    for (const chunk of this.#chunks) {
      if (position >= length) break;
      const part = chunk.subarray(Math.max(0, -position), Math.max(0, length - position));
      joined.set(part, Math.max(0, position));
      position += chunk.length;
    }
    return joined;
  }

  /** @param {number} position drop what lies before it and has been sent */
  #drop(position) {
    const count = Math.min(position, this.#next) - this.#first;
    if (count <= 0) return;
    let left = count * this.#width;
    this.#first += count;
    this.#bytes -= left;
    while (left > 0 && this.#chunks[0].length <= left) left -= /** @type {Uint8Array} */ (this.#chunks.shift()).length;
    if (left > 0) this.#chunks[0] = this.#chunks[0].subarray(left);
    this.#changed();
  }

  /** @param {() => boolean} condition */
  async #when(condition) {
    while (!condition()) await new Promise((resolve) => this.#waiting.push(() => resolve(undefined)));
  }

  #changed() {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
