/** Requests on their way: addressed, authorized, sent again where that helps, and their answers read. */

import { SamoError, Unreachable, ofAnswer, unreachable } from "./errors.js";
import { OPERATIONS } from "./operations.js";
import { Deadline, sleep } from "./time.js";

const PASSING = new Set([429, 502, 503, 504]);

export class Transport {
  constructor(address, { token = null, retries = {}, timeoutS = 60 } = {}) {
    this.address = address.replace(/\/+$/, "");
    this.token = token;
    this.retries = { attempts: 4, baseS: 0.5, mostS: 30, ...retries };
    this.timeoutS = timeoutS;
  }

  /** What an operation answers, as JSON; for the request's parts see `call`. */
  async ask(name, ids, request) {
    return (await this.call(name, ids, request)).body;
  }

  /**
   * An operation's answer of 2xx or 304, read to its end, after as many attempts as it may take.
   *
   * @param {string} name
   * @param {string[]} ids of what its path names
   * @param {object} request `json` or `content` as body, `query`, `headers`, `signal`, `timeoutS`, and `as`: how the
   *   body is read ("json", "text" or "blob")
   * @returns {Promise<{ status: number, headers: Headers, body: any }>}
   */
  async call(name, ids = [], request = {}) {
    const operation = OPERATIONS[name];
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(operation, ids, request);
      } catch (error) {
        if (attempt > 1 && error.code === operation.done && operation.done) return { status: 204, body: null };
        const pause = operation.repeatable ? this.pause(attempt, error) : null;
        if (pause === null) throw error;
        await sleep(pause, request.signal);
      }
    }
  }

  /** An operation's answer of 2xx whose body is still to be read, asked for once. */
  async open(name, ids, request) {
    const operation = OPERATIONS[name];
    const response = await fetch(this.address + address(operation, ids, request.query), {
      method: operation.method,
      headers: { ...request.headers, ...(await this.#authorization()) },
      signal: request.signal,
    });
    if (!response.ok) throw await ofAnswer(response);
    return response;
  }

  /** How many seconds to wait after an attempt (from 1) that failed; null: do not try again. Full jitter. */
  pause(attempt, error) {
    const { attempts, baseS, mostS } = this.retries;
    const passing = error instanceof Unreachable || (error instanceof SamoError && PASSING.has(error.status));
    const asked = error.retryAfter ?? 0;
    if (!passing || attempt >= attempts || asked > mostS) return null;
    return asked + Math.random() * Math.min(mostS, baseS * 2 ** (attempt - 1));
  }

  async #once(operation, ids, { json, content, query, headers, signal, timeoutS, as = "json" }) {
    const deadline = new Deadline(timeoutS ?? this.timeoutS, signal);
    try {
      const response = await fetch(this.address + address(operation, ids, query), {
        method: operation.method,
        body: json === undefined ? content : JSON.stringify(json),
        headers: {
          ...(json === undefined ? {} : { "Content-Type": "application/json" }),
          ...headers,
          ...(await this.#authorization()),
        },
        signal: deadline.signal,
      });
      if (!response.ok && response.status !== 304) throw await ofAnswer(response);
      const empty = response.status === 204 || response.status === 304;
      return { status: response.status, headers: response.headers, body: empty ? null : await response[as]() };
    } catch (error) {
      throw failure(error, signal);
    } finally {
      deadline.lift();
    }
  }

  async #authorization() {
    const token = typeof this.token === "function" ? await this.token() : this.token;
    return token ? { Authorization: `Bearer ${token}` } : {};
  }
}

/** A key that no other request has; without crypto (Node 18, pages without TLS) so random as it need be. */
export const newKey = () =>
  globalThis.crypto?.randomUUID?.() ?? `${Date.now()}-${[0, 0].map(() => Math.random().toString(36).slice(2)).join("")}`;

/** Those that are neither undefined nor null. */
export const given = (values) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));

/** What became of a request: fetch's own failing means that nobody answered, unless the caller called it off. */
export function failure(error, signal) {
  const lost = error instanceof TypeError || error instanceof DOMException;
  return lost && !signal?.aborted ? unreachable(error) : error;
}

function address(operation, ids, query) {
  const left = [...ids];
  const path = operation.path.replaceAll("{}", () => encodeURIComponent(left.shift()));
  const texts = Object.entries(given(query ?? {})).map(([name, value]) => [
    name,
    value instanceof Date ? value.toISOString() : String(value),
  ]);
  return texts.length > 0 ? `${path}?${new URLSearchParams(texts)}` : path;
}
