// How numbers, sizes, durations and moments are written. Pure; the moment now is passed in.

const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ',');

/** A whole number with its thousands apart: 12,345. */
export const count = (n) => (n == null ? '–' : grouped(String(Math.round(n))));

/** A number and its noun: `1 trainer`, `3 trainers`. */
export const plural = (n, noun, nouns = `${noun}s`) => `${count(n)} ${n === 1 ? noun : nouns}`;

/** Three digits or so of a number: 0.42, 8.3, 42, 1,203. What is less than `least` is a rate that fades away. */
export function rate(x, least = 0.05) {
  if (x == null) return '–';
  if (x >= 99.95) return count(x);
  if (x >= 9.995) return x.toFixed(1);
  return x < least ? '0' : x.toFixed(2);
}

/** Bytes a second in MB a second. */
export const megabytes = (bytes) => rate(bytes == null ? null : bytes / 1e6, 0.005);

function scaled(n, step, units) {
  if (n == null) return '–';
  let unit = 0;
  while (n >= step && unit < units.length - 1) {
    n /= step;
    ++unit;
  }
  const digits = unit === 0 || n >= 99.95 ? 0 : n >= 9.995 ? 1 : 2;
  return `${digits === 0 ? count(n) : n.toFixed(digits)} ${units[unit]}`;
}

/** What was sent: powers of 1,000, as networks count. */
export const traffic = (bytes) => scaled(bytes, 1000, ['B', 'kB', 'MB', 'GB', 'TB']);

/** What is held: powers of 1,024, as `--cache-mb` counts. */
export const memory = (bytes) => scaled(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);

/** A share from 0 to 1. Only nothing is 0% and only all is 100%. */
export function percent(share) {
  if (share == null) return '–';
  if (share > 0 && share < 0.01) return '<1%';
  if (share < 1 && share > 0.99) return '>99%';
  return `${Math.round(share * 100)}%`;
}

/** A duration in seconds in its two largest units: 0.4 s, 12 s, 1 min 20 s, 2 h 5 min, 3 d 4 h. */
export function duration(seconds) {
  if (seconds == null) return '–';
  if (seconds < 9.95) return `${seconds < 0.05 ? '0' : seconds.toFixed(1)} s`;
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

/** The time of one call, given in seconds: 850 µs, 2.4 ms, 1.2 s. */
export function latency(seconds) {
  if (seconds == null) return '–';
  if (seconds < 0.001) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 0.0995) return `${(seconds * 1e3).toFixed(1)} ms`;
  if (seconds < 1) return `${Math.round(seconds * 1e3)} ms`;
  return `${seconds.toFixed(1)} s`;
}

/** A moment (RFC 3339 or milliseconds) on this browser's clock: 14:05:31. */
export function clock(moment) {
  const date = new Date(moment ?? NaN);
  if (Number.isNaN(date.getTime())) return '–';
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => String(n).padStart(2, '0')).join(':');
}

const dayOf = (date) => date.toLocaleDateString('en', {month: 'short', day: 'numeric'});

/** The same, behind the day where that is not today's: Nov 28, 14:05:31. */
export function dayAndClock(moment, now) {
  const date = new Date(moment ?? NaN);
  const time = clock(moment);
  if (time === '–' || date.toDateString() === new Date(now ?? NaN).toDateString()) return time;
  return `${dayOf(date)}, ${time}`;
}

/** A moment's label where `span` seconds are shown: 14:05:31, 14:05, or Nov 28 14:05. */
export function timeLabel(moment, span) {
  const time = clock(moment);
  if (span <= 1800) return time;
  const minute = time.slice(0, 5);
  return span <= 86400 ? minute : `${dayOf(new Date(moment))} ${minute}`;
}

/** What is older than this many seconds says so. */
const freshSeconds = 10;

/** `as of 3 min 12 s ago`; empty for what is fresh, and where the age is not known. */
export const asOf = (seconds) => (seconds > freshSeconds ? `as of ${duration(seconds)} ago` : '');

/** Seconds from one moment to another; null where one of them is not known, never less than 0. */
export function secondsBetween(from, to) {
  const seconds = (new Date(to ?? NaN) - new Date(from ?? NaN)) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}

/** An event's fields as the log writes them: `upstream=localhost:50051 failures=2`. */
export function fieldsText(fields) {
  return Object.entries(fields ?? {})
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(' ');
}
