/** An entry read again and again: by its stream, or by asking whether it has changed. */

import { NotFound, SamoError, unreachable } from "./errors.js";
import { events } from "./sse.js";
import { Deadline, sleep } from "./time.js";
import { failure } from "./transport.js";

const FINAL = new Set(["ready", "partial", "failed"]);
const CLOSING = new Set(["end", "deleted", "cut"]);
/** Seconds after which a stream that says nothing is dead: three heartbeats have not come. */
const SILENCE_S = 45;
const [FIRST_PAUSE_S, LONGEST_PAUSE_S] = [0.2, 5];
const MOST_KNOWN = 256;

/** Whether nothing changes by itself any more. */
export const isFinal = (entry) => FINAL.has(entry.status);

export class Following {
  #transport;
  #known = new Map();

  constructor(transport) {
    this.#transport = transport;
  }

  /** The entry; the one that is known, if it has not changed. */
  async get(id, signal) {
    const known = this.#known.get(id);
    const headers = known ? { "If-None-Match": known.etag } : {};
    const answer = await this.#transport.call("entries.get", [id], { headers, signal });
    return answer.status === 304 ? known.entry : this.#remember(id, answer.headers.get("ETag") ?? "", answer.body);
  }

  forget(id) {
    this.#known.delete(id);
  }

  /** The entry whenever it is found to be another than `last`, until it is final; throws a TimeoutError. */
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

  /** The entry now and after each change, until it is final. */
  async *follow(id, signal) {
    let [seen, failures, entry] = ["", 0, undefined];
    for (;;) {
      try {
        for await (const event of this.#events(id, seen, signal)) {
          failures = 0;
          if (event.name === "entry") {
            seen = event.id;
            entry = this.#remember(id, `"${event.id}"`, JSON.parse(event.data));
            yield entry;
          } else if (event.name === "end") return;
          else if (event.name === "deleted") {
            throw new NotFound("the entry was deleted", { code: "entry_not_found", status: 404 });
          }
        }
      } catch (error) {
        if (error.code === "too_many_streams") break;
        failures += 1;
        const pause = error instanceof SamoError ? this.#transport.pause(failures, error) : null;
        if (pause === null) throw error;
        await sleep(pause, signal);
      }
    }
    yield* this.poll(id, { last: entry, signal });
  }

  /** One stream's events, up to the one that closes it; throws Unreachable if none does. */
  async *#events(id, seen, signal) {
    const deadline = new Deadline(SILENCE_S, signal);
    const headers = { Accept: "text/event-stream", ...(seen ? { "Last-Event-ID": seen } : {}) };
    try {
      const response = await this.#transport.open("entries.follow", [id], { headers, signal: deadline.signal });
      for await (const event of events(response.body, () => deadline.extend())) {
        yield event;
        if (CLOSING.has(event.name)) return;
      }
    } catch (error) {
      throw failure(error, signal);
    } finally {
      deadline.lift();
    }
    throw unreachable("the stream broke off");
  }

  #remember(id, etag, entry) {
    this.#known.delete(id);
    this.#known.set(id, { etag, entry });
    if (this.#known.size > MOST_KNOWN) this.#known.delete(this.#known.keys().next().value);
    return entry;
  }
}
