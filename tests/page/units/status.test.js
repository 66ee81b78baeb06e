import assert from 'node:assert/strict';
import {test} from 'node:test';

import {failedWithoutOutage, outageCount, spans, within} from '../../../page/src/outages.js';
import {completed, noneUp} from '../../../page/src/status.js';
import {client, now, outage, status, upstream} from './samples.js';

test('a status of which parts are missing is completed', () => {
  const status = completed({started_at: 'x', clients: {connected: 3}, upstreams: [{address: 'a:1'}]});
  assert.deepEqual(status.clients, {connected: 3, accepted: 0, refused: 0, rows: []});
  assert.deepEqual([status.upstreams[0].fetchers, status.outages, status.cache, status.actors, status.totals], [[], [], null, [], {}]);
});

test("the API's names of parts are words for people", () => {
  const {unanswered, ready, actors} = completed({
    unanswered: ['frame_cache'], ready: {ready: false, reasons: ['frame_cache does not answer', 'no upstream is up']}, actors: [{id: 1, name: 'frame_cache'}],
  });
  assert.deepEqual([unanswered, ready.reasons, actors[0].name], [['cache'], ['cache does not answer', 'no dataset service is up'], 'cache']);
});

test('while no dataset service is up no pass has an end, unless the cache has all of it and it moves', () => {
  const remaining = (changes, cache, state = 'down') => status([client('client_a', changes)], {
    upstreams: [upstream({state})], cache: {...status([]).cache, frames: 334, evictions: 0, ...cache},
  }).clients.rows[0].remaining_seconds;
  assert.equal(remaining({}, {frames: 40}, 'up'), 8);
  assert.equal(remaining({}, {}), 8);
  assert.equal(remaining({}, {frames: 333}), null);
  assert.equal(remaining({}, {evictions: 1}), null);
  assert.equal(remaining({batches_per_second: 0}, {}), null);
  assert.equal(remaining({state: 'waiting'}, {}), null);
  assert.deepEqual([noneUp(status([])), noneUp(status([], {upstreams: []}))], [false, false]);
});

test('outages that overlap are one span, and one that goes on lasts until now', () => {
  const seconds = (moment) => Date.parse(moment) / 1000;
  const found = spans([outage('12:08:00', null), outage('12:00:00', '12:01:00'), outage('12:00:30', '12:02:00', {upstream: 'b:1'})], now);
  assert.deepEqual(found, [['2026-01-01T12:00:00Z', '2026-01-01T12:02:00Z'], ['2026-01-01T12:08:00Z', now]].map((span) => span.map(seconds)));
  assert.deepEqual(spans([], now), []);
});

test('all outages count, though only the latest are kept', () => {
  assert.equal(outageCount(status([], {outages: [outage('12:00:00', null)], upstreams: [upstream({outages: 120}), upstream({outages: 3})]})), 123);
  assert.equal(outageCount(status([], {outages: [outage('12:00:00', null)], upstreams: []})), 1);
});

test('an attempt to connect in an outage is no failure of its own', () => {
  const failed = (at, address = 'localhost:50051') => upstream({address, last_failure: 'UNAVAILABLE', last_failure_at: at});
  const over = outage('12:00:00', '12:01:00');
  assert.equal(failedWithoutOutage(failed('2026-01-01T12:00:59.900Z'), [over]), false);
  assert.equal(failedWithoutOutage(failed('2026-01-01T11:59:59.900Z'), [over]), false);
  assert.equal(failedWithoutOutage(failed('2026-01-01T12:05:00Z'), [over]), true);
  assert.equal(failedWithoutOutage(failed('2026-01-01T12:00:30Z', 'b:1'), [over]), true);
  assert.equal(failedWithoutOutage(upstream(), [over]), false);
  assert.equal(within(outage('12:00:00', null), '2026-01-01T12:09:00Z'), true);
});
