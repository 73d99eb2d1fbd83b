/** The journal's API as the page uses it. */

import { asJson, json, request, wait } from "./http.js";
import * as kept from "./offline_cache.js";
import { follow as followed } from "./stream.js";

export { upload } from "./recordings.js";
export { isFinal } from "./stream.js";

const address = (id) => `/v1/entries/${encodeURIComponent(id)}`;

/** A page of entries, newest first; `among`: from, to, emotion, feeling, topic, as far as wished. */
export async function list(limit, cursor, among = {}) {
  const wished = Object.entries({ limit, cursor, ...among }).filter(([, value]) => value);
  const page = await json(`/v1/entries?${new URLSearchParams(wished)}`);
  kept.listed(page.entries, Object.keys(among).length === 0);
  return page;
}

/** Every entry from one moment to another. */
export async function between(from, to) {
  const found = [];
  let cursor = null;
  do {
    const page = await list(100, cursor, { from: from.toISOString(), to: to.toISOString() });
    found.push(...page.entries);
    cursor = page.next_cursor;
  } while (cursor);
  return found;
}

export async function read(id) {
  try {
    const entry = await json(address(id));
    kept.read(entry);
    return entry;
  } catch (error) {
    if (error.status === 404) kept.forget(id);
    throw error;
  }
}

/** A new entry from text: one a `key`, however often it is asked for. */
export const write = (entry, key) => json("/v1/entries", asJson("POST", entry, { "Idempotency-Key": key }));

export const edit = (id, text) => json(address(id), asJson("PATCH", { text }));

export async function remove(id) {
  await request(address(id), { method: "DELETE" });
  kept.forget(id);
}

export const comment = (id, said) => json(`${address(id)}/feedback`, asJson("PUT", said));

export const similar = (id) => json(`${address(id)}/similar?limit=4`);

export const search = (q, limit, signal) => json(`/v1/search?${new URLSearchParams({ q, limit })}`, { signal });

/** Hear of an entry until it is final, as `stream.follow` says. */
export const follow = (id, { onEntry, ...others }) =>
  followed(address(id), { onEntry: (entry) => (kept.read(entry), onEntry(entry)), ...others });

// -- the account

export const me = () => json("/v1/me");

export const wish = (wishes) => json("/v1/me", asJson("PATCH", wishes));

export const leave = () => request("/v1/me", { method: "DELETE" });

/** Where there are no accounts: resolves once nothing is left, or is not for a while. */
export async function empty() {
  await leave();
  for (let looks = 0; looks < 50 && (await json("/v1/entries?limit=1")).entries.length; looks += 1) await wait(200);
}

export const keys = async () => (await json("/v1/keys")).keys;

export const makeKey = (key) => json("/v1/keys", asJson("POST", key));

export const rotateKey = (id) => json(`/v1/keys/${encodeURIComponent(id)}/rotate`, asJson("POST", {}));

export const revokeKey = (id) => request(`/v1/keys/${encodeURIComponent(id)}`, { method: "DELETE" });

// -- jobs

export const askForExport = () => json("/v1/exports", { method: "POST" });

export const jobs = async () => (await json("/v1/jobs")).jobs;

export const job = (id) => json(`/v1/jobs/${encodeURIComponent(id)}`);

export const cancelJob = (id) => json(`/v1/jobs/${encodeURIComponent(id)}/cancel`, { method: "POST" });
