/**
 * Entries that were read on this device, kept in IndexedDB so that they can be read without a network.
 * Nothing of it outlives a sign-out. Where the browser keeps nothing (private windows), reading goes on without.
 */

const [NAME, STORE] = ["samo", "entries"];
const MOST = 1000;

let opened = null;

const database = () => (opened ??= open().catch(() => null));

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

/** Run `work` over the store; resolves to what its request found, once it is on disk. */
async function within(mode, work) {
  const opened = await database();
  if (!opened) return null;
  return new Promise((resolve) => {
    const transaction = opened.transaction(STORE, mode);
    const asked = work(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(asked?.result ?? null);
    transaction.onabort = transaction.onerror = () => resolve(null);
  });
}

/** Keep an entry with its words. */
export const read = (entry) => within("readwrite", (store) => store.put(entry));

/**
 * Keep what a list says, without losing words that still hold. `whole`: the list was of all entries, so whatever
 * is kept between its first and its last and is not on it was deleted.
 */
export const listed = (entries, whole) =>
  within("readwrite", (store) => {
    store.getAll().onsuccess = ({ target }) => {
      const known = new Map(target.result.map((entry) => [entry.id, entry]));
      if (whole) for (const id of missing(known.values(), entries)) store.delete(id);
      for (const entry of entries) if (known.get(entry.id)?.updated_at !== entry.updated_at) store.put(entry);
    };
  });

/** The ids of what is kept from between a list's first and last entry without being on it. */
function missing(known, entries) {
  const present = new Set(entries.map(({ id }) => id));
  const [newest, oldest] = [entries[0], entries.at(-1)].map((entry) => moment(entry));
  const among = (entry) => moment(entry) < newest && moment(entry) > oldest;
  return [...known].filter((entry) => !present.has(entry.id) && among(entry)).map(({ id }) => id);
}

export const forget = (id) => within("readwrite", (store) => void store.delete(id));

/** An entry as it was last read here, or null. */
export const one = (id) => within("readonly", (store) => store.get(id));

/** All that is kept, newest first. */
export async function all() {
  const found = (await within("readonly", (store) => store.getAll())) ?? [];
  return found.sort((a, b) => moment(b) - moment(a)).slice(0, MOST);
}

/** Forget everything. */
export const clear = () => within("readwrite", (store) => void store.clear());

const moment = (entry) => (entry ? Date.parse(entry.recorded_at) : NaN);
