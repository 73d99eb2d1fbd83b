/** Recordings and downloads: by address where that is enough, with a token where one is needed. */

import { request } from "./http.js";
import * as session from "./session.js";

/** Where `<audio>` finds a recording by itself; null where it must be fetched. */
export const direct = (path) => (session.needed() ? null : path);

/** The recording as an address that holds in this tab; give it back with URL.revokeObjectURL. */
export async function fetched(path, signal) {
  const response = await request(path, { signal });
  return URL.createObjectURL(await response.blob());
}

/** Save a file as whatever the server calls it. */
export async function download(path, fallback) {
  const response = await request(path);
  const named = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
  const href = URL.createObjectURL(await response.blob());
  const link = Object.assign(document.createElement("a"), { href, download: named ?? fallback });
  link.click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
