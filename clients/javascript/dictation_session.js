/** A dictation, over as many WebSocket connections as it takes. Protocol: docs/dictation.md. */

import { AudioBuffer } from "./dictation_audio.js";
import { DictationRetries } from "./dictation_retries.js";
import { runConnection } from "./dictation_socket.js";
import { SamoError } from "./errors.js";
import { EventQueue } from "./event_queue.js";
import { sleep } from "./time.js";
import { renewInS } from "./tokens.js";

/** @import { DictationEnded, DictationEvent } from "./samo.js" */
/** @import { Transport } from "./transport.js" */

/**
 * @typedef {object} Ready the server's response to `start`: send audio from `received_s` on, up to `until_s`
 * @property {string} dictation_id
 * @property {number} received_s
 * @property {number} until_s
 * @property {{ dictation_s: number, resume_s: number, frame_s: number }} limits
 */

/**
 * @implements {Declared}
 * @typedef {import("./samo.js").DictationSession} Declared
 */
export class DictationSession {
  #transport;
  #address;
  #format;
  #timezone;
  #WebSocket;
  #audio;
  #retries;
  #events = new EventQueue();
  /** @type {string | null} */
  #id = null;
  #after = 0;
  /** @type {WebSocket | null} */
  #socket = null;
  #ready = false;
  #endSent = false;
  #discarding = false;
  #closing = new AbortController();
  #ended;

  /**
   * @param {Transport} transport
   * @param {() => Promise<string>} address
   * @param {{ format: { encoding: string, rate: number, channels: number }, timezone: string | null,
   *   WebSocket: typeof globalThis.WebSocket }} options
   */
  constructor(transport, address, { format, timezone, WebSocket: SocketClass }) {
    this.#transport = transport;
    this.#address = address;
    this.#format = format;
    this.#timezone = timezone;
    this.#WebSocket = SocketClass;
    this.#audio = new AudioBuffer(format);
    this.#retries = new DictationRetries(transport);
    this.#ended = this.#run();
    this.#ended.then(
      () => this.#events.end(),
      (error) => this.#events.end(error),
    );
  }

  /**
   * Send more audio.
   *
   * @param {ArrayBuffer | Uint8Array | Int16Array} samples
   */
  send(samples) {
    const bytes = ArrayBuffer.isView(samples)
      ? new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)
      : new Uint8Array(samples);
    this.#audio.append(bytes);
    this.#pump();
  }

  /** End the audio. Resolves once the server has processed it and created the entry. */
  stop() {
    this.#audio.end();
    this.#pump();
    return this.#ended;
  }

  /**
   * Discard the dictation, even if the connection is lost for good. Resolves to the id of an entry that was created
   * anyway, or to null.
   *
   * @returns {Promise<string | null>}
   */
  async discard() {
    this.#discarding = true;
    this.#audio.end();
    this.#pump();
    const ended = await this.#ended.catch(() => this.#connectToDiscard());
    return ended?.entry_id ?? null;
  }

  /** Drop the connection; unless the dictation is resumed, the server creates an entry from what it has. @param {unknown} [reason] */
  close(reason) {
    this.#audio.end();
    this.#closing.abort(reason);
  }

  get closed() {
    return this.#closing.signal.aborted || this.#events.ended;
  }

  /** Whether there was more audio than a dictation may have. */
  get overflowed() {
    return this.#audio.overflows;
  }

  /** Resolves once there is room for more audio in the buffer. */
  room() {
    return this.#audio.room();
  }

  /** Every event of the dictation; throws SamoError if it fails. @returns {AsyncGenerator<DictationEvent, void>} */
  [Symbol.asyncIterator]() {
    return this.#events.drain();
  }

  /** @returns {Promise<DictationEnded>} */
  async #run() {
    const { signal } = this.#closing;
    const url = await this.#address();
    for (;;) {
      try {
        return await this.#connect(url);
      } catch (error) {
        signal.throwIfAborted();
        const pause = error instanceof SamoError ? this.#retries.pause(error) : null;
        if (pause === null) throw error;
        if (error instanceof SamoError && error.code === "idle_timeout") await this.#audio.unsent();
        await sleep(pause, signal);
      }
    }
  }

  /** Connect once more, to discard a dictation that was lost. */
  async #connectToDiscard() {
    if (this.#id === null || this.#closing.signal.aborted) return null;
    return this.#connect(await this.#address()).catch(() => null);
  }

  /** Run one connection until the server sends `ended`. @param {string} url @returns {Promise<DictationEnded>} */
  async #connect(url) {
    const token = await this.#transport.token();
    this.#closing.signal.throwIfAborted();
    const socket = new this.#WebSocket(url);
    [this.#socket, this.#ready, this.#endSent] = [socket, false, false];
    const connection = new AbortController();
    const abort = () => socket.close();
    this.#closing.signal.addEventListener("abort", abort);
    try {
      return await runConnection(socket, this.#startMessage(token), this.#transport.timeoutS, (message) => {
        if (message.type === "ready") this.#renewTokens(socket, token, connection.signal);
        this.#receive(message);
        this.#pump();
      });
    } finally {
      this.#ready = false;
      connection.abort();
      this.#closing.signal.removeEventListener("abort", abort);
      socket.close();
    }
  }

  /** @param {string | null} token */
  #startMessage(token) {
    return {
      type: "start",
      format: this.#format,
      token,
      dictation_id: this.#id,
      after: this.#after,
      timezone: this.#timezone,
    };
  }

  /** @param {Ready} ready */
  #begin(ready) {
    this.#id = ready.dictation_id;
    this.#ready = true;
    this.#retries.ready(ready.limits.resume_s);
    this.#audio.begin(ready);
  }

  /** @param {any} message of any type; unknown ones are ignored */
  #receive(message) {
    const { type, index } = message;
    if (type === "ready") {
      this.#begin(message);
    } else if (type === "credit") {
      this.#retries.reset();
      this.#audio.credit(message.until_s);
    } else if (type === "partial" || type === "ended") {
      this.#events.push(message);
    } else if ((type === "final" || type === "unheard") && index >= this.#after) {
      this.#retries.reset();
      this.#after = index + 1;
      this.#events.push(message);
    }
  }

  /** Send the audio that credit allows; after the last of it, `stop` or `discard`. */
  #pump() {
    const socket = this.#socket;
    if (!socket || !this.#ready || this.#endSent || socket.readyState !== this.#WebSocket.OPEN) return;
    if (!this.#discarding) {
      for (let frame = this.#audio.next(); frame; frame = this.#audio.next()) socket.send(frame);
      if (!this.#audio.finished) return;
    }
    this.#endSent = true;
    socket.send(JSON.stringify({ type: this.#discarding ? "discard" : "stop" }));
  }

  /**
   * Send fresh tokens before the last one expires. If none can be obtained, the next connection reports why.
   *
   * @param {WebSocket} socket
   * @param {string | null} token
   * @param {AbortSignal} signal
   */
  async #renewTokens(socket, token, signal) {
    let current = token;
    while (this.#transport.renewable && current !== null && !signal.aborted) {
      try {
        await sleep(renewInS(current), signal);
        const fresh = await this.#transport.token();
        if (signal.aborted || fresh === null || fresh === current) continue;
        socket.send(JSON.stringify({ type: "renew", token: fresh }));
        current = fresh;
      } catch {
        // closed, or no token: try again at the next renewal
      }
    }
  }
}
