import assert from 'node:assert/strict';
import {test} from 'node:test';

import {History} from '../../../page/src/history.js';

const end = Date.UTC(2026, 0, 1, 12) / 1000;
const answer = (step, batches, others = {}) => ({
  step_seconds: step, ends_at: new Date(end * 1000).toISOString(),
  series: {batches_per_second: batches, bytes_per_second: batches.map((n) => n && n * 100), ...others},
});

test('points come in order, with gaps', () => {
  const history = new History();
  history.gap();
  history.add(1, 10, 100);
  history.add(1, 11, 110);
  history.gap();
  history.add(2, 20, 200);
  assert.deepEqual(history.columns(60), [[1, 1.001, 2], [10, null, 20], [100, null, 200]]);
  assert.deepEqual(history.columns(0.5)[0], [2]);
  assert.equal(history.gaps, 2);
});

test('what the dispatcher remembers comes before what has come since', () => {
  const history = new History();
  for (const seconds of [-1, 0, 0.5, 1]) history.add(end + seconds, 7, 700);
  history.load(answer(1, [1, null, 3]));
  assert.deepEqual(history.columns(60), [[end - 2, end - 1, end, end + 0.5, end + 1], [1, null, 3, 7, 7], [100, null, 300, 700, 700]]);
});

test('nothing is shown of the time before the dispatcher began', () => {
  const history = new History();
  history.load(answer(60, [null, null, 5, null, 6]));
  assert.deepEqual(history.columns(1e6)[0], [end - 120, end - 60, end]);
  history.load(answer(60, [null, null]));
  assert.deepEqual(history.columns(1e6), [[], [], []]);
});

test('marks are those that are remembered, and of the events since', () => {
  const history = new History();
  const event = (seconds, level) => ({level, time: new Date((end + seconds) * 1000).toISOString()});
  const events = [event(-30, 'error'), event(2, 'info'), event(3, 'warning')];
  assert.deepEqual(history.marks(events).map((m) => m.level), ['error', 'warning']);
  history.load(answer(60, [1, 1], {warnings: [0, 4], errors: [1, null]}));
  assert.deepEqual(history.marks(events), [
    {seconds: end, level: 'warning', count: 4}, {seconds: end - 60, level: 'error', count: 1}, {seconds: end + 3, level: 'warning', count: 1},
  ]);
});
