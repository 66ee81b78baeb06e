import assert from 'node:assert/strict';
import {test} from 'node:test';

import {epochOf, groupRows, holders, waitText, waitsForHolders} from '../../../page/src/groups.js';

const member = (client, held, seconds, epoch) => ({
  client, held, held_seconds: seconds, oldest: held > 0 ? {epoch, position: 90} : null, acked: 100,
});

const group = (changes = {}) => ({
  name: 'eval', dataset: 'mnist', generation: 1, state: 'serving', epoch: 2, open_epoch: 2, epochs: 10, batches: 334, acked: 700,
  redelivered: 4, parked: 1, batches_per_second: 50, members: [], elsewhere: [], store_problem: null, ...changes,
});

test('an epoch is told with how many there are', () => {
  assert.equal(epochOf(group()), '2 of 10');
  assert.equal(epochOf(group({epochs: null})), '2');
  assert.equal(epochOf(group({state: 'over'})), 'all 10 done');
});

test('the end of an epoch waits for who holds batches of it, the longest first', () => {
  const members = [member('quick', 2, 0.1, 2), member('idle', 0, 0, 0), member('ahead', 3, 30, 3), member('slow', 1, 12, 2)];
  const elsewhere = [
    {dispatcher: 'gpu2:9', epoch: 2, position: 640, batches: 5, members: null}, {dispatcher: null, epoch: 2, position: 960, batches: 1, members: null},
    {dispatcher: 'gpu2:9', epoch: 3, position: 0, batches: 5, members: null},
  ];
  const waiting = group({epoch: 3, members, elsewhere});
  assert.ok(waitsForHolders(waiting));
  assert.deepEqual(holders(waiting).map((m) => m.client), ['slow', 'quick']);
  assert.equal(
    waitText(waiting),
    'the end of epoch 2 waits for slow (1 batch for 12 s), quick (2 batches for 0.1 s), gpu2:9 (5 batches), a dispatcher that is gone (1 batch)'
  );
  assert.equal(waitText(group({members})), '');
  assert.equal(waitText(group({epoch: 10, open_epoch: 10, state: 'over'})), '');
});

test('a store that is away is what a group waits for', () => {
  assert.equal(waitText(group({state: 'store_away', store_problem: 'no route'})), 'waits for the store: no route');
});

test('rows are groups, each with its members and with what others have', () => {
  const rows = groupRows([
    group({members: [member('a', 1, 2, 2), member('b', 4, 9, 2)], elsewhere: [{dispatcher: null, epoch: 2, position: 640, batches: 5, members: 'c: 5'}]}),
    group({name: 'other'}),
  ]);
  assert.deepEqual(rows.map((row) => row.name), ['eval', 'b', 'a', 'no dispatcher', 'other']);
  assert.equal(new Set(rows.map((row) => row.key)).size, rows.length);
  assert.equal(rows[0].held, 5);
  assert.equal(rows[3].note, '5 batches of epoch 2 from position 640 (c: 5)');
});
