/**
 * An entry's progress: its stream, read with fetch, which can send a token. Goes on after `cut` or a break from
 * where it was; polls where there are too many streams or none come through.
 */

import { Problem } from "./errors.js";
import { request, wait } from "./http.js";
import { events } from "./sse.js";

const BREAKS = 3;
const FINAL = new Set(["ready", "partial", "failed"]);

export const isFinal = (entry) => FINAL.has(entry.status);

/**
 * Hear of an entry until it is final. Returns a function that stops it; `onLost` hears of an unreachable
 * server, once an outage.
 */
export function follow(address, { onEntry, onDeleted, onLost }) {
  const stopping = new AbortController();
  const { signal } = stopping;
  const told = {
    entry: (entry) => !signal.aborted && (isFinal(entry) && stopping.abort(), onEntry(entry)),
    gone: () => !signal.aborted && (stopping.abort(), onDeleted()),
    lost: () => !signal.aborted && onLost(),
  };
  listen(address, told, signal).catch((error) => signal.aborted || told.lost(error));
  return () => stopping.abort();
}

async function listen(address, told, signal) {
  let seen = "";
  for (let breaks = 0; breaks < BREAKS && !signal.aborted; ) {
    try {
      const before = seen;
      seen = await once(`${address}/events`, seen, told, signal);
      breaks = seen === before ? breaks + 1 : 0;
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 404) return told.gone();
      if (error instanceof Problem) break;
      breaks += 1;
    }
    await wait(200 * breaks, signal);
  }
  await poll(address, told, signal);
}

/** One connection, to its end; answers the id of the last event. */
async function once(address, seen, told, signal) {
  const headers = { Accept: "text/event-stream", ...(seen ? { "Last-Event-ID": seen } : {}) };
  const response = await request(address, { headers, signal, cache: "no-store" });
  for await (const { type, data, id } of events(response.body)) {
    if (id) seen = id;
    if (type === "entry") told.entry(JSON.parse(data));
    else if (type === "deleted") told.gone();
    if (type === "cut" || type === "end" || signal.aborted) break;
  }
  return seen;
}

async function poll(address, told, signal) {
  let [tag, pause, lost] = [null, 500, false];
  while (!signal.aborted) {
    try {
      const response = await request(address, { signal, headers: tag ? { "If-None-Match": tag } : {} });
      pause = response.status === 304 ? Math.min(pause * 1.3, 5000) : 500;
      if (response.status === 200) {
        tag = response.headers.get("ETag");
        told.entry(await response.json());
      }
      lost = false;
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 404) return told.gone();
      if (!lost) told.lost();
      lost = true;
      pause = error.again ? Math.max(1000, error.again - Date.now()) : Math.min(pause * 2, 8000);
    }
    await wait(pause, signal);
  }
}
