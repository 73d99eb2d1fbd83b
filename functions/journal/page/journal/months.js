/** Months of the calendar, and the mood of their days. */

import { mean } from "../entry/curve.js";

/** @import { EntryView } from "../client/samo.js" */

/** @typedef {{ year: number, month: number }} Month `month` is 0 to 11 */
/** @typedef {{ entries: EntryView[], sentiment: number | null }} Day */

/** The month of a key such as 2026-03; the current one by default. @param {string | null} [key] @returns {Month} */
export function monthOf(key) {
  const [, year, month] = (/^(\d{4})-(\d{2})$/.exec(key ?? "") ?? []).map(Number);
  const now = new Date();
  if (!(month >= 1 && month <= 12)) return { year: now.getFullYear(), month: now.getMonth() };
  return { year, month: month - 1 };
}

/** @param {Month} month */
export const monthKey = ({ year, month }) => dayKey(year, month).slice(0, 7);

/** @param {Month} month @param {number} by months @returns {Month} */
export function addMonths({ year, month }, by) {
  const first = new Date(year, month + by, 1);
  return { year: first.getFullYear(), month: first.getMonth() };
}

/**
 * The weeks of a month, Monday first: keys of its days (2026-03-01), null for days of other months.
 *
 * @param {Month} month
 */
export function weeksOf({ year, month }) {
  const count = new Date(year, month + 1, 0).getDate();
  const leading = (new Date(year, month, 1).getDay() + 6) % 7;
  const days = Array.from({ length: count }, (_, index) => dayKey(year, month, index + 1));
  /** @type {(string | null)[]} */
  const cells = [...Array(leading).fill(null), ...days];
  while (cells.length % 7) cells.push(null);
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
}

/** A day's entries and mean sentiment, which is null if no entry has one. @param {EntryView[]} entries @returns {Day} */
export function dayOf(entries) {
  const sentiments = entries.map(({ insight }) => insight.sentiment).filter((sentiment) => sentiment !== null);
  return { entries, sentiment: sentiments.length > 0 ? mean(sentiments) : null };
}

/** 2 positive, 1 fairly positive, 0 neutral, -1 fairly negative, -2 negative. @param {number} sentiment */
export function moodLevel(sentiment) {
  const size = Math.abs(sentiment);
  return Math.sign(sentiment) * (size > 0.5 ? 2 : size > 0.15 ? 1 : 0) || 0;
}

/** @param {number} year @param {number} month @param {number} [date] */
const dayKey = (year, month, date = 1) => `${year}-${twoDigits(month + 1)}-${twoDigits(date)}`;

/** @param {number} number */
const twoDigits = (number) => String(number).padStart(2, "0");
