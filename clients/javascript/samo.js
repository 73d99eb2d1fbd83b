/** SAMO for browsers and Node: an ES module that needs nothing but fetch. Types: samo.d.ts. */

import { Account, Admin, Keys } from "./account.js";
import { Dictation } from "./dictation.js";
import { Entries } from "./entries.js";
import { Exports, Jobs } from "./jobs.js";
import { Transport, given } from "./transport.js";
import { Uploads, recording } from "./uploads.js";

export * from "./errors.js";
export { isFinal } from "./following.js";
export { OPERATIONS } from "./operations.js";

/** For how many seconds a recording that is transcribed at once may take. */
const WORKING_S = 600;

/** A client of one SAMO. */
export class Samo {
  #transport;

  /**
   * @param {string} [address] such as https://journal.example.org; "" for the page's own
   * @param {import("./samo").Options} [options]
   */
  constructor(address = "http://127.0.0.1:8080", options = {}) {
    this.#transport = new Transport(address, options);
    this.uploads = new Uploads(this.#transport);
    this.entries = new Entries(this.#transport, this.uploads);
    this.account = new Account(this.#transport);
    this.keys = new Keys(this.#transport);
    this.jobs = new Jobs(this.#transport);
    this.exports = new Exports(this.#transport, this.jobs);
    this.dictation = new Dictation(this.#transport);
    this.admin = new Admin(this.#transport);
  }

  /** The entries that are about something, best first. */
  search(q, filters = {}) {
    return this.#transport.ask("search", [], { query: { q, ...filters } });
  }

  /** The emotions, feelings and topics of a text. */
  predict(text) {
    return this.#transport.ask("predict", [], { json: { text } });
  }

  /** The emotions, feelings and topics of several texts, in their order. */
  predictBatch(texts) {
    return this.#transport.ask("predictBatch", [], { json: { texts } });
  }

  /** What a text (or `segments` of one) comes down to, in its own sentences or in new words. */
  summarize(text, { segments, max_sentences, style } = {}) {
    const json = given({ text, segments, max_sentences, style });
    return this.#transport.ask("summarize", [], { json });
  }

  /** The words of a recording, which does not become an entry; in a format other than "json", as text. */
  transcribe(audio, { format = "json", content_type } = {}) {
    const { blob, type } = recording(audio, content_type);
    const headers = { "Content-Type": type };
    const as = format === "json" ? "json" : "text";
    const request = { content: blob, query: { format }, headers, timeoutS: WORKING_S, as };
    return this.#transport.ask("transcribe", [], request);
  }

  /** A job that transcribes several recordings; what came of it: `jobs.wait`, `jobs.result`. */
  transcribeBatch(files) {
    const content = new FormData();
    for (const file of files) content.append("audio", recording(file).blob, file.name ?? "");
    return this.#transport.ask("transcribeBatch", [], { content });
  }
}
