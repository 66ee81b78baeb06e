// What a dispatcher says in the situations in which somebody on call opens the page.
import {crowdClient, historyWith, statusWith} from './stub_server.js';

const secondMs = 1000;
export const now = Date.UTC(2026, 0, 3, 9, 0, 0);
export const ago = (seconds) => new Date(now - seconds * secondMs).toISOString();
const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

const address = 'localhost:50051';
const reason = 'UNAVAILABLE: failed to connect to all addresses; last error: connection refused';

export const outage = (began, seconds, changes = {}) => ({
  upstream: address, began_at: ago(began), ended_at: ago(began - seconds), seconds, reason, attempts: 3, clients_held_up: 3, ...changes,
});

const trainer = (id, changes) => ({...crowdClient(1, 100), id: `client_10.0.0.${id}:4000${id}`, connected_seconds: 600, ...changes});
const even = (id) => trainer(id, {
  state: 'sending', batches_per_second: 40, samples_per_second: 1200, waited_lately: {upstream: 0.1, encoding: 0.02, socket: 0.1}, bottleneck: 'none',
});

const upstream = (changes) => ({...statusWith([]).upstreams[0], outages: 1, restarts: 32, last_failure: reason, ...changes});
const base = (rows, changes) =>
  statusWith(rows, 0, {started_at: ago(2 * day + 11 * hour), now: ago(0), uptime_seconds: 2 * day + 11 * hour, ...changes});

/** The only dataset service has been away for 48 s. */
export function duringOutage() {
  const waiting = [1, 2, 3].map((id) => trainer(id, {
    state: 'waiting', batches_per_second: 0, bytes_per_second: 0, samples_per_second: 0, remaining_seconds: 52,
    waited: {upstream_seconds: 60, encoding_seconds: 1, socket_seconds: 10},
    waited_lately: {upstream: 0.99, encoding: 0, socket: 0}, bottleneck: 'upstream',
  }));
  return base(waiting, {
    ready: {ready: false, reasons: ['no upstream is up', `${address} is away (${reason})`]},
    upstreams: [upstream({
      state: 'down', batches_per_second: 0, last_batch_seconds: 48, last_failure_at: ago(3), calls_in_flight: 0,
      fetchers: [0, 1].map((index) => ({
        index, actor: null, state: 'paused', up_seconds: 0, calls_in_flight: 0, calls: 600, restarts: 16, next_attempt_seconds: 4.2 + index, last_failure: reason,
      })),
    })],
    outages: [outage(48, 48, {ended_at: null, attempts: 7})],
  });
}

/** It was away for 62 s and has been back for ten minutes. */
export const afterOutage = () => base([1, 2, 3].map(even), {
  upstreams: [upstream({last_failure_at: ago(10 * minute + 3)})],
  outages: [outage(10 * minute + 62, 62, {attempts: 9})],
});

/** Two trainers of usual speed, one that is slow, and one that has stalled. */
export const stalledBesideSlow = () => base([
  even(1), even(2),
  trainer(3, {
    state: 'sending', batches_per_second: 4.5, samples_per_second: 135, waited_lately: {upstream: 0, encoding: 0, socket: 0.9}, bottleneck: 'socket',
  }),
  trainer(4, {
    state: 'stalled', stalled_seconds: 75, batches_per_second: 0, samples_per_second: 0, waited_lately: {upstream: 0, encoding: 0, socket: 1}, bottleneck: 'socket',
  }),
], {cache: {...statusWith([]).cache, evictions: 4000, hit_ratio: 0.2, capacity_bytes: 16 << 20, bytes: 16 << 20}});

const nights = [[34 * hour, 40 * minute], [10 * hour, 25 * minute], [9 * hour, 5 * minute], [10 * minute + 62, 62]];

/** Two days and a half of passes, with outages in both nights. */
export const afterNights = () => ({...afterOutage(), outages: nights.map(([began, seconds]) => outage(began, seconds))});

export function historyOfNights(seconds) {
  const isOut = (at) => nights.some(([began, length]) => at <= began && at > began - length);
  return historyWith(seconds, ago(0), (series, at) => {
    if (at > 2 * day + 11 * hour) return null;
    const wave = 100 + 30 * Math.sin(at / 3000) + 10 * Math.sin(at / 200);
    switch (series) {
      case 'batches_per_second': return isOut(at) ? 0 : wave;
      case 'bytes_per_second': return isOut(at) ? 0 : wave * 122880;
      case 'warnings': return at % 7200 < 60 && at > 3600 ? 1 : 0;
      case 'errors': return nights.some(([began]) => Math.abs(began - at) < 30) ? 1 : 0;
      default: return isOut(at) ? 3 : 0;
    }
  });
}
