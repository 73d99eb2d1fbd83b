/**
 * Live dictation over a WebSocket: audio out, sentences with emotions in. What was sent is held until the end, so a
 * connection that breaks goes on where the service was. The protocol is functions/transcription/live/protocol.py.
 */

import { timezone } from "../common/format.js";
import { wait } from "../server/http.js";
import * as session from "../server/session.js";
import { PcmSource } from "./pcm_source.js";

const PIECE_S = 0.5;
const [SHORTEST_MS, LONGEST_MS] = [250, 8000];

export class Dictation {
  #url;
  #source;
  #blocks = [];
  #bytes = 0;
  #sent = 0;
  #until = 0;
  #heard = 0;
  #id = null;
  #socket = null;
  #failures = 0;
  #brokeAt = 0;
  #resumeMs = 0;
  #last = null;
  #told = false;
  #ended = false;
  #over = Promise.withResolvers();
  #listener;

  /** Listens along at `stream`; `listener`: onPartial(text), onFinal(segment, emotions), onFull(), onLost(). */
  constructor(url, stream, listener) {
    this.#url = url;
    this.#listener = listener;
    this.#source = new PcmSource(stream, (block) => this.#take(block));
    this.#over.promise.catch(() => this.#source.close());
    this.#source.start(stream).then(
      () => this.#connect(),
      (error) => this.#fail(error),
    );
  }

  /** Everything is said; resolves to the id of the entry, rejects where none came of it. */
  async finish(patience) {
    this.#end("stop");
    const late = wait(patience).then(() => this.#fail(new Error("dictation does not end")));
    const { entry_id } = await Promise.race([this.#over.promise, late.then(() => this.#over.promise)]);
    if (!entry_id) throw new Error("no entry came of the dictation");
    return entry_id;
  }

  /** Nothing of it is to be kept. */
  discard() {
    this.#over.promise.catch(() => {});
    this.#end("discard");
  }

  /** The recording was kept in another way: resolves to the entry that came of the dictation all the same, or null. */
  async withdraw() {
    if (this.#id === null) return null;
    const start = await this.#greeting();
    const socket = new WebSocket(this.#url);
    const tell = (message) => socket.send(JSON.stringify(message));
    return new Promise((resolve) => {
      socket.onopen = () => tell(start);
      socket.onmessage = ({ data }) => {
        const { type, entry_id } = JSON.parse(data);
        if (type === "ready") tell({ type: "discard" });
        if (type === "ended") resolve(entry_id);
      };
      socket.onclose = () => resolve(null);
    });
  }

  #end(how) {
    this.#last = { type: how };
    this.#source.close();
    this.#pump();
  }

  #take(block) {
    this.#blocks.push(new Uint8Array(block));
    this.#bytes += block.byteLength;
    this.#pump();
  }

  async #connect() {
    try {
      const start = await this.#greeting();
      this.#socket = new WebSocket(this.#url);
      this.#socket.onopen = () => this.#tell(start);
      this.#socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
      this.#socket.onclose = ({ code }) => this.#closed(code);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #greeting() {
    const token = session.needed() ? await session.token() : null;
    const format = { encoding: "pcm_s16le", rate: this.#source.rate, channels: 1 };
    return { type: "start", format, token, timezone, dictation_id: this.#id, after: this.#heard };
  }

  #hear(told) {
    const does = {
      ready: () => this.#ready(told),
      credit: () => (this.#until = told.until_s),
      partial: () => this.#listener.onPartial(told.text),
      final: () => ((this.#heard += 1), this.#listener.onFinal(told.segment, told.emotions)),
      unheard: () => ((this.#heard += 1), this.#listener.onPartial("")),
      ended: () => this.#finished(told),
      error: () => this.#fail(new Error(told.message)),
    };
    does[told.type]?.();
    this.#pump();
  }

  /** By itself it ends when it is too long: an entry then, as if the person had stopped. */
  #finished(told) {
    if (!this.#last && told.reason !== "dictation_too_long") return this.#fail(new Error(told.reason));
    this.#ended = true;
    this.#over.resolve(told);
    return this.#last || this.#listener.onFull();
  }

  #ready({ dictation_id, received_s, until_s, limits }) {
    this.#failures = 0;
    this.#id = dictation_id;
    this.#resumeMs = limits.resume_s * 1000;
    this.#sent = 2 * Math.round(received_s * this.#source.rate);
    this.#until = until_s;
  }

  /** Send as much as there is and the service has room for, then how it ends. */
  #pump() {
    if (this.#id === null || this.#socket?.readyState !== WebSocket.OPEN) return;
    const most = 2 * Math.round(PIECE_S * this.#source.rate);
    while (this.#sent < this.#bytes && this.#last?.type !== "discard") {
      const piece = this.#piece(this.#sent, Math.min(most, this.#bytes - this.#sent));
      if ((this.#sent + piece.length) / 2 / this.#source.rate > this.#until) return;
      this.#socket.send(piece);
      this.#sent += piece.length;
    }
    if (this.#last && !this.#told) this.#tell(this.#last);
    this.#told = this.#last !== null;
  }

  #tell(message) {
    this.#socket.send(JSON.stringify(message));
  }

  /** Some of what was heard; all blocks are of one size. */
  #piece(from, length) {
    const size = this.#blocks[0].length;
    const blocks = this.#blocks.slice(Math.floor(from / size), Math.ceil((from + length) / size));
    const joined = new Uint8Array(blocks.length * size);
    blocks.forEach((block, index) => joined.set(block, index * size));
    return joined.slice(from % size, (from % size) + length);
  }

  async #closed(code) {
    if (this.#ended) return;
    if (code >= 4000 || code === 1000) return this.#fail(new Error(`dictation closed (${code})`));
    this.#told = false;
    if (this.#failures === 0) this.#brokeAt = Date.now();
    this.#failures += 1;
    const hopeless = this.#id === null ? this.#failures > 1 : Date.now() - this.#brokeAt > this.#resumeMs;
    if (hopeless) return this.#fail(new Error("dictation is lost"));
    await wait(Math.min(LONGEST_MS, SHORTEST_MS * 2 ** this.#failures));
    return this.#connect();
  }

  #fail(error) {
    if (this.#ended) return;
    this.#ended = true;
    this.#over.reject(error);
    this.#socket?.close();
    this.#listener.onLost();
  }
}
