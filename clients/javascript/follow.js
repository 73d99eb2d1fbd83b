/** Follows an entry: by its event stream, or by polling with an ETag. */

import { NotFound, SamoError, Unreachable, unreachable } from "./errors.js";
import { events } from "./sse.js";
import { Deadline, sleep } from "./time.js";
import { connectionError } from "./transport.js";

/** @import { EntryView } from "./samo.js" */
/** @import { ServerSentEvent } from "./sse.js" */
/** @import { Transport } from "./transport.js" */

const FINAL = new Set(["ready", "partial", "failed"]);
const CLOSING = new Set(["end", "deleted", "cut"]);
/** A stream silent for this long is dead: it has missed three heartbeats. */
const SILENCE_S = 45;
const [FIRST_PAUSE_S, LONGEST_PAUSE_S] = [0.2, 5];
const CACHE_SIZE = 256;

/**
 * Whether processing of the entry has finished.
 *
 * @param {EntryView} entry
 */
export const isFinal = (entry) => FINAL.has(entry.status);

/** Reads entries through a cache. */
export class EntryReader {
  #transport;
  /** @type {Map<string, { etag: string, entry: EntryView }>} */
  #cache = new Map();

  /** @param {Transport} transport */
  constructor(transport) {
    this.#transport = transport;
  }

  /**
   * Read an entry; returns the cached object if it has not changed.
   *
   * @param {string} id
   * @param {AbortSignal} [signal]
   * @returns {Promise<EntryView>}
   */
  async get(id, signal) {
    const cached = this.#cache.get(id);
    /** @type {Record<string, string>} */
    const headers = cached ? { "If-None-Match": cached.etag } : {};
    const { status, headers: received, body } = await this.#transport.call("entries.get", [id], { headers, signal });
    return cached && status === 304 ? cached.entry : this.#remember(id, received.get("ETag") ?? "", body);
  }

  /** @param {string} id */
  forget(id) {
    this.#cache.delete(id);
  }

  /**
   * Yield the entry whenever it differs from `last`, until it is final. Throws a TimeoutError.
   *
   * @param {string} id
   * @param {{ timeoutS?: number, last?: EntryView, signal?: AbortSignal }} [options]
   * @returns {AsyncGenerator<EntryView, void>}
   */
  async *poll(id, { timeoutS = Infinity, last, signal } = {}) {
    const deadline = Date.now() + timeoutS * 1000;
    for (let pause = FIRST_PAUSE_S; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_S)) {
      const entry = await this.get(id, signal);
      if (entry !== last) {
        [last, pause] = [entry, FIRST_PAUSE_S];
        yield entry;
      }
      if (isFinal(entry)) return;
      const left = (deadline - Date.now()) / 1000;
      if (left <= 0) throw new DOMException(`the entry is ${entry.status} after ${timeoutS} s`, "TimeoutError");
      await sleep(Math.min(pause, left), signal);
    }
  }

  /**
   * Yield the entry now and after each change until it is final. Polls if no stream is available.
   *
   * @param {string} id
   * @param {AbortSignal} [signal]
   * @returns {AsyncGenerator<EntryView, void>}
   */
  async *follow(id, signal) {
    let [lastEventId, failures] = ["", 0];
    /** @type {EntryView | undefined} */
    let entry;
    for (;;) {
      try {
        for await (const event of this.#stream(id, lastEventId, signal)) {
          failures = 0;
          if (event.name === "end") return;
          if (event.name === "deleted") {
            throw new NotFound("the entry was deleted", { code: "entry_not_found", status: 404 });
          }
          if (event.name !== "entry") continue;
          lastEventId = event.id;
          entry = this.#remember(id, `"${event.id}"`, JSON.parse(event.data));
          yield entry;
        }
      } catch (error) {
        if (error instanceof SamoError && error.code === "too_many_streams") break;
        failures += 1;
        const pause = this.#transport.pause(failures, error);
        if (pause === null && error instanceof Unreachable && !signal?.aborted) break;
        if (pause === null) throw error;
        await sleep(pause, signal);
      }
    }
    yield* this.poll(id, { last: entry, signal });
  }

  /**
   * Yield the events of one stream, up to the one that ends it. Throws Unreachable if none does, or if nothing arrives
   * for `SILENCE_S`.
   *
   * @param {string} id
   * @param {string} lastEventId
   * @param {AbortSignal} [signal]
   * @returns {AsyncGenerator<ServerSentEvent, void>}
   */
  async *#stream(id, lastEventId, signal) {
    const deadline = new Deadline(SILENCE_S, signal);
    const headers = { Accept: "text/event-stream", ...(lastEventId ? { "Last-Event-ID": lastEventId } : {}) };
    try {
      const { body } = await this.#transport.open("entries.follow", [id], { headers, signal: deadline.signal });
      if (body === null) throw unreachable("the stream has no body");
      for await (const event of events(body, () => deadline.extend())) {
        yield event;
        if (CLOSING.has(event.name)) return;
      }
    } catch (error) {
      throw connectionError(error, signal);
    } finally {
      deadline.clear();
    }
    throw unreachable("the stream broke off");
  }

  /** @param {string} id @param {string} etag @param {EntryView} entry */
  #remember(id, etag, entry) {
    this.#cache.delete(id);
    this.#cache.set(id, { etag, entry });
    if (this.#cache.size > CACHE_SIZE) this.#cache.delete(/** @type {string} */ (this.#cache.keys().next().value));
    return entry;
  }
}
