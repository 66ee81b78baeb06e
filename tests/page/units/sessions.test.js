import assert from 'node:assert/strict';
import {test} from 'node:test';

import {arrangedSessions, epochText, pastText, sessionKey, sparkPath, sparkText, stepsOf, whenText} from '../../../page/src/sessions.js';

const now = '2026-01-01T12:10:00.000Z';
const row = (name, changes = {}) => ({name, shard: {index: 0, count: 1}, gone_at: null, began_at: now, times: 1, outcome: null, ...changes});

test('those that are here come first, then those that went last', () => {
  const gone = (name, minute) => row(name, {gone_at: `2026-01-01T12:0${minute}:00.000Z`});
  const rows = [gone('a', 1), row('z'), gone('b', 3), row('c', {shard: {index: 1, count: 2}}), row('c', {shard: {index: 0, count: 2}})];
  assert.deepEqual(arrangedSessions(rows).map(sessionKey), ['0/2 c', '1/2 c', '0/1 z', '0/1 b', '0/1 a']);
});

test('an epoch is told with how many there are', () => {
  assert.equal(epochText({epoch: 3, end_epoch: null}), '3');
  assert.equal(epochText({epoch: 3, end_epoch: 10}), '3 of 10');
  assert.equal(epochText({epoch: 10, end_epoch: 10}), 'all 10 done');
});

test('steps are a share where they are counted', () => {
  assert.deepEqual(stepsOf({epoch: 0, end_epoch: 1, step: 25, steps: 100}), {share: 0.25, text: '25 / 100'});
  assert.deepEqual(stepsOf({epoch: 0, end_epoch: null, step: 25, steps: null}), {share: null, text: '25 / ?'});
  assert.deepEqual(stepsOf({epoch: 1, end_epoch: 1, step: 0, steps: 100}), {share: 1, text: '–'});
});

test('a session is here since, or gone since, and came again', () => {
  assert.match(whenText(row('a'), now), /^since \d\d:10:00$/);
  assert.equal(pastText(row('a')), '');
  assert.equal(pastText(row('a', {times: 3, outcome: 'lost'})), 'came 3 times');
  const gone = row('a', {gone_at: '2026-01-01T12:08:00.000Z', outcome: 'lost', times: 2});
  assert.match(whenText(gone, now), /^gone since \d\d:08:00 \(2 min 0 s\)$/);
  assert.equal(pastText(gone), 'connection lost, came 2 times');
});

test('the line has a gap where the session was away', () => {
  assert.equal(sparkPath([null, 10, 5, null, 0], 10), 'M1 0.0H2L2 5.0H3M4 10.0H5');
  assert.equal(sparkPath([0, 0], 10), 'M0 10.0H1L1 10.0H2');
  assert.equal(sparkPath([], 10), '');
});

test('the line is told in words', () => {
  assert.equal(sparkText([null, 2, 40, null]), 'In the last hour 2.00 to 40.0 batches a second, here in 2 of 4 minutes');
  assert.equal(sparkText([null, null]), 'Not here in the last hour');
});
