import assert from 'node:assert/strict';
import {test} from 'node:test';

import {clock} from '../../../page/src/format.js';
import {cache, end, failures, slowest} from '../../../page/src/verdict.js';
import {client, held, now, status, upstream} from './samples.js';

const cacheOf = (changes, others = {}) => cache(status([], {cache: {...status([]).cache, ...changes}, ...others}));

test('without trainers there is none that is slow', () => {
  assert.deepEqual([slowest(status([])).tone, slowest(status([])).headline], ['idle', 'No trainer is connected']);
  assert.equal(slowest(status([client('client_a', {state: 'starting'})])).headline, 'No trainer streams now');
});

test('trainers that wait for nobody keep up', () => {
  assert.deepEqual(slowest(status([client('client_a'), client('client_b')])).tone, 'ok');
});

test('a trainer that is slower than the others is named with its reason', () => {
  const rows = [held('client_slow', 'socket', 0.9, {batches_per_second: 5}), held('client_fast', 'upstream', 0.6, {batches_per_second: 80})];
  const found = slowest(status(rows));
  assert.equal(found.tone, 'warn');
  assert.equal(found.headline, 'client_slow is slow');
  assert.match(found.detail, /waits for its own socket 90% of the time: this trainer is slow/);
  assert.match(found.detail, /5\.00 batches\/s; 80\.0 are usual/);
  assert.match(found.detail, /1 other waits for the dataset service/);
});

test('a trainer that waits for its socket a little is not the slow one', () => {
  const rows = [held('client_a', 'socket', 0.1, {batches_per_second: 5}), client('client_b')];
  assert.equal(slowest(status(rows)).tone, 'ok');
});

test('where all wait for the dataset service it is the limit', () => {
  const found = slowest(status([held('client_a', 'upstream', 0.8), held('client_b', 'upstream', 0.6), client('client_c')]));
  assert.deepEqual([found.tone, found.headline], ['warn', '2 of 3 trainers wait for the dataset service']);
  assert.match(found.detail, /^70% of the time: the dataset service is the limit/);
  assert.equal(slowest(status([held('client_a', 'upstream', 0.4)])).headline, 'client_a waits for the dataset service');
});

test('trainers of one speed that wait for their sockets are no alarm', () => {
  const rows = [held('client_a', 'socket', 0.9, {batches_per_second: 39}), held('client_b', 'socket', 0.9)];
  const found = slowest(status(rows));
  assert.deepEqual([found.tone, found.headline], ['note', 'client_a is the slowest of 2, by little']);
  assert.equal(slowest(status(rows.slice(0, 1))).headline, 'client_a sets its own pace');
});

test('a stalled trainer comes before a slow one, and the longest stalled before others', () => {
  const stalled = (id, seconds) => client(id, {state: 'stalled', stalled_seconds: seconds, batches_per_second: 0});
  const found = slowest(status([held('client_slow', 'socket', 0.9, {batches_per_second: 1}), stalled('client_a', 5), stalled('client_b', 12)]));
  assert.deepEqual([found.tone, found.headline], ['bad', 'client_b is stalled']);
  assert.match(found.detail, /taken nothing for 12 s although frames wait for it: this trainer does not read/);
  assert.match(slowest(status([client('client_a', {state: 'stalled', stalled_seconds: 3})])).detail, /this trainer has paused/);
  assert.match(found.detail, /1 other is stalled, too/);
});

test('while no dataset service is up, trainers wait for that', () => {
  const found = slowest(status([held('client_a', 'upstream', 0.9, {state: 'waiting'})], {upstreams: [upstream({state: 'down'})]}));
  assert.deepEqual([found.tone, found.headline], ['bad', '1 trainer waits: no dataset service is up']);
});

test('trainers that wait for encoding say who is short of CPU', () => {
  assert.match(slowest(status([held('client_a', 'encoding', 0.5)])).detail, /short of CPU/);
});

test('an upstream that is down is said with since when, restarts and the next attempt', () => {
  const down = upstream({
    state: 'down', restarts: 3, last_failure: 'UNAVAILABLE: connection refused', last_failure_at: '2026-01-01T12:09:59Z',
    fetchers: [{next_attempt_seconds: 2.5}, {next_attempt_seconds: 1.25}, {next_attempt_seconds: null}],
  });
  const events = [
    {event: 'upstream_down', time: '2026-01-01T12:09:48Z', level: 'warning', fields: {upstream: 'localhost:50051'}},
    {event: 'upstream_down', time: '2026-01-01T12:09:55Z', level: 'warning', fields: {upstream: 'other:1'}},
  ];
  const found = failures(status([], {upstreams: [down]}), events);
  assert.deepEqual([found.tone, found.headline], ['bad', 'localhost:50051 is down']);
  assert.equal(found.detail,
    `Since ${clock('2026-01-01T12:09:48Z')}, for 12 s; restarted 3 times. Next attempt in 1.3 s. Last failure: UNAVAILABLE: connection refused`);
});

test('an upstream that was never up says so', () => {
  assert.match(failures(status([], {upstreams: [upstream({state: 'down'}), upstream({address: 'b:1'})]}), []).detail, /It has not been up yet; not restarted yet/);
});

test('an upstream that is back is news for a minute', () => {
  const back = (at) => failures(status([], {upstreams: [upstream({restarts: 1, last_failure: 'UNAVAILABLE', last_failure_at: at})]}), []);
  assert.deepEqual([back('2026-01-01T12:09:30Z').tone, back('2026-01-01T12:09:30Z').headline], ['warn', 'localhost:50051 failed 30 s ago and is up again']);
  assert.match(back('2026-01-01T12:09:30Z').detail, /restarted once since the start/);
  assert.equal(back('2026-01-01T12:00:00Z').tone, 'note');
});

test('parts that do not answer are named', () => {
  const found = failures(status([], {unanswered: ['listener', 'frame_cache']}), []);
  assert.deepEqual([found.tone, found.headline], ['bad', 'listener, frame_cache do not answer']);
});

test('other errors are told from the events', () => {
  const event = {event: 'client_failed', time: '2026-01-01T12:09:00Z', level: 'error', fields: {client: 'client_a', message: 'boom'}};
  const found = failures(status([]), [event]);
  assert.deepEqual([found.headline, found.spoken], ['client_failed 1 min 0 s ago', 'client_failed']);
  assert.match(found.detail, /client=client_a message=boom/);
});

test('where nothing has failed that is said, and streams that were lost are', () => {
  assert.deepEqual(failures(status([]), []).tone, 'ok');
  assert.match(failures(status([], {totals: {streams_failed: 1, streams_lost: 2}}), []).detail, /1 stream ended by an error\. 2 trainers left before the end\./);
});

test('the pass ends with the last trainer', () => {
  const rows = [client('client_a', {remaining_seconds: 80}), client('client_b', {remaining_seconds: 20})];
  const found = end(status(rows));
  assert.deepEqual([found.tone, found.headline], ['ok', 'The pass ends in 1 min 20 s']);
  assert.equal(found.detail, `At ${clock(Date.parse(now) + 80000)}, with client_a; the first trainer ends in 20 s.`);
});

test('a stalled trainer has no end in sight, and others may not be known', () => {
  const rows = [client('client_a'), client('client_s', {state: 'stalled', remaining_seconds: 3}), client('client_u', {remaining_seconds: null})];
  const found = end(status(rows));
  assert.equal(found.tone, 'warn');
  assert.match(found.detail, /client_s is stalled: no end in sight for it\. Not known for 1 of 3\./);
  assert.equal(end(status(rows.slice(2))).headline, 'Not known');
  assert.equal(end(status([])).headline, 'No pass is under way');
});

test('the cache is judged by what it saves', () => {
  assert.deepEqual([cacheOf({}).tone, cacheOf({}).headline, cacheOf({}).detail], ['ok', 'The cache answers 95%', '95 calls saved. 1.00 MiB of 256 MiB in use.']);
  assert.equal(cacheOf({hit_ratio: null}).tone, 'idle');
  assert.equal(cache(status([], {cache: null})).tone, 'bad');
});

test('a cache that gives frames up before others come is too small', () => {
  const found = cacheOf({hit_ratio: 0.2, evictions: 40}, {clients: {connected: 2, accepted: 2, rows: []}});
  assert.equal(found.tone, 'warn');
  assert.match(found.detail, /40 frames went before others came/);
});

test('one trainer alone is no reproach to the cache', () => {
  const found = cacheOf({hit_ratio: 0, hits: 0, joins: 0}, {clients: {connected: 1, accepted: 1, rows: []}});
  assert.equal(found.tone, 'note');
  assert.match(found.detail, /One trainer alone shares nothing/);
});
