import assert from 'node:assert/strict';
import {test} from 'node:test';

import {clock} from '../../../page/src/format.js';
import {cache, passBytes} from '../../../page/src/verdicts/cache.js';
import {end} from '../../../page/src/verdicts/end.js';
import {slowest} from '../../../page/src/verdicts/slowest.js';
import {client, held, now, status, upstream} from './samples.js';

const cacheOf = (changes, others = {}) => cache(status([], {cache: {...status([]).cache, ...changes}, ...others}));

test('without trainers there is none that is slow', () => {
  assert.deepEqual([slowest(status([])).tone, slowest(status([])).headline], ['idle', 'No trainer is connected']);
  assert.equal(slowest(status([client('client_a', {state: 'starting'})])).headline, 'No trainer is in a pass now');
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
  const found = slowest(status([stalled('client_a', 5), stalled('client_b', 12)]));
  assert.deepEqual([found.tone, found.headline], ['bad', 'client_b is stalled']);
  assert.match(found.detail, /taken nothing for 12 s although batches wait for it: this trainer does not read/);
  assert.match(slowest(status([client('client_a', {state: 'stalled', stalled_seconds: 3})])).detail, /this trainer has paused/);
  assert.match(found.detail, /1 other is stalled, too/);
});

test('a slow trainer is named beside stalled ones', () => {
  const stalled = (id) => client(id, {state: 'stalled', stalled_seconds: 12, batches_per_second: 0, bottleneck: 'socket', waited_lately: {socket: 1}});
  const rows = [stalled('client_a'), stalled('client_b'), held('client_slow', 'socket', 0.9, {batches_per_second: 4}), client('client_c')];
  const found = slowest(status(rows));
  assert.deepEqual([found.tone, found.headline], ['bad', 'client_a is stalled, client_slow is slow']);
  assert.match(found.detail, /The slow one gets 4\.00 batches\/s; 40\.0 are usual\.$/);
  assert.equal(slowest(status([stalled('client_a'), client('client_c')])).headline, 'client_a is stalled');
});

test('while no dataset service is up, trainers wait for that', () => {
  const found = slowest(status([held('client_a', 'upstream', 0.9, {state: 'waiting'})], {upstreams: [upstream({state: 'down'})]}));
  assert.deepEqual([found.tone, found.headline], ['bad', '1 trainer waits: no dataset service is up']);
  const rows = [held('client_a', 'upstream', 0.9, {state: 'waiting'}), client('client_s', {state: 'stalled'})];
  assert.match(slowest(status(rows, {upstreams: [upstream({state: 'down'})]})).detail, /client_s is stalled besides\.$/);
});

test('trainers that wait for encoding say who is short of CPU', () => {
  assert.match(slowest(status([held('client_a', 'encoding', 0.5)])).detail, /short of CPU/);
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

test('no end is promised while no dataset service is up, unless the cache has all of it', () => {
  const down = (rows, frames) => end(status(rows, {upstreams: [upstream({state: 'down'})], cache: {...status([]).cache, frames}}));
  const found = down([client('client_a')], 40);
  assert.deepEqual([found.tone, found.headline], ['bad', 'No end in sight: no dataset service is up']);
  assert.match(down([client('client_a')], 334).detail, /The cache has all of it\.$/);
  assert.match(down([client('client_a'), client('client_b', {batches_total: 500})], 334).detail, /Not known for 1 of 2: no dataset service is up\.$/);
});

test('the cache is judged by what it saves', () => {
  assert.deepEqual([cacheOf({}).tone, cacheOf({}).headline, cacheOf({}).detail], ['ok', 'The cache answers 95%', '95 calls saved. 1.00 MiB of 256 MiB in use.']);
  assert.equal(cacheOf({hit_ratio: null}).tone, 'idle');
  assert.equal(cache(status([], {cache: null})).tone, 'bad');
});

test('a cache that gives batches up before others come is too small, and the cure has a figure', () => {
  const pressed = (rows, changes) => cacheOf({hit_ratio: 0.2, evictions: 40, capacity_bytes: 16 << 20, ...changes}, {clients: {connected: 2, accepted: 2, rows}});
  const rows = [client('client_a', {frames: 10, bytes: 10 << 17, batches_total: 320})];
  assert.equal(pressed(rows).tone, 'warn');
  assert.match(pressed(rows).detail, /40 batches went before others came for them\. A pass is 40\.0 MiB: --cache-mb 64 holds it\.$/);
  assert.match(pressed(rows, {capacity_bytes: 64 << 20}).detail, /Trainers are further apart than it reaches\.$/);
  assert.match(pressed([]).detail, /further apart/);
  assert.doesNotMatch(pressed(rows, {hit_ratio: 0.6}).detail, /cache-mb/);
  assert.doesNotMatch(pressed(rows, {evictions: 0}).detail, /cache-mb/);
});

test('a pass of each dataset counts once', () => {
  const row = (dataset, changes) => client('client_a', {dataset, frames: 10, bytes: 1000, batches_total: 50, ...changes});
  assert.equal(passBytes([row('a'), row('a'), row('b'), row('c', {batches_total: null}), row('d', {frames: 0})]), 10_000);
  assert.equal(passBytes([]), 0);
});

test('one trainer alone is no reproach to the cache', () => {
  const found = cacheOf({hit_ratio: 0, hits: 0, joins: 0}, {clients: {connected: 1, accepted: 1, rows: []}});
  assert.equal(found.tone, 'note');
  assert.match(found.detail, /One trainer alone shares nothing/);
});
