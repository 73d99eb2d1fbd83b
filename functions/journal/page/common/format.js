/** Formats dates, times and durations. */

import { LOCALE, t } from "../texts/texts.js";

/** @import { EntryView, Summary } from "../client/samo.js" */

/** @typedef {Date | string | number} Moment */

const DAY_MS = 86_400_000;

/** The device's time zone. */
export const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** An entry is shown in the time zone it was recorded in. @param {Pick<EntryView, "timezone">} entry */
const zoneOf = (entry) => (entry.timezone && isTimeZone(entry.timezone) ? entry.timezone : timezone);

/** @param {string} timeZone */
function isTimeZone(timeZone) {
  try {
    return Boolean(new Intl.DateTimeFormat(LOCALE, { timeZone }));
  } catch {
    return false;
  }
}

/** @param {Moment} moment @param {Intl.DateTimeFormatOptions} options */
const format = (moment, options) => new Intl.DateTimeFormat(LOCALE, options).format(new Date(moment));

/**
 * The day of an entry in its own time zone, as a key: 2026-03-01.
 *
 * @param {Pick<EntryView, "recorded_at" | "timezone">} entry
 */
export const dayKey = (entry) => dayKeyOf(entry.recorded_at, zoneOf(entry));

/** @param {Moment} moment @param {string} timeZone */
const dayKeyOf = (moment, timeZone) =>
  new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(new Date(moment));

/** The year, unless it is the current one. @param {string} key */
const yearFormat = (key) => (key.slice(0, 4) === String(new Date().getFullYear()) ? undefined : "numeric");

/** @param {EntryView} entry */
export function dayName(entry) {
  const day = dayKey(entry);
  if (day === todayKey()) return t("common.today");
  if (day === dayKeyOf(Date.now() - DAY_MS, timezone)) return t("common.yesterday");
  return date(entry);
}

/** @param {EntryView} entry */
export const date = (entry) =>
  format(entry.recorded_at, {
    timeZone: zoneOf(entry),
    weekday: "long",
    day: "numeric",
    month: "long",
    year: yearFormat(dayKey(entry)),
  });

/** @param {EntryView} entry */
export const time = (entry) =>
  format(entry.recorded_at, { timeZone: zoneOf(entry), hour: "numeric", minute: "2-digit" });

/** The name of the entry's time zone, if it is not the device's. @param {EntryView} entry */
export const foreignZone = (entry) => {
  const zone = zoneOf(entry);
  return zone === timezone ? null : (zone.split("/").pop() ?? zone).replaceAll("_", " ");
};

/** @param {Moment} moment */
export const clockTime = (moment) => format(moment, { hour: "numeric", minute: "2-digit" });

/** @param {Moment} moment */
export const dateTime = (moment) => format(moment, { dateStyle: "medium", timeStyle: "short" });

/** A day's name from its key: "Sunday 1 March". @param {string} key */
export const dayFromKey = (key) =>
  format(`${key}T12:00:00Z`, {
    timeZone: "UTC",
    weekday: "long",
    day: "numeric",
    month: "long",
    year: yearFormat(key),
  });

/** Today's key in the device's time zone. */
export const todayKey = () => dayKeyOf(Date.now(), timezone);

/** @param {number} year @param {number} month 0 to 11 */
export const monthName = (year, month) =>
  format(Date.UTC(year, month, 15), { timeZone: "UTC", month: "long", year: "numeric" });

/** Monday to Sunday: short and long names. @returns {{ short: string, long: string }[]} */
export const weekdays = () =>
  Array.from({ length: 7 }, (_, index) => {
    const monday = Date.UTC(2024, 0, 1 + index);
    return {
      short: format(monday, { timeZone: "UTC", weekday: "short" }),
      long: format(monday, { timeZone: "UTC", weekday: "long" }),
    };
  });

/** @param {Moment} moment */
export const shortDate = (moment) => format(moment, { day: "numeric", month: "long" });

/** A position in a recording: 0:07, 12:40, 1:02:03. @param {number} seconds */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const padded = String(rest).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${padded}` : `${minutes}:${padded}`;
}

/** A duration: 8 s, 1 min 5 s, 1 h 2 min. @param {number} seconds */
export function duration(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours) return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
  return whole % 60 && minutes < 10 ? `${minutes} min ${whole % 60} s` : `${minutes} min`;
}

/** "German"; "another language" if it is not known. @param {string} code */
export function languageName(code) {
  if (code === "und") return t("common.another_language");
  try {
    return new Intl.DisplayNames(LOCALE, { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** "French and Italian". @param {string[]} items */
export const list = (items) => new Intl.ListFormat(LOCALE, { type: "conjunction" }).format(items);

/** @param {number} share 0 to 1 */
export const percent = (share) => `${Math.round(share * 100)}%`;

const HEADLINE_WORDS = 7;
const HEADLINE_CHARACTERS = 60;

/** A summary's title or, if it has none, its first words. @param {Pick<Summary, "title" | "text">} summary */
export function headline({ title, text }) {
  if (title) return title;
  const words = text.split(/\s+/);
  const start = words.slice(0, HEADLINE_WORDS).join(" ");
  const characters = [...start];
  if (words.length <= HEADLINE_WORDS && characters.length <= HEADLINE_CHARACTERS) return text;
  return `${characters
    .slice(0, HEADLINE_CHARACTERS)
    .join("")
    .replace(/[\p{P}]+$/u, "")}…`;
}
