/** Dates, times and lengths as people read them. */

const LOCALE = navigator.language.startsWith("en") ? navigator.language : "en-GB";
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export const timezone = HERE;

/** An entry is shown in the zone it was made in. */
const zoneOf = (entry) => (entry.timezone && known(entry.timezone) ? entry.timezone : HERE);

function known(zone) {
  try {
    return Boolean(new Intl.DateTimeFormat(LOCALE, { timeZone: zone }));
  } catch {
    return false;
  }
}

const written = (moment, options) => new Intl.DateTimeFormat(LOCALE, options).format(new Date(moment));

/** A key that entries of one day share, in their own zone: 2026-03-01. */
export const dayKey = (entry) => key(entry.recorded_at, zoneOf(entry));

const key = (moment, timeZone) =>
  new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(new Date(moment));

export function dayName(entry) {
  const day = dayKey(entry);
  const now = Date.now();
  if (day === key(now, HERE)) return "Today";
  if (day === key(now - 86_400_000, HERE)) return "Yesterday";
  return date(entry);
}

export function date(entry) {
  const year = dayKey(entry).slice(0, 4) === String(new Date().getFullYear()) ? undefined : "numeric";
  return written(entry.recorded_at, {
    timeZone: zoneOf(entry),
    weekday: "long",
    day: "numeric",
    month: "long",
    year,
  });
}

export const time = (entry) =>
  written(entry.recorded_at, { timeZone: zoneOf(entry), hour: "numeric", minute: "2-digit" });

/** The entry's zone by name where it is not the reader's. */
export const foreignZone = (entry) => {
  const zone = zoneOf(entry);
  return zone === HERE ? null : zone.split("/").pop().replaceAll("_", " ");
};

/** A moment of today, as a clock shows it here. */
export const clockTime = (moment) => written(moment, { hour: "numeric", minute: "2-digit" });

export const dateTime = (moment) => written(moment, { dateStyle: "medium", timeStyle: "short" });

/** A day's name from its key (2026-03-01): "Sunday 1 March". */
export function dayOf(key) {
  const year = key.slice(0, 4) === String(new Date().getFullYear()) ? undefined : "numeric";
  return written(`${key}T12:00:00Z`, { timeZone: "UTC", weekday: "long", day: "numeric", month: "long", year });
}

/** Today's key, here. */
export const today = () => key(Date.now(), HERE);

export const monthName = (year, month) =>
  written(Date.UTC(year, month, 15), { timeZone: "UTC", month: "long", year: "numeric" });

/** Monday to Sunday: [short, long]. */
export const weekdays = () =>
  Array.from({ length: 7 }, (_, index) =>
    ["short", "long"].map((weekday) => written(Date.UTC(2024, 0, 1 + index), { timeZone: "UTC", weekday })),
  );

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

export const shortDate = (moment) => written(moment, { day: "numeric", month: "long" });

/** A moment in a recording: 0:07, 12:40, 1:02:03. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const padded = String(rest).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${padded}` : `${minutes}:${padded}`;
}

/** How long something lasts: 8 s, 1 min 5 s, 1 h 2 min. */
export function length(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours) return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
  return whole % 60 && minutes < 10 ? `${minutes} min ${whole % 60} s` : `${minutes} min`;
}

export const percent = (share) => `${Math.round(share * 100)}%`;
