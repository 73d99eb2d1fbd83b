/**
 * Caches entries in IndexedDB for offline reading. Cleared on sign-out. In browsers without storage (private windows),
 * the page works without it.
 */

/** @import { EntryView } from "../client/samo.js" */

const [DATABASE, STORE] = ["samo", "entries"];
const MAX_LISTED = 1000;

/** @type {Promise<IDBDatabase | null> | null} */
let database = null;

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * Run one transaction; resolves to the result of its request once it is on disk.
 *
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T> | void} work
 * @returns {Promise<T | null>}
 */
async function transact(mode, work) {
  database ??= open().catch(() => null);
  const opened = await database;
  if (!opened) return null;
  return new Promise((resolve) => {
    const transaction = opened.transaction(STORE, mode);
    const request = work(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request?.result ?? null);
    transaction.onabort = transaction.onerror = () => resolve(null);
  });
}

/** Store an entry with its transcript. @param {EntryView} entry */
export const put = (entry) => transact("readwrite", (store) => store.put(entry));

/**
 * Store a page of the list without losing transcripts that are still current. `complete`: the list was not filtered,
 * so a cached entry within its range that is missing from it has been deleted.
 *
 * @param {EntryView[]} entries
 * @param {boolean} complete
 */
export const putListed = (entries, complete) =>
  transact("readwrite", (store) => {
    /** @type {IDBRequest<EntryView[]>} */
    const request = store.getAll();
    request.onsuccess = () => {
      const cached = new Map(request.result.map((entry) => [entry.id, entry]));
      if (complete) for (const id of missingIds([...cached.values()], entries)) store.delete(id);
      for (const entry of entries) if (cached.get(entry.id)?.updated_at !== entry.updated_at) store.put(entry);
    };
  });

/**
 * The ids of cached entries between a list's first and last that are not on it.
 *
 * @param {EntryView[]} cached
 * @param {EntryView[]} listed
 */
function missingIds(cached, listed) {
  const ids = new Set(listed.map(({ id }) => id));
  const [newest, oldest] = [listed[0], listed.at(-1)].map((entry) => (entry ? moment(entry) : Number.NaN));
  const inRange = (/** @type {EntryView} */ entry) => moment(entry) < newest && moment(entry) > oldest;
  return cached.filter((entry) => !ids.has(entry.id) && inRange(entry)).map(({ id }) => id);
}

/** @param {string} id */
export const remove = (id) => transact("readwrite", (store) => void store.delete(id));

/** A cached entry, or null. @param {string} id @returns {Promise<EntryView | null>} */
export const get = (id) => transact("readonly", (store) => store.get(id));

/** All cached entries, newest first. */
export async function list() {
  /** @type {EntryView[]} */
  const entries = (await transact("readonly", (store) => store.getAll())) ?? [];
  return entries.sort((a, b) => moment(b) - moment(a)).slice(0, MAX_LISTED);
}

export const clear = () => transact("readwrite", (store) => void store.clear());

/** @param {EntryView} entry */
const moment = (entry) => Date.parse(entry.recorded_at);
