/** The API calls of the page: uses the client, fills the offline cache, and gives errors messages for the user. */

import { isFinal, Samo } from "../client/samo.js";
import * as config from "./config.js";
import { isNotFound, messageOf, SamoError, SignedOut, Unauthenticated, Unreachable } from "./errors.js";
import * as cache from "./offline_cache.js";
import * as session from "./session.js";

export { isFinal } from "../client/samo.js";

/** @import { AccountChanges, EntryView, NameChanges, NewCorrections, NewKey, Progress, TakenBack, UploadSession } from "../client/samo.js" */

/** @typedef {{ from?: string, to?: string, emotion?: string, feeling?: string, topic?: string }} ListFilter */

/** Short pauses, since the user is waiting. */
const RETRIES = { attempts: 4, baseS: 0.3, mostS: 5 };
const PAGE_SIZE = 100;
const MAX_SIMILAR = 4;
const RECONNECT_S = [1, 2, 4, 8];

let samo = connect();

function connect() {
  return new Samo("", { token: session.token, retries: RETRIES });
}

/** Replace the client, and with it the cached entries and the token, for the next user. */
export function reset() {
  samo = connect();
}

/**
 * Await a response. Errors get messages for the user; an expired session and an unreachable server also dispatch a
 * window event (`signedout`, `unreachable`).
 *
 * @template T
 * @param {Promise<T>} response
 */
async function request(response) {
  try {
    return await response;
  } catch (error) {
    if (error instanceof Unauthenticated) {
      session.expire();
      throw new SignedOut();
    }
    if (error instanceof Unreachable) dispatchEvent(new Event("unreachable"));
    if (error instanceof SamoError) error.message = messageOf(error);
    throw error;
  }
}

// -- entries

/**
 * A page of entries, newest first.
 *
 * @param {number} limit
 * @param {string | null} [cursor]
 * @param {ListFilter} [filter]
 */
export async function listEntries(limit, cursor = null, filter = {}) {
  const page = await request(samo.entries.page({ limit, cursor, ...filter }));
  cache.putListed(page.entries, Object.keys(filter).length === 0);
  return page;
}

/** All entries recorded in a time span, whose end is exclusive. @param {Date} from @param {Date} to */
export async function listBetween(from, to) {
  const span = { from: from.toISOString(), to: to.toISOString() };
  const entries = [];
  /** @type {string | null} */
  let cursor = null;
  do {
    /** @type {Awaited<ReturnType<typeof listEntries>>} */
    const page = await listEntries(PAGE_SIZE, cursor, span);
    entries.push(...page.entries);
    cursor = page.next_cursor;
  } while (cursor);
  return entries;
}

/** @param {string} id */
export async function getEntry(id) {
  try {
    const entry = await request(samo.entries.get(id));
    cache.put(entry);
    return entry;
  } catch (error) {
    if (isNotFound(error)) cache.remove(id);
    throw error;
  }
}

/**
 * Create an entry from text, once per idempotency key.
 *
 * @param {{ text: string, recorded_at: string, timezone: string }} fields
 * @param {string} idempotencyKey
 */
export const createFromText = (fields, idempotencyKey) => request(samo.entries.create({ ...fields, idempotencyKey }));

/**
 * Create an entry from a recording, once per idempotency key. A repeated call with the same key resumes the upload.
 *
 * @param {Blob} audio
 * @param {{ recorded_at: string, timezone: string, content_type?: string }} fields
 * @param {{ idempotencyKey: string, progress: Progress, onSession: (session: UploadSession) => void,
 *   signal: AbortSignal }} options
 */
export const createFromAudio = (audio, fields, options) =>
  request(samo.entries.create({ audio, ...fields, ...options }));

/** @param {string} id @param {string} text */
export const editEntry = (id, text) => request(samo.entries.edit(id, text));

/** Transcribe an entry's recording again. @param {string} id @param {"moonshine" | "whisper"} [engine] */
export const transcribeAgain = async (id, engine) => cached(await request(samo.entries.transcribe(id, { engine })));

/** @param {string} id */
export async function deleteEntry(id) {
  await request(samo.entries.delete(id));
  cache.remove(id);
}

/** @param {string} id @param {NewCorrections} corrections */
export const correct = async (id, corrections) => cached(await request(samo.corrections.set(id, corrections)));

/** Take back a part, a segment's emotions, or everything. @param {string} id @param {Partial<TakenBack>} what */
export const takeBack = async (id, what) => cached(await request(samo.corrections.takeBack(id, what)));

/** @param {EntryView} entry */
function cached(entry) {
  cache.put(entry);
  return entry;
}

/** Show an entry's insight in place of its support note, or the note again. @param {string} id @param {boolean} dismissed */
export async function dismissSupport(id, dismissed) {
  const entry = await request(samo.entries.dismissSupport(id, dismissed));
  cache.put(entry);
  return entry;
}

/** @param {string} id */
export const similarEntries = (id) => request(samo.entries.similar(id, { limit: MAX_SIMILAR }));

/** @param {string} query @param {number} limit @param {AbortSignal} signal */
export const searchEntries = (query, limit, signal) => request(samo.search(query, { limit, signal }));

/**
 * Follow an entry until it is final. Reconnects until then; `onLost` is called whenever the server cannot be reached.
 * Returns a function that stops it.
 *
 * @param {string} id
 * @param {{ onEntry: (entry: EntryView) => void, onDeleted: () => void, onLost: () => void }} listener
 */
export function followEntry(id, listener) {
  const stopping = new AbortController();
  follow(id, listener, stopping.signal);
  return () => stopping.abort();
}

/** @type {(id: string, listener: Parameters<typeof followEntry>[1], signal: AbortSignal) => Promise<void>} */
async function follow(id, { onEntry, onDeleted, onLost }, signal) {
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      for await (const entry of samo.entries.follow(id, { signal })) {
        if (signal.aborted) return;
        failures = 0;
        cache.put(entry);
        onEntry(entry);
        if (isFinal(entry)) return;
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (isNotFound(error)) {
        cache.remove(id);
        onDeleted();
        return;
      }
      if (error instanceof Unauthenticated) session.expire();
      onLost();
      const retryAfter = error instanceof SamoError ? (error.retryAfter ?? 0) : 0;
      await pause(Math.max(retryAfter, RECONNECT_S[Math.min(failures, RECONNECT_S.length - 1)]));
    }
  }
}

// -- recordings

/**
 * The URL from which `<audio>` can load a recording by itself; null if a token is needed.
 *
 * @param {string} path
 */
export const audioUrl = (path) => (session.isRequired() ? null : path);

/** The recording as an object URL; release it with URL.revokeObjectURL. @param {string} id */
export const fetchAudio = async (id) => URL.createObjectURL(await request(samo.entries.audio(id)));

/** Start a dictation; null if the journal has none. @param {number} rate @param {string} timezone */
export function startDictation(rate, timezone) {
  const url = config.dictationUrl();
  return url === null ? null : samo.dictation.start({ rate, timezone, url });
}

// -- account

export const getAccount = () => request(samo.account.get());

/** @param {AccountChanges} changes */
export const updateAccount = (changes) => request(samo.account.update(changes));

export const deleteAccount = () => request(samo.account.delete());

/** Delete all data of a journal without accounts; resolves once the entries are gone, or after ten seconds. */
export async function deleteEverything() {
  await deleteAccount();
  for (let attempt = 0; attempt < 50 && (await listEntries(1)).entries.length > 0; attempt += 1) await pause(0.2);
}

export const getNames = () => request(samo.names.get());

/** @param {NameChanges} changes */
export const changeNames = (changes) => request(samo.names.change(changes));

export const listKeys = () => request(samo.keys.list());

/** @param {NewKey} key */
export const createKey = ({ name, scopes, days }) => request(samo.keys.create(name, scopes, { days }));

/** @param {string} id */
export const rotateKey = (id) => request(samo.keys.rotate(id));

/** @param {string} id */
export const revokeKey = (id) => request(samo.keys.revoke(id));

// -- exports

export const createExport = () => request(samo.exports.create());

export const listJobs = () => request(samo.jobs.list());

/** @param {string} id */
export const cancelJob = (id) => request(samo.jobs.cancel(id));

/** Yield the job each time it is polled, until it has finished. @param {string} id @param {AbortSignal} signal */
export async function* followJob(id, signal) {
  const jobs = samo.jobs.follow(id, { timeoutS: Infinity, signal });
  for (;;) {
    const { done, value } = await request(jobs.next());
    if (done) return;
    yield value;
  }
}

/** A finished export as a file. @param {string} jobId */
export const downloadExport = (jobId) => request(samo.exports.download({ jobId }));

/** @param {number} seconds */
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
