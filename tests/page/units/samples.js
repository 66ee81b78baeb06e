// Small pieces of a status for tests.

import {completed} from '../../../page/src/status.js';

export const now = '2026-01-01T12:10:00.000Z';

/** A client that sends and waits for nobody, with `changes`. */
export function client(id, changes = {}) {
  return {
    id, peer: id.replace('client_', ''), connected_at: '2026-01-01T12:00:00.000Z', connected_seconds: 600, dataset: 'mnist', batch_size: 30,
    state: 'sending', batch_index: 10, batches_total: 334, frames: 10, bytes: 1000, batches_per_second: 40, bytes_per_second: 4e6,
    remaining_seconds: 8, waited_lately: {upstream: 0, encoding: 0, socket: 0}, bottleneck: 'none', stalled_seconds: 0, ...changes,
  };
}

/** One that waits for `whom` most of the time. */
export const held = (id, whom, share, changes = {}) =>
  client(id, {bottleneck: whom, waited_lately: {upstream: 0, encoding: 0, socket: 0, [whom]: share}, ...changes});

export function upstream(changes = {}) {
  return {address: 'localhost:50051', state: 'up', restarts: 0, last_failure: null, last_failure_at: null, fetchers: [], ...changes};
}

/** From one time of that day to another; null: it goes on. */
export function outage(from, to, changes = {}) {
  const moment = (time) => time && `2026-01-01T${time}.000Z`;
  const [began_at, ended_at] = [moment(from), moment(to)];
  return {
    upstream: 'localhost:50051', began_at, ended_at, seconds: (Date.parse(ended_at ?? now) - Date.parse(began_at)) / 1000,
    reason: 'UNAVAILABLE: connection refused', attempts: 7, clients_held_up: 3, ...changes,
  };
}

/** As the panels get it. */
export function status(rows, changes = {}) {
  return completed({
    started_at: '2026-01-01T12:00:00.000Z', now, unanswered: [], totals: {streams_complete: 0, streams_failed: 0, streams_lost: 0},
    clients: {connected: rows.length, accepted: rows.length, refused: 0, rows}, upstreams: [upstream()],
    cache: {state: 'up', frames: 1, bytes: 1 << 20, capacity_bytes: 256 << 20, hits: 90, joins: 5, misses: 5, streamed: 0, evictions: 0, hit_ratio: 0.95},
    ...changes,
  });
}
