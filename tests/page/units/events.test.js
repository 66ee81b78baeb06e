import assert from 'node:assert/strict';
import {test} from 'node:test';

import {EventLog, folded, selected, timesOf} from '../../../page/src/event_log.js';

const event = (seq, level, name, fields = {}) => ({seq, time: `t${seq}`, level, event: name, fields});

test('each event is kept once, and the last of them', () => {
  const log = new EventLog(3);
  assert.equal(log.lastSeq, 0);
  assert.deepEqual([1, 2, 2, 3, 4].map((seq) => log.add({seq})), [true, true, false, true, true]);
  assert.deepEqual([log.events.map((e) => e.seq), log.lastSeq], [[2, 3, 4], 4]);
  log.clear();
  assert.equal(log.add({seq: 1}), true);
});

test('events are selected by level and text, the newest first', () => {
  const events = [
    {seq: 1, level: 'info', event: 'client_start', fields: {client: 'client_A'}}, {seq: 2, level: 'warning', event: 'upstream_down', fields: {}},
    {seq: 3, level: 'error', event: 'client_failed', fields: {client: 'client_a'}},
  ];
  assert.deepEqual(selected(events, 'info').map((e) => e.seq), [3, 2, 1]);
  assert.deepEqual(selected(events, 'warning').map((e) => e.seq), [3, 2]);
  assert.deepEqual(selected(events, 'info', 'CLIENT_a').map((e) => e.seq), [3, 1]);
});

test('many events of level info push no warning out, nor the other way round', () => {
  const log = new EventLog(3);
  log.add(event(1, 'warning', 'fetcher_failed'));
  log.add(event(2, 'error', 'upstream_down'));
  for (let seq = 3; seq < 20; ++seq) log.add(event(seq, 'info', 'client_start'));
  assert.deepEqual(log.events.map((e) => e.seq), [1, 2, 17, 18, 19]);
  for (let seq = 20; seq < 30; ++seq) log.add(event(seq, 'warning', 'client_error'));
  assert.deepEqual(log.events.map((e) => e.seq), [17, 18, 19, 27, 28, 29]);
  assert.equal(log.add(event(29, 'info', 'client_end')), false);
});

test('equal events in a row are one, with the newest time', () => {
  const failed = (seq, fetcher) => event(seq, 'warning', 'fetcher_failed', {upstream: 'a:1', fetcher, code: 'UNAVAILABLE'});
  const rows = folded([failed(9, 1), failed(8, 0), event(7, 'info', 'client_start', {client: 'c', dataset: 'mnist'}), failed(6, 0)]);
  assert.deepEqual(rows.map((r) => [r.event, r.times, r.time, r.since, r.key]),
    [['fetcher_failed', 2, 't9', 't8', 8], ['client_start', 1, 't7', 't7', 7], ['fetcher_failed', 1, 't6', 't6', 6]]);
  assert.equal(rows[0].fields.fetcher, 1);
});

test('events are equal by level, name, code and the first field that is no client', () => {
  const fold = (a, b) => folded([event(2, ...a), event(1, ...b)]).length;
  assert.equal(fold(['warning', 'x', {client: 'a', code: 'A'}], ['warning', 'x', {client: 'b', code: 'A'}]), 1);
  assert.equal(fold(['warning', 'x', {client: 'a', code: 'A'}], ['warning', 'x', {client: 'a', code: 'B'}]), 2);
  assert.equal(fold(['warning', 'x', {upstream: 'a'}], ['warning', 'x', {upstream: 'b'}]), 2);
  assert.equal(fold(['warning', 'x', {upstream: 'a', code: 1}], ['warning', 'x', {upstream: 'a', code: 2}]), 2);
  assert.equal(fold(['warning', 'x'], ['warning', 'y']), 2);
  assert.equal(fold(['warning', 'x'], ['info', 'x']), 2);
});

test('what the dispatcher has left out counts, and is no field of the row', () => {
  const failed = (seq, fields) => event(seq, 'warning', 'fetcher_failed', {upstream: 'a:1', ...fields});
  const [row, ...others] = folded([failed(2, {repeated: 40}), failed(1)]);
  assert.deepEqual([row.times, row.fields, others], [42, {upstream: 'a:1'}, []]);
  assert.deepEqual([timesOf(event(1, 'info', 'x', undefined)), timesOf(event(1, 'info', 'x', {repeated: 'many'}))], [1, 1]);
});
