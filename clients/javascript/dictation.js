/** Live dictation: streams audio, receives sentences and their emotions. */

import { DictationSession } from "./dictation_session.js";
import { InvalidRequest } from "./errors.js";

/** @import { DictationAddress, DictationEvent, DictationOptions } from "./samo.js" */
/** @import { Transport } from "./transport.js" */

/** @typedef {ArrayBuffer | Uint8Array | Int16Array} Samples */

export class Dictation {
  #transport;
  #WebSocket;

  /** @param {Transport} transport @param {typeof globalThis.WebSocket} [SocketClass] */
  constructor(transport, SocketClass = globalThis.WebSocket) {
    this.#transport = transport;
    this.#WebSocket = SocketClass;
  }

  /** The WebSocket's address. @returns {Promise<DictationAddress>} */
  address() {
    return this.#transport.request("dictation.address");
  }

  /**
   * Start a dictation of 16-bit little-endian samples; iterate over it for its events.
   *
   * @param {DictationOptions} options
   */
  start({ rate, channels = 1, timezone = null, url }) {
    if (!this.#WebSocket) throw new TypeError("dictation needs a WebSocket: new Samo(address, { WebSocket })");
    const address = async () => url ?? (await this.address()).url;
    const format = { encoding: "pcm_s16le", rate, channels };
    return new DictationSession(this.#transport, address, { format, timezone, WebSocket: this.#WebSocket });
  }

  /**
   * Dictate all of `audio`; see `Samo.dictate`.
   *
   * @param {AsyncIterable<Samples> | Iterable<Samples>} audio
   * @param {DictationOptions} options
   * @returns {AsyncGenerator<DictationEvent, void>}
   */
  async *dictate(audio, options) {
    const session = this.start(options);
    sendAll(audio, session);
    try {
      yield* session;
    } finally {
      session.close();
    }
    if (session.overflowed) throw tooLong();
  }
}

/** @param {AsyncIterable<Samples> | Iterable<Samples>} audio @param {DictationSession} session */
async function sendAll(audio, session) {
  try {
    for await (const samples of audio) {
      if (session.closed) return;
      session.send(samples);
      await session.room();
    }
    await session.stop();
  } catch (error) {
    session.close(error);
  }
}

const tooLong = () =>
  new InvalidRequest("the dictation ended before the audio did", { code: "dictation_too_long", status: 413 });
