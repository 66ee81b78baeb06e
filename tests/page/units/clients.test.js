import assert from 'node:assert/strict';
import {test} from 'node:test';

import {boundText, holdUp, isSlow, sentence, sessionText, severity, sharesText, usualRate, waitedShare} from '../../../page/src/attribution.js';
import {arranged, orders, progress} from '../../../page/src/client_order.js';
import {client, held} from './samples.js';

const ids = (clients) => clients.map((c) => c.id);

test('each state and each wait has its sentence', () => {
  assert.equal(sentence(held('client_a', 'socket', 0.8, {slow: true})), 'slow: waits for its own socket');
  assert.equal(sentence(held('client_a', 'socket', 0.8)), 'waits for its own socket: goes at its own pace');
  assert.equal(sentence(held('client_a', 'upstream', 0.8)), 'waits for the dataset service');
  assert.equal(sentence(held('client_a', 'encoding', 0.8)), 'waits for encoding: the dispatcher is short of CPU');
  assert.equal(sentence(held('client_a', 'socket', 0.1)), 'keeps up: waits for nobody');
  assert.equal(sentence(client('client_a', {state: 'stalled', stalled_seconds: 12})), 'stalled for 12 s: its socket takes nothing');
  for (const state of ['no_answer', 'starting', 'finishing']) assert.ok(sentence(client('client_a', {state})).length > 10);
  assert.match(sharesText(held('client_a', 'socket', 0.8)), /dataset service 0%, encoding 0%, its own socket 80%/);
});

test('what is not told about a wait is no wait', () => {
  assert.equal(holdUp(client('client_a', {waited_lately: undefined, bottleneck: 'socket'})), 'none');
});

test('slow is who waits for its own socket and gets less than half of what is usual', () => {
  const paced = (rate, changes) => held('client_a', 'socket', 0.9, {batches_per_second: rate, ...changes});
  const usual = usualRate([paced(10), paced(40), paced(50), paced(1000, {state: 'finishing'})]);
  assert.equal(usual, 40);
  assert.deepEqual([isSlow(paced(19), usual), isSlow(paced(20), usual), isSlow(paced(19, {state: 'finishing'}), usual)], [true, false, false]);
  assert.equal(isSlow(held('client_a', 'upstream', 0.9, {batches_per_second: 1}), usual), false);
  assert.equal(usualRate([paced(10), paced(40)]), 40);
  assert.equal(usualRate([]), 0);
});

test('a stalled trainer does not count into what is usual, and is not slow', () => {
  const paced = (rate, changes) => held('client_a', 'socket', 0.9, {batches_per_second: rate, ...changes});
  const stalled = paced(0, {state: 'stalled'});
  const usual = usualRate([stalled, stalled, stalled, paced(4), paced(40)]);
  assert.equal(usual, 40);
  assert.deepEqual([isSlow(paced(4), usual), isSlow(stalled, usual)], [true, false]);
});

test('the share of the time that a trainer waited for data', () => {
  assert.equal(waitedShare(client('client_a', {waited: {upstream_seconds: 150}})), 0.25);
  assert.equal(waitedShare(client('client_a', {waited: {upstream_seconds: 1}, connected_seconds: 0})), null);
  assert.equal(waitedShare({state: 'no_answer'}), null);
});

test('those in need come first and stay where they are', () => {
  const rows = [
    client('client_c', {connected_at: '2'}), held('client_s', 'socket', 0.9, {slow: true}), client('client_b', {connected_at: '1'}),
    client('client_x', {state: 'stalled'}), client('client_f', {state: 'finishing'}), client('client_n', {state: 'no_answer'}),
  ];
  assert.deepEqual(ids(arranged(rows, '', 'attention', 1)), ['client_x', 'client_n', 'client_s', 'client_b', 'client_c', 'client_f']);
  assert.equal(severity(client('client_a')), 3);
});

test('what is not known comes last in both directions', () => {
  const rows = [client('client_a', {remaining_seconds: null}), client('client_b', {remaining_seconds: 1}), client('client_c', {remaining_seconds: 2})];
  assert.deepEqual(ids(arranged(rows, '', 'remaining', 1)), ['client_b', 'client_c', 'client_a']);
  assert.deepEqual(ids(arranged(rows, '', 'remaining', -1)), ['client_c', 'client_b', 'client_a']);
});

test('names are sorted by their numbers', () => {
  const rows = ['client_h:10', 'client_h:9', 'client_h:100'].map((id) => client(id));
  assert.deepEqual(ids(arranged(rows, '', 'client', 1)), ['client_h:9', 'client_h:10', 'client_h:100']);
});

test('every order is total', () => {
  const rows = [client('client_a'), client('client_b', {batches_total: null, state: 'waiting'})];
  for (const key of Object.keys(orders)) assert.equal(arranged(rows, '', key, 1).length, 2);
  assert.deepEqual([progress(rows[0]), progress(rows[1])], [10 / 334, null]);
});

test('the filter takes those that contain each word', () => {
  const rows = [held('client_10.0.0.1:5', 'socket', 0.9, {slow: true}), held('client_10.0.0.2:5', 'upstream', 0.9), client('client_10.0.0.1:6', {state: 'stalled'})];
  assert.deepEqual(ids(arranged(rows, 'STALLED', 'client', 1)), ['client_10.0.0.1:6']);
  assert.deepEqual(ids(arranged(rows, ' 0.0.1  slow', 'client', 1)), ['client_10.0.0.1:5']);
  assert.deepEqual(arranged(rows, 'nobody', 'client', 1), []);
});

test('a session says where it is and who is its limit', () => {
  const session = {name: 'run-42', seed: 7, epoch: 2, end_epoch: 10, position: 640, samples: 60000, shard: {index: 1, count: 4}};
  assert.equal(sessionText({session}), 'run-42, epoch 2 of 10, shard 1/4');
  assert.equal(sessionText({session: {...session, name: null, end_epoch: null, shard: {index: 0, count: 1}}}), 'epoch 2');
  assert.equal(sessionText({session: null}), '');
  assert.equal(boundText({bound: 'input'}), 'input-bound');
  assert.equal(boundText({bound: null}), '');
  const rows = [client('client_a', {session}), client('client_b')];
  assert.deepEqual(ids(arranged(rows, 'run-42', 'attention', 1)), ['client_a']);
});
