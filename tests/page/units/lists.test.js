import assert from 'node:assert/strict';
import {test} from 'node:test';

import {groupFrom, treeRows} from '../../../page/src/actor_tree.js';
import {interval, leastInterval, pokeDelay} from '../../../page/src/pace.js';
import {contactSheet} from '../../../page/src/pictures.js';
import {scrolledTo, visibleRange} from '../../../page/src/window_range.js';

const actor = (id, parent, name, changes = {}) => ({id, parent, name, label: null, state: 'up', mailbox: 0, age_seconds: 1, ...changes});

test('only the rows in view are drawn, and some more', () => {
  const at = (scrollTop) => visibleRange({scrollTop, height: 320, rowHeight: 32, rows: 1000, spare: 4});
  assert.deepEqual(at(0), {first: 0, end: 14});
  assert.deepEqual(at(3200), {first: 96, end: 114});
  assert.deepEqual(at(1e9), {first: 1000, end: 1000});
  assert.deepEqual(visibleRange({scrollTop: 0, height: 320, rowHeight: 32, rows: 0, spare: 4}), {first: 0, end: 0});
});

test('a row is scrolled to no further than it must be', () => {
  const view = {scrollTop: 100, height: 320, rowHeight: 32};
  assert.deepEqual([scrolledTo(0, view), scrolledTo(5, view), scrolledTo(20, view)], [0, 100, 352]);
});

test('many actors of a kind are one row until it is opened', () => {
  const clients = Array.from({length: groupFrom}, (_, i) => actor(10 + i, 2, 'client', {state: i ? 'sending' : 'stalled', mailbox: i ? i : null, age_seconds: i}));
  const actors = [actor(1, null, 'server'), actor(2, null, 'listener'), ...clients];
  const closed = treeRows(actors, new Set());
  assert.deepEqual(closed.map((r) => [r.key, r.level, r.expanded]), [['actor-1', 1, undefined], ['actor-2', 1, true], ['group-2-client', 2, false]]);
  assert.deepEqual([closed[2].label, closed[2].state, closed[2].mailbox, closed[2].age_seconds], ['× 6', '5 sending, 1 stalled', 5, 5]);
  const open = treeRows(actors, new Set(['group-2-client']));
  assert.equal(open.length, 9);
  assert.deepEqual([open[2].expanded, open[3].level], [true, 3]);
  assert.equal(treeRows(actors, new Set(['actor-2'])).length, 2);
});

test('few actors of a kind are a row each, and one without its parent stands at the top', () => {
  const rows = treeRows([actor(1, null, 'fetcher_pool'), actor(2, 1, 'fetcher'), actor(3, 1, 'fetcher'), actor(4, 99, 'client')], new Set());
  assert.deepEqual(rows.map((r) => [r.id, r.level]), [[1, 1], [2, 2], [3, 2], [4, 1]]);
});

test('the dispatcher is asked less often when it takes long, and when nobody looks', () => {
  assert.equal(interval({took: 3, hidden: false, gone: false}), 500);
  assert.equal(interval({took: 400, hidden: false, gone: false}), 1200);
  assert.equal(interval({took: 3, hidden: true, gone: false}), 5000);
  assert.equal(interval({took: 5000, hidden: true, gone: true}), 1000);
  assert.deepEqual([pokeDelay(0), pokeDelay(100), pokeDelay(1e6)], [leastInterval, leastInterval - 100, 0]);
});

test('pictures are laid out one pixel apart', () => {
  const pixels = Buffer.from([1, 2, 3, 4, 5, 6]).toString('base64');
  const grey = contactSheet({width: 2, height: 1, channels: 1, count: 3, pixels}, 2);
  assert.deepEqual([grey.width, grey.height], [5, 3]);
  const pixel = (x, y) => [...grey.rgba.slice((y * 5 + x) * 4, (y * 5 + x) * 4 + 4)];
  assert.deepEqual([pixel(0, 0), pixel(2, 0), pixel(3, 0), pixel(1, 2)], [[1, 1, 1, 255], [0, 0, 0, 0], [3, 3, 3, 255], [6, 6, 6, 255]]);
  const colours = contactSheet({width: 1, height: 1, channels: 3, count: 2, pixels}, 10);
  assert.deepEqual([colours.width, [...colours.rgba.slice(0, 4)], [...colours.rgba.slice(8, 12)]], [3, [1, 2, 3, 255], [4, 5, 6, 255]]);
});

test('pictures with too few bytes are none', () => {
  assert.equal(contactSheet({width: 28, height: 28, channels: 1, count: 2, pixels: 'AAAA'}, 10), null);
  assert.equal(contactSheet({width: 1, height: 1, channels: 1, count: 0, pixels: ''}, 10), null);
});
