/** The list's content: entries by day, or why there are none. */

import { button, h } from "../common/dom.js";
import * as format from "../common/format.js";
import { emptyState, loadingState } from "../common/states.js";
import { t } from "../texts/texts.js";
import { entryItem } from "./entry_item.js";

/** @import { EntryView } from "../client/samo.js" */

/**
 * @param {EntryView[] | null} entries null: not loaded yet, or not available
 * @param {{ selected: string | null, problem: string | null, filtered: boolean }} state
 */
export function listContent(entries, { selected, problem, filtered }) {
  if (entries === null) return problem === null ? loadingState(t("journal.loading_entries"), 4) : null;
  if (entries.length === 0) return filtered ? noMatches() : firstUse();
  const days = Map.groupBy(entries, format.dayKey);
  return [...days.values()].map((ofDay) => {
    const items = ofDay.map((entry) => entryItem(entry, { selected: entry.id === selected }));
    const heading = h("h3", { role: "heading", "aria-level": filtered ? 2 : 3 }, format.dayName(ofDay[0]));
    return h("section", { class: "day" }, heading, h("ol", {}, ...items));
  });
}

/** @param {string} problem @param {() => unknown} retry */
export const outage = (problem, retry) =>
  h(
    "div",
    { class: "outage", role: "status" },
    h(
      "p",
      { class: "notice-head" },
      navigator.onLine ? t("journal.entries_could_not_be_loaded") : t("journal.offline"),
    ),
    h("p", {}, t("journal.retrying_automatically", { problem })),
    button(t("journal.retry_now"), retry, "plain"),
  );

const noMatches = () =>
  emptyState(
    t("journal.no_matching_entries"),
    t("journal.no_entry_matches_all_of_these"),
    h("a", { class: "plain", href: "#/" }, t("journal.show_all_entries")),
  );

const firstUse = () =>
  h(
    "div",
    { class: "first-use" },
    h("p", { class: "first-use-head" }, t("journal.nothing_here_yet")),
    h("p", {}, t("journal.your_entries_will_appear_here_day")),
  );
