/** Creates, reads, follows, edits and deletes entries. */

import { EntryReader, isFinal } from "./follow.js";
import { defined, newKey } from "./transport.js";
import { CHUNK, recordingOf, uploadTimeoutS } from "./uploads.js";

/** @import { EntryList, EntryView, NewFeedback, NewTranscription, Progress, SearchResults, UploadSession } from "./samo.js" */
/** @import { RequestParts, Transport } from "./transport.js" */
/** @import { Uploads } from "./uploads.js" */

/** The longest that the server lets a request wait. */
const LONGEST_WAIT_S = 30;

/**
 * @implements {Declared}
 * @typedef {import("./samo.js").Entries} Declared
 *
 * @typedef {import("./samo.js").EntryOptions & { text?: string, audio?: import("./samo.js").Recording,
 *   content_type?: string, progress?: Progress, onSession?: (session: UploadSession) => void }} Creation
 */
export class Entries {
  #transport;
  #uploads;
  #reader;

  /** @param {Transport} transport @param {Uploads} uploads */
  constructor(transport, uploads) {
    this.#transport = transport;
    this.#uploads = uploads;
    this.#reader = new EntryReader(transport);
  }

  /**
   * Create an entry from `text` or from `audio`; samo.d.ts describes the options.
   *
   * @param {Creation} creation
   * @returns {Promise<EntryView>}
   */
  async create({ text, audio, recorded_at, timezone, wait = 0, idempotencyKey = newKey(), ...options }) {
    if ((text === undefined) === (audio === undefined)) throw new TypeError("an entry has either text or audio");
    const startedAt = Date.now();
    const fields = defined({ recorded_at, timezone });
    const serverWait = Math.min(Math.floor(wait), LONGEST_WAIT_S);
    const { signal } = options;
    const entry = audio
      ? await this.#createFromAudio(
          recordingOf(audio, options.content_type),
          fields,
          idempotencyKey,
          serverWait,
          options,
        )
      : await this.#create({ json: { text, ...fields }, signal }, idempotencyKey, serverWait);
    return this.#settled(entry, wait - (Date.now() - startedAt) / 1000, signal);
  }

  /**
   * List entries, newest recording first, without transcripts, fetching `limit` at a time.
   *
   * @param {import("./samo.js").ListOptions} [options]
   * @returns {AsyncGenerator<EntryView>}
   */
  async *list(options = {}) {
    /** @type {string | null} */
    let cursor = null;
    do {
      /** @type {EntryList} */
      const page = await this.page({ ...options, cursor });
      yield* page.entries;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /**
   * One page of the list, and the cursor of the next one.
   *
   * @param {import("./samo.js").ListOptions & { cursor?: string | null }} [options]
   * @returns {Promise<EntryList>}
   */
  page({ signal, ...query } = {}) {
    return this.#transport.request("entries.list", [], { query, signal });
  }

  /**
   * Read an entry with its transcript and insight; an unchanged one comes from the cache.
   *
   * @param {string} id
   * @param {{ signal?: AbortSignal }} [options]
   */
  get(id, { signal } = {}) {
    return this.#reader.get(id, signal);
  }

  /**
   * Yield the entry now and after each change until it is final. Resumes a broken or silent stream, and polls if there
   * is none. Throws NotFound if the entry is deleted.
   *
   * @param {string} id
   * @param {{ signal?: AbortSignal }} [options]
   */
  follow(id, { signal } = {}) {
    return this.#reader.follow(id, signal);
  }

  /**
   * Wait until the entry is final. Throws a TimeoutError.
   *
   * @param {string} id
   * @param {{ timeoutS?: number, signal?: AbortSignal }} [options]
   * @returns {Promise<EntryView>}
   */
  async wait(id, { timeoutS = 120, signal } = {}) {
    let last;
    for await (const entry of this.#reader.poll(id, { timeoutS, signal })) last = entry;
    return /** @type {EntryView} */ (last);
  }

  /**
   * Replace an entry's text, which is then analyzed again.
   *
   * @param {string} id
   * @param {string} text
   * @returns {Promise<EntryView>}
   */
  edit(id, text) {
    return this.#transport.request("entries.edit", [id], { json: { text } });
  }

  /**
   * Show the insight in place of the entry's support note, or the note again.
   *
   * @param {string} id
   * @param {boolean} [dismissed]
   * @returns {Promise<EntryView>}
   */
  dismissSupport(id, dismissed = true) {
    return this.#transport.request("entries.edit", [id], { json: { support_dismissed: dismissed } });
  }

  /**
   * Transcribe an entry's recording again, where words are missing; by default with the deployment's engine.
   *
   * @param {string} id
   * @param {NewTranscription} [options]
   * @returns {Promise<EntryView>}
   */
  transcribe(id, { engine } = {}) {
    return this.#transport.request("entries.transcribe", [id], { json: engine ? { engine } : {} });
  }

  /**
   * Delete an entry, its text and its recording.
   *
   * @param {string} id
   */
  async delete(id) {
    await this.#transport.call("entries.delete", [id]);
    this.#reader.forget(id);
  }

  /**
   * Confirm, reject or correct an emotion of an entry or of one segment.
   *
   * @param {string} id
   * @param {NewFeedback} feedback
   * @returns {Promise<EntryView>}
   */
  feedback(id, { emotion, verdict, correction, segment }) {
    const json = defined({ emotion, verdict, correction, segment });
    return this.#transport.request("entries.feedback", [id], { json });
  }

  /**
   * The transcript; formats other than "json" are returned as the text of a file.
   *
   * @param {string} id
   * @param {string} [format]
   */
  transcript(id, format = "json") {
    const as = format === "json" ? "json" : "text";
    return this.#transport.request("entries.transcript", [id], { query: { format }, as });
  }

  /**
   * The recording as a Blob, unless it has been deleted.
   *
   * @param {string} id
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Blob>}
   */
  audio(id, { signal } = {}) {
    return this.#transport.request("entries.audio", [id], { as: "blob", signal });
  }

  /**
   * The entries most similar to this one.
   *
   * @param {string} id
   * @param {{ limit?: number }} [options]
   * @returns {Promise<SearchResults>}
   */
  similar(id, { limit } = {}) {
    return this.#transport.request("entries.similar", [id], { query: { limit } });
  }

  /**
   * @param {RequestParts} request
   * @param {string} key
   * @param {number} waitS
   * @returns {Promise<EntryView>}
   */
  #create(request, key, waitS) {
    const size = request.content instanceof Blob ? request.content.size : 0;
    const timeoutS = waitS + uploadTimeoutS(size, this.#transport.timeoutS);
    /** @type {Record<string, string>} */
    const prefer = waitS > 0 ? { Prefer: `wait=${waitS}` } : {};
    const headers = { ...request.headers, ...prefer, "Idempotency-Key": key };
    return this.#transport.request("entries.create", [], { ...request, headers, timeoutS });
  }

  /**
   * @param {{ blob: Blob, type: string }} recording
   * @param {Record<string, any>} fields
   * @param {string} key
   * @param {number} waitS
   * @param {Creation} options
   * @returns {Promise<EntryView>}
   */
  async #createFromAudio({ blob, type }, fields, key, waitS, { progress, onSession, signal }) {
    if (blob.size > CHUNK) {
      const recording = { size: blob.size, content_type: type, ...fields };
      return this.#uploads.create(blob, recording, { idempotencyKey: key, onSession, progress, signal });
    }
    progress?.(0, blob.size);
    const report = progress && ((/** @type {number} */ sent) => progress(Math.min(sent, blob.size), blob.size));
    const request = { content: blob, query: fields, headers: { "Content-Type": type }, progress: report, signal };
    const entry = await this.#create(request, key, waitS);
    progress?.(blob.size, blob.size);
    return entry;
  }

  /**
   * Poll until the entry is final or `seconds` have passed; return its last state.
   *
   * @param {EntryView} entry
   * @param {number} seconds
   * @param {AbortSignal} [signal]
   */
  async #settled(entry, seconds, signal) {
    if (seconds <= 0 || isFinal(entry)) return entry;
    let last = entry;
    try {
      for await (const current of this.#reader.poll(entry.id, { timeoutS: seconds, signal })) last = current;
    } catch (error) {
      const timedOut = error instanceof DOMException && error.name === "TimeoutError";
      if (!timedOut || signal?.aborted) throw error;
    }
    return last;
  }
}
