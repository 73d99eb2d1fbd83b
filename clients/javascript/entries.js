/** Entries: made, read, followed, changed and removed. */

import { Following, isFinal } from "./following.js";
import { given, newKey } from "./transport.js";
import { CHUNK, patienceS, recording } from "./uploads.js";

/** For how many seconds SAMO keeps a request waiting. */
const LONGEST_WAIT_S = 30;

export class Entries {
  #transport;
  #uploads;
  #following;

  constructor(transport, uploads) {
    this.#transport = transport;
    this.#uploads = uploads;
    this.#following = new Following(transport);
  }

  /** A new entry from `text` or from `audio`; see samo.d.ts for the options. */
  async create({ text, audio, content_type, recorded_at, timezone, wait = 0, progress, idempotencyKey, signal }) {
    if ((text === undefined) === (audio === undefined)) throw new TypeError("an entry has either text or audio");
    const began = Date.now();
    const beside = given({ recorded_at, timezone });
    const patience = Math.min(Math.floor(wait), LONGEST_WAIT_S);
    const headers = {
      "Idempotency-Key": idempotencyKey ?? newKey(),
      ...(patience > 0 ? { Prefer: `wait=${patience}` } : {}),
    };
    const entry =
      text === undefined
        ? await this.#record(recording(audio, content_type), { beside, headers, patience, progress, signal })
        : await this.#create(patience, { json: { text, ...beside }, headers, signal });
    return this.#settled(entry, wait - (Date.now() - began) / 1000, signal);
  }

  /** All entries, newest recording first, without their transcripts; `limit` are asked for at a time. */
  async *list({ signal, ...filters } = {}) {
    let cursor = null;
    do {
      const page = await this.#transport.ask("entries.list", [], { query: { ...filters, cursor }, signal });
      yield* page.entries;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /** An entry with its transcript and insight; sent only if it has changed since it was last read. */
  get(id, { signal } = {}) {
    return this.#following.get(id, signal);
  }

  /**
   * The entry now and after each change, until nothing changes by itself any more. Goes on by itself where the stream
   * breaks, and polls where there is none to be had. Throws NotFound if it is deleted meanwhile.
   */
  follow(id, { signal } = {}) {
    return this.#following.follow(id, signal);
  }

  /** The entry once nothing changes by itself any more; throws a TimeoutError if that takes longer. */
  async wait(id, { timeoutS = 120, signal } = {}) {
    let last;
    for await (const entry of this.#following.poll(id, { timeoutS, signal })) last = entry;
    return last;
  }

  /** Replace an entry's words, which are then analysed anew. */
  edit(id, text) {
    return this.#transport.ask("entries.edit", [id], { json: { text } });
  }

  /** Delete an entry, its words and its recording. */
  async delete(id) {
    await this.#transport.call("entries.delete", [id]);
    this.#following.forget(id);
  }

  /** Agree or disagree with an emotion of an entry (or of one segment), or correct it. */
  feedback(id, { emotion, verdict, correction, segment }) {
    const json = given({ emotion, verdict, correction, segment });
    return this.#transport.ask("entries.feedback", [id], { json });
  }

  /** The transcript by itself; in a format other than "json", as the text of a file. */
  transcript(id, format = "json") {
    const as = format === "json" ? "json" : "text";
    return this.#transport.ask("entries.transcript", [id], { query: { format }, as });
  }

  /** The recording as a Blob, while it is kept. */
  audio(id) {
    return this.#transport.ask("entries.audio", [id], { as: "blob" });
  }

  /** The entries that are most like this one. */
  similar(id, { limit } = {}) {
    return this.#transport.ask("entries.similar", [id], { query: { limit } });
  }

  #create(patience, request) {
    const timeoutS = patience + patienceS(request.content?.size ?? 0, this.#transport.timeoutS);
    return this.#transport.ask("entries.create", [], { ...request, timeoutS });
  }

  async #record({ blob, type }, { beside, headers, patience, progress, signal }) {
    if (blob.size > CHUNK) {
      const opened = { size: blob.size, content_type: type, ...beside };
      const session = await this.#uploads.open(opened, { idempotencyKey: headers["Idempotency-Key"] });
      return (await this.#uploads.send(session, blob, { progress, signal })) ?? session.entry;
    }
    progress?.(0, blob.size);
    const described = { ...headers, "Content-Type": type };
    const entry = await this.#create(patience, { content: blob, query: beside, headers: described, signal });
    progress?.(blob.size, blob.size);
    return entry;
  }

  /** The entry when it is final, or as it stands after so many seconds. */
  async #settled(entry, seconds, signal) {
    if (seconds <= 0 || isFinal(entry)) return entry;
    try {
      for await (const each of this.#following.poll(entry.id, { timeoutS: seconds, signal })) entry = each;
    } catch (error) {
      if (error.name !== "TimeoutError" || signal?.aborted) throw error;
    }
    return entry;
  }
}
