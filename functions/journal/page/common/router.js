/** Where the page is, as its address says: #/, #/entry/ID, #/calendar/2026-03, #/search?q=…, #/settings. */

const VIEWS = new Set(["calendar", "search", "settings", "consent"]);
const LABELS = ["emotion", "feeling", "topic"];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** {view, id, query}; an address that names nothing is the journal itself. */
export function place(hash = location.hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [room, id = null] = path.split("/").map(decoded);
  const asked = Object.fromEntries(new URLSearchParams(query));
  if ((room === "entry" || room === "entries") && id) return { view: "entry", id, query: asked };
  return VIEWS.has(room) ? { view: room, id, query: asked } : { view: "home", id: null, query: filters(asked) };
}

export const entryAddress = (id) => `#/entry/${encodeURIComponent(id)}`;

export function homeAddress(filter = {}) {
  const wished = Object.entries(filters(filter));
  return wished.length ? `#/?${new URLSearchParams(wished)}` : "#/";
}

/** What of a query filters the journal: days from and to (both included), and labels. */
function filters(query) {
  const days = ["from", "to"].filter((name) => DAY.test(query[name] ?? ""));
  const labels = LABELS.filter((name) => query[name]);
  return Object.fromEntries([...days, ...labels].map((name) => [name, query[name]]));
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
