/** SAMO for browsers and Node: an ES module without dependencies. Types: samo.d.ts. */

import { Account, Admin, Keys, Names } from "./account.js";
import { Corrections } from "./corrections.js";
import { Dictation } from "./dictation.js";
import { Entries } from "./entries.js";
import { Exports, Jobs } from "./jobs.js";
import { defined, Transport } from "./transport.js";
import { recordingOf, Uploads } from "./uploads.js";

/** @import { BatchResponse, DictationEvent, JobView, Options, PredictResponse, Recording, SearchOptions } from "./samo.js" */
/** @import { SearchResults, SummarizeRequest, SummarizeResponse } from "./samo.js" */

export * from "./errors.js";
export { isFinal } from "./follow.js";
export { OPERATIONS } from "./operations.js";

/** Time-out of a synchronous transcription. */
const TRANSCRIPTION_TIMEOUT_S = 600;

/**
 * A client of one SAMO server.
 *
 * @implements {Declared}
 * @typedef {import("./samo.js").Samo} Declared
 */
export class Samo {
  #transport;

  /**
   * @param {string} [address] such as https://journal.example.org; "" for the page's own origin
   * @param {Options} [options]
   */
  constructor(address = "http://127.0.0.1:8080", options = {}) {
    this.#transport = new Transport(address, options);
    this.uploads = new Uploads(this.#transport);
    this.entries = new Entries(this.#transport, this.uploads);
    this.corrections = new Corrections(this.#transport);
    this.account = new Account(this.#transport);
    this.names = new Names(this.#transport);
    this.keys = new Keys(this.#transport);
    this.jobs = new Jobs(this.#transport);
    this.exports = new Exports(this.#transport, this.jobs);
    this.dictation = new Dictation(this.#transport, options.WebSocket);
    this.admin = new Admin(this.#transport);
  }

  /**
   * Search entries by meaning, best match first.
   *
   * @param {string} q
   * @param {SearchOptions} [options]
   * @returns {Promise<SearchResults>}
   */
  search(q, { signal, ...filters } = {}) {
    return this.#transport.request("search", [], { query: { q, ...filters }, signal });
  }

  /**
   * Dictate all of `audio`, which is read as fast as the server accepts it. Reconnects and resumes by itself.
   *
   * @param {AsyncIterable<ArrayBuffer | Uint8Array | Int16Array>} audio 16-bit little-endian samples
   * @param {import("./samo.js").DictationOptions} options
   * @returns {AsyncGenerator<DictationEvent, void>}
   */
  dictate(audio, options) {
    return this.dictation.dictate(audio, options);
  }

  /** The emotions, feelings and topics of a text. @param {string} text @returns {Promise<PredictResponse>} */
  predict(text) {
    return this.#transport.request("predict", [], { json: { text } });
  }

  /** The same for several texts, in order. @param {string[]} texts @returns {Promise<BatchResponse>} */
  predictBatch(texts) {
    return this.#transport.request("predictBatch", [], { json: { texts } });
  }

  /**
   * Summarize a text or its `segments`: style `extract` picks sentences, `abstract` writes new ones.
   *
   * @param {string} [text]
   * @param {Omit<SummarizeRequest, "text">} [options]
   * @returns {Promise<SummarizeResponse>}
   */
  summarize(text, { segments, max_sentences, style } = {}) {
    const json = defined({ text, segments, max_sentences, style });
    return this.#transport.request("summarize", [], { json });
  }

  /**
   * Transcribe a recording without creating an entry. Formats other than "json" are returned as text.
   *
   * @param {Recording} audio
   * @param {{ format?: string, content_type?: string }} [options]
   * @returns {Promise<any>}
   */
  transcribe(audio, { format = "json", content_type } = {}) {
    const { blob, type } = recordingOf(audio, content_type);
    return this.#transport.request("transcribe", [], {
      content: blob,
      query: { format },
      headers: { "Content-Type": type },
      timeoutS: TRANSCRIPTION_TIMEOUT_S,
      as: format === "json" ? "json" : "text",
    });
  }

  /**
   * Start a job that transcribes several recordings; see `jobs.wait` and `jobs.result`.
   *
   * @param {Recording[]} files
   * @returns {Promise<JobView>}
   */
  transcribeBatch(files) {
    const content = new FormData();
    for (const file of files) {
      content.append("audio", recordingOf(file).blob, /** @type {{ name?: string }} */ (file).name ?? "");
    }
    return this.#transport.request("transcribeBatch", [], { content });
  }
}
