/** A month as a calendar has it, and the mood of its days. */

import { mean } from "../entry/curve.js";

/** {year, month} (0 to 11) of a key like 2026-03; this month where it is none. */
export function monthOf(key) {
  const found = /^(\d{4})-(\d{2})$/.exec(key ?? "");
  const now = new Date();
  if (!found || found[2] < 1 || found[2] > 12) return { year: now.getFullYear(), month: now.getMonth() };
  return { year: Number(found[1]), month: found[2] - 1 };
}

export const monthKey = ({ year, month }) => dayKey(year, month).slice(0, 7);

export const shifted = ({ year, month }, by) => {
  const moved = new Date(year, month + by, 1);
  return { year: moved.getFullYear(), month: moved.getMonth() };
};

/** The weeks of a month, Monday first: keys of its days (2026-03-01), null where another month has the day. */
export function weeks({ year, month }) {
  const count = new Date(year, month + 1, 0).getDate();
  const before = (new Date(year, month, 1).getDay() + 6) % 7;
  const days = Array.from({ length: count }, (_, index) => dayKey(year, month, index + 1));
  const cells = [...Array(before).fill(null), ...days];
  while (cells.length % 7) cells.push(null);
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
}

/** What a day's entries come to: {entries, sentiment}; sentiment null where none could be read. */
export function day(entries) {
  const read = entries.map(({ insight }) => insight.sentiment).filter((sentiment) => sentiment !== null);
  return { entries, sentiment: read.length ? mean(read) : null };
}

/** One of five: 2 bright, 1 fairly bright, 0 even, -1 fairly heavy, -2 heavy. */
export function level(sentiment) {
  const size = Math.abs(sentiment);
  return Math.sign(sentiment) * (size > 0.5 ? 2 : size > 0.15 ? 1 : 0) || 0;
}

const dayKey = (year, month, date = 1) => `${year}-${two(month + 1)}-${two(date)}`;

const two = (number) => String(number).padStart(2, "0");
