/** How the list looks: entries by day, none at all, none like it, none that can be read. */

import { button, h } from "../common/dom.js";
import * as format from "../common/format.js";
import { state, waiting } from "../common/states.js";
import { item } from "./entry_item.js";

/** `entries` null: not read yet, or not readable where there is a `problem`. */
export function content(entries, selected, { problem, filtered }) {
  if (entries === null) return problem ? null : waiting("Reading the entries", 4);
  if (entries.length === 0) return filtered ? nothingLikeIt() : firstUse();
  const days = Map.groupBy(entries, format.dayKey);
  return [...days.values()].map((among) => {
    const items = among.map((entry) => item(entry, { selected: entry.id === selected }));
    return h("section", { class: "day" }, h("h3", { role: "heading", "aria-level": filtered ? 2 : 3 }, format.dayName(among[0])), h("ol", {}, ...items));
  });
}

export const outage = (problem, retry) =>
  h(
    "div",
    { class: "outage", role: "status" },
    h("p", { class: "notice-head" }, navigator.onLine ? "The entries cannot be read" : "Offline"),
    h("p", {}, `${problem} Trying again by itself.`),
    button("Try now", retry, "plain"),
  );

const nothingLikeIt = () => {
  const all = h("a", { class: "plain", href: "#/" }, "Show all entries");
  return state("No entry like that", "Nothing in your journal has all of these.", all);
};

const firstUse = () =>
  h(
    "div",
    { class: "first-use" },
    h("p", { class: "first-use-head" }, "Nothing here yet"),
    h("p", {}, "Your entries will gather here, day by day. The first one can be a single sentence."),
  );
