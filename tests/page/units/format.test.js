import assert from 'node:assert/strict';
import {test} from 'node:test';

import {
  asOf, clock, count, dayAndClock, duration, fieldsText, latency, megabytes, memory, percent, plural, rate, secondsBetween, timeLabel, traffic,
} from '../../../page/src/format.js';

test('numbers have their thousands apart', () => {
  assert.deepEqual([0, 999, 1000, 1234567].map(count), ['0', '999', '1,000', '1,234,567']);
  assert.equal(count(null), '–');
  assert.deepEqual([plural(0, 'call'), plural(1, 'call'), plural(2, 'batch', 'batches')], ['0 calls', '1 call', '2 batches']);
});

test('rates have three digits or so', () => {
  assert.deepEqual([0, 0.4219, 9.994, 9.996, 42.04, 99.96, 1203.4].map((x) => rate(x)), ['0', '0.42', '9.99', '10.0', '42.0', '100', '1,203']);
  assert.equal(rate(null), '–');
});

test('a rate that fades away is 0', () => {
  assert.deepEqual([0.0001, 0.049, 0.05].map((x) => rate(x)), ['0', '0', '0.05']);
  assert.deepEqual([4000, 40_000, 12.5e6, null].map(megabytes), ['0', '0.04', '12.5', '–']);
});

test('traffic counts by 1,000 and memory by 1,024', () => {
  assert.deepEqual([0, 999, 1000, 122880, 99.96e6, 1.5e13].map(traffic), ['0 B', '999 B', '1.00 kB', '123 kB', '100 MB', '15.0 TB']);
  assert.deepEqual([1023, 1024, 268435456].map(memory), ['1,023 B', '1.00 KiB', '256 MiB']);
  assert.equal(traffic(undefined), '–');
});

test('only nothing is 0% and only all is 100%', () => {
  assert.deepEqual([0, 0.004, 0.5, 0.994, 1].map(percent), ['0%', '<1%', '50%', '>99%', '100%']);
  assert.equal(percent(null), '–');
});

test('durations have two units', () => {
  assert.deepEqual([0, 0.04, 0.4, 9.94, 9.96, 59.4, 59.6, 80, 3599.6, 7500, 273600].map(duration),
    ['0 s', '0 s', '0.4 s', '9.9 s', '10 s', '59 s', '1 min 0 s', '1 min 20 s', '1 h 0 min', '2 h 5 min', '3 d 4 h']);
  assert.equal(duration(null), '–');
});

test('latencies have a unit that fits', () => {
  assert.deepEqual([0.00085, 0.0024, 0.0996, 0.25, 1.2].map(latency), ['850 µs', '2.4 ms', '100 ms', '250 ms', '1.2 s']);
});

test('a moment is written by the clock of the place', () => {
  const moment = new Date(2026, 0, 1, 4, 5, 6);
  assert.equal(clock(moment.toISOString()), '04:05:06');
  assert.equal(clock(null), '–');
  assert.equal(clock('nonsense'), '–');
});

test('a moment of another day says which', () => {
  const now = new Date(2026, 0, 2, 9, 0, 0);
  assert.equal(dayAndClock(new Date(2026, 0, 2, 4, 5, 6), now), '04:05:06');
  assert.equal(dayAndClock(new Date(2026, 0, 1, 22, 0, 0), now), 'Jan 1, 22:00:00');
  assert.equal(dayAndClock(null, now), '–');
});

test('the labels of an axis fit what it spans', () => {
  const moment = new Date(2026, 0, 1, 22, 5, 6).getTime();
  assert.deepEqual([300, 3600, 86400, 604800].map((span) => timeLabel(moment, span)), ['22:05:06', '22:05', '22:05', 'Jan 1 22:05']);
});

test('what is old says how old', () => {
  assert.deepEqual([null, 0.2, 10, 192].map(asOf), ['', '', '', 'as of 3 min 12 s ago']);
});

test('what lies between two moments is never less than nothing', () => {
  assert.equal(secondsBetween('2026-01-01T12:00:00Z', '2026-01-01T12:00:02.500Z'), 2.5);
  assert.equal(secondsBetween('2026-01-01T12:00:02Z', '2026-01-01T12:00:00Z'), 0);
  assert.equal(secondsBetween(null, '2026-01-01T12:00:00Z'), null);
});

test('fields are written as in the log', () => {
  assert.equal(fieldsText({upstream: 'a:1', failures: 2, list: [1, 2]}), 'upstream=a:1 failures=2 list=[1,2]');
  assert.equal(fieldsText(undefined), '');
});
