/** HTTP requests: authorized, retried where that is safe, and read. */

import { errorFromResponse, SamoError, Unauthenticated, Unreachable, unreachable } from "./errors.js";
import { OPERATIONS } from "./operations.js";
import { send } from "./send.js";
import { Deadline, sleep } from "./time.js";

/** @import { Options, Token } from "./samo.js" */

/**
 * The parts of a request. `json` or `content` is the body; `as`: how to read the response's body.
 *
 * @typedef {object} RequestParts
 * @property {object} [json]
 * @property {Blob | FormData} [content]
 * @property {Record<string, unknown>} [query]
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 * @property {number} [timeoutS]
 * @property {"json" | "text" | "blob"} [as]
 * @property {(sent: number) => void} [progress]
 *
 * @typedef {{ status: number, headers: Headers, body: any }} ApiResponse
 * @typedef {(typeof OPERATIONS)[string]} Operation
 */

/** Statuses of temporary failures. */
export const TRANSIENT = new Set([429, 502, 503, 504]);

/** Sends requests with the client's address, token, retries and time-outs. */
export class Transport {
  /** @type {Token} */
  #token;

  /**
   * @param {string} address
   * @param {Options} options
   */
  constructor(address, { token = null, retries = {}, timeoutS = 60 } = {}) {
    this.address = address.replace(/\/+$/, "");
    this.#token = token;
    this.retries = { attempts: 4, baseS: 0.5, mostS: 30, ...retries };
    this.timeoutS = timeoutS;
  }

  /** Whether a rejected token can be replaced by another. */
  get renewable() {
    return typeof this.#token === "function";
  }

  /**
   * Call an operation and return the body of its response; see `call`.
   *
   * @param {string} name
   * @param {string[]} [ids]
   * @param {RequestParts} [parts]
   * @returns {Promise<any>}
   */
  async request(name, ids, parts) {
    return (await this.call(name, ids, parts)).body;
  }

  /**
   * Call an operation, with retries, and return its complete 2xx or 304 response.
   *
   * @param {string} name
   * @param {string[]} [ids] the values for the placeholders of its path
   * @param {RequestParts} [request]
   * @returns {Promise<ApiResponse>}
   */
  async call(name, ids = [], request = {}) {
    const operation = OPERATIONS[name];
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#renewingToken((authorization) => this.#once(operation, ids, request, authorization));
      } catch (error) {
        const code = error instanceof SamoError ? error.code : null;
        if (attempt > 1 && operation.done && code === operation.done) {
          return { status: 204, headers: new Headers(), body: null };
        }
        const pause = operation.repeatable ? this.pause(attempt, error) : null;
        if (pause === null) throw error;
        await sleep(pause, request.signal);
      }
    }
  }

  /**
   * Call an operation, without retries, and return its 2xx response before the body is read.
   *
   * @param {string} name
   * @param {string[]} ids
   * @param {{ headers: Record<string, string>, signal: AbortSignal }} request
   */
  open(name, ids, { headers, signal }) {
    const operation = OPERATIONS[name];
    return this.#renewingToken(async (authorization) => {
      const url = this.address + pathOf(operation, ids);
      const response = await fetch(url, {
        method: operation.method,
        headers: { ...headers, ...authorization },
        signal,
      });
      if (!response.ok) throw await errorFromResponse(response);
      return response;
    });
  }

  /**
   * Seconds to wait after failed attempt number `attempt` (from 1); null: do not retry. Full jitter.
   *
   * @param {number} attempt
   * @param {unknown} error
   */
  pause(attempt, error) {
    const { attempts, baseS, mostS } = this.retries;
    if (!(error instanceof SamoError) || attempt >= attempts) return null;
    const transient = error instanceof Unreachable || TRANSIENT.has(error.status);
    const retryAfter = error.retryAfter ?? 0;
    if (!transient || retryAfter > mostS) return null;
    return retryAfter + Math.random() * Math.min(mostS, baseS * 2 ** (attempt - 1));
  }

  /**
   * The token to send, if any. `renew`: the last one was rejected.
   *
   * @param {{ renew: boolean }} [context]
   */
  async token(context = { renew: false }) {
    return typeof this.#token === "function" ? await this.#token(context) : this.#token;
  }

  /**
   * Run a request; a rejected token is replaced once, if a function supplies tokens.
   *
   * @template T
   * @param {(authorization: Record<string, string>) => Promise<T>} request
   */
  async #renewingToken(request) {
    try {
      return await request(await this.#authorization({ renew: false }));
    } catch (error) {
      if (!(error instanceof Unauthenticated) || !this.renewable) throw error;
      return request(await this.#authorization({ renew: true }));
    }
  }

  /** @param {{ renew: boolean }} context @returns {Promise<Record<string, string>>} */
  async #authorization(context) {
    const token = await this.token(context);
    return token ? { Authorization: `Bearer ${token}` } : {};
  }

  /**
   * @param {Operation} operation
   * @param {string[]} ids
   * @param {RequestParts} request
   * @param {Record<string, string>} authorization
   * @returns {Promise<ApiResponse>}
   */
  async #once(operation, ids, request, authorization) {
    const { json, content, query, headers, signal, timeoutS, as = "json", progress } = request;
    const deadline = new Deadline(timeoutS ?? this.timeoutS, signal);
    /** @type {Record<string, string>} */
    const type = json === undefined ? {} : { "Content-Type": "application/json" };
    const sent = {
      method: operation.method,
      body: json === undefined ? content : JSON.stringify(json),
      headers: { ...type, ...headers, ...authorization },
      signal: deadline.signal,
    };
    try {
      const response = await send(this.address + pathOf(operation, ids, query), sent, progress);
      if (!response.ok && response.status !== 304) throw await errorFromResponse(response);
      const empty = response.status === 204 || response.status === 304;
      return { status: response.status, headers: response.headers, body: empty ? null : await response[as]() };
    } catch (error) {
      throw connectionError(error, signal);
    } finally {
      deadline.clear();
    }
  }
}

/** A unique idempotency key. Pages without TLS have no `randomUUID`. */
export const newKey = () =>
  globalThis.crypto?.randomUUID?.() ??
  `${Date.now()}-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;

/**
 * The properties that are neither undefined nor null.
 *
 * @param {Record<string, unknown>} values
 * @returns {Record<string, any>}
 */
export const defined = (values) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));

/**
 * Convert fetch's own errors to `Unreachable`, unless the caller aborted the request.
 *
 * @param {unknown} error
 * @param {AbortSignal} [signal] the caller's
 */
export function connectionError(error, signal) {
  const lost = error instanceof TypeError || error instanceof DOMException;
  return lost && !signal?.aborted ? unreachable(error) : error;
}

/**
 * @param {Operation} operation
 * @param {string[]} ids
 * @param {Record<string, unknown>} [query]
 */
function pathOf(operation, ids, query = {}) {
  const left = [...ids];
  const path = operation.path.replaceAll("{}", () => encodeURIComponent(left.shift() ?? ""));
  const parameters = Object.entries(defined(query)).map(([name, value]) => [
    name,
    value instanceof Date ? value.toISOString() : String(value),
  ]);
  return parameters.length > 0 ? `${path}?${new URLSearchParams(parameters)}` : path;
}
