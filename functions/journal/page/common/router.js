/** Routes of the page: #/, #/entry/ID, #/calendar/2026-03, #/search?q=…, #/settings, #/consent. */

/** @typedef {{ from?: string, to?: string, emotion?: string, feeling?: string, topic?: string }} Filter `from` and `to` are keys of days */

/** @typedef {{ view: string, id: string | null, query: Record<string, string> }} Location */

const VIEWS = new Set(["calendar", "search", "settings", "consent"]);
const DAYS = ["from", "to"];
const LABELS = ["emotion", "feeling", "topic"];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * The view that a hash names; the home view by default.
 *
 * @param {string} [hash]
 * @returns {Location}
 */
export function parseLocation(hash = location.hash) {
  const [path, search = ""] = hash.replace(/^#\/?/, "").split("?");
  const [view, id = null] = path.split("/").map(decode);
  const query = Object.fromEntries(new URLSearchParams(search));
  if ((view === "entry" || view === "entries") && id) return { view: "entry", id, query };
  return VIEWS.has(view) ? { view, id, query } : { view: "home", id: null, query: filterOf(query) };
}

/** @param {string} id */
export const entryHash = (id) => `#/entry/${encodeURIComponent(id)}`;

/** The hash of the list with a filter. @param {Filter} [filter] */
export function homeHash(filter = {}) {
  const parameters = filterOf(filter);
  return Object.keys(parameters).length > 0 ? `#/?${new URLSearchParams(parameters)}` : "#/";
}

/**
 * The part of a query that filters the journal: days (both inclusive) and labels.
 *
 * @param {Record<string, string | undefined>} query
 * @returns {Record<string, string>}
 */
function filterOf(query) {
  const days = DAYS.filter((name) => DAY.test(query[name] ?? ""));
  const labels = LABELS.filter((name) => query[name]);
  return Object.fromEntries([...days, ...labels].map((name) => [name, query[name] ?? ""]));
}

/** @param {string} part */
function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
