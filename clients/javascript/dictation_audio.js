/** Buffers audio between its source and the server, and keeps what may have to be sent again. */

/** @import { Ready } from "./dictation_session.js" */

/** The most audio that is buffered before `room` makes the source wait. */
const MAX_BUFFERED_S = 120;
const MAX_FRAME_S = 2;

/** A buffer. Positions are frames (one sample per channel) from the start of the dictation. */
export class AudioBuffer {
  #rate;
  #width;
  /** @type {Uint8Array[]} */
  #chunks = [];
  #bytes = 0;
  /** Position of the first buffered frame. */
  #first = 0;
  /** Position of the frame to send next. */
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

  /** End the audio. */
  end() {
    this.#complete = true;
    this.#changed();
  }

  /**
   * Continue from the position that a new connection expects.
   *
   * @param {Ready} ready
   */
  begin({ received_s, until_s, limits }) {
    this.#creditAheadS ??= until_s; // nothing is processed yet, so this is how far ahead credit always is
    this.#frame = Math.floor(Math.min(MAX_FRAME_S, limits.frame_s) * this.#rate);
    this.#limit = Math.floor(limits.dictation_s * this.#rate);
    const received = Math.round(received_s * this.#rate);
    this.#next = Math.min(Math.max(received, this.#first), this.#end);
    this.#drop(this.#next);
    this.credit(until_s);
  }

  /**
   * Allow sending up to `untilS`, and drop the audio that the server must have processed.
   *
   * @param {number} untilS
   */
  credit(untilS) {
    this.#until = Math.floor(untilS * this.#rate);
    this.#drop(Math.floor((untilS - (this.#creditAheadS ?? untilS)) * this.#rate));
    this.#changed();
  }

  /** The next chunk of audio that may be sent now, or null. */
  next() {
    const size = Math.min(this.#end, this.#until, this.#next + this.#frame) - this.#next;
    if (size <= 0) return null;
    const frame = this.#slice((this.#next - this.#first) * this.#width, size * this.#width);
    this.#next += size;
    return frame;
  }

  /** Whether all audio has been sent, or as much as a dictation may have. */
  get finished() {
    return this.overflows || (this.#complete && this.#next === this.#end);
  }

  /** Whether there is more audio than a dictation may have. */
  get overflows() {
    return this.#next >= this.#limit && this.#end > this.#next;
  }

  /** Buffered bytes. */
  get size() {
    return this.#bytes;
  }

  /** Resolves once there is audio to send, or the audio has ended. */
  unsent() {
    return this.#when(() => this.#next < this.#end || this.#complete);
  }

  /** Resolves once there is room for more audio. */
  room() {
    return this.#when(() => this.#complete || this.#bytes < MAX_BUFFERED_S * this.#rate * this.#width);
  }

  get #end() {
    return this.#first + Math.floor(this.#bytes / this.#width);
  }

  /** @param {number} from @param {number} length in bytes from the first buffered one */
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

  /** Drop the audio before a position that has been sent. @param {number} position */
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
