// Stands in for a dispatcher where a test needs what a real one cannot be brought to: a thousand clients that all change at
// each look, hostile names, an answer on cue. Speaks docs/status.md.
import {readFile} from 'node:fs/promises';
import {createServer} from 'node:http';

const states = ['sending', 'sending', 'sending', 'waiting', 'sending', 'starting', 'finishing'];

/** Client `i` of a made-up crowd at step `step`: its numbers follow from both. */
export function crowdClient(i, step) {
  const stalled = i % 97 === 13;
  const slow = i % 11 === 5;
  const total = 334 + (i % 7) * 100;
  return {
    id: `client_10.0.${i >> 8}.${i & 255}:${40000 + i}`,
    actor: 1000 + i,
    peer: `10.0.${i >> 8}.${i & 255}:${40000 + i}`,
    passes_of_host: 1 + (i % 5),
    connected_at: new Date(Date.UTC(2026, 0, 1, 12, 0, i % 60)).toISOString(),
    connected_seconds: 100 + step / 2,
    dataset: 'mnist',
    batch_size: 30,
    session: null,
    state: stalled ? 'stalled' : states[i % states.length],
    batch_index: (i * 3 + step) % total,
    batches_total: i % 19 === 0 ? null : total,
    frames: step,
    bytes: step * 122880,
    batches_per_second: stalled ? 0 : slow ? 4.5 : 40 + ((i + step) % 10),
    samples_per_second: 30 * (stalled ? 0 : slow ? 4.5 : 40 + ((i + step) % 10)),
    bytes_per_second: stalled ? 0 : (slow ? 4.5 : 40 + ((i + step) % 10)) * 122880,
    remaining_seconds: stalled || i % 19 === 0 ? null : 5 + ((i * 7 + step) % 90),
    window: {size: 8, requested: 2, unsent: 3},
    waited: {upstream_seconds: 1, encoding_seconds: 0.2, socket_seconds: step / 3},
    waited_lately: {upstream: slow || stalled ? 0.02 : 0.2 + ((i + step) % 5) / 20, encoding: 0.03, socket: slow || stalled ? 0.9 : 0.1},
    bottleneck: slow || stalled ? 'socket' : 'upstream',
    bound: slow || stalled ? 'consumer' : 'input',
    stalled_seconds: stalled ? 10 + step / 2 : 0,
  };
}

const actor = (id, parent, name, state, label = null) => ({id, parent, name, label, state, mailbox: id % 3, age_seconds: 100});

function actorsOf(clients) {
  return [
    actor(1, null, 'server', 'serving'),
    actor(2, null, 'listener', 'serving'),
    actor(3, null, 'frame_cache', 'up'),
    actor(5, null, 'fetcher_pool', 'up'),
    actor(6, 5, 'fetcher', 'up', 'localhost:50051'),
    actor(7, 5, 'fetcher', 'up', 'localhost:50051'),
    actor(8, null, 'inspector', 'up'),
    ...clients.map((c) => actor(c.actor, 2, 'client', c.state, c.id)),
    ...clients.map((c) => actor(c.actor + 100000, 1, 'connection', c.state, c.id)),
  ];
}

/** A status with these rows. Whatever is in `changes` replaces what is here. */
export function statusWith(rows, step = 0, changes = {}) {
  const perSecond = rows.reduce((sum, c) => sum + c.batches_per_second, 0);
  return {
    schema: 1,
    version: '0.1.0',
    started_at: '2026-01-01T12:00:00.000Z',
    now: new Date(Date.UTC(2026, 0, 1, 12, 10) + step * 500).toISOString(),
    uptime_seconds: 600 + step / 2,
    state: 'serving',
    ready: {ready: true, reasons: []},
    config: {listen: '0.0.0.0:8080', dataset: 'mnist', 'batch-size': 30, upstream: 'localhost:50051'},
    unanswered: [],
    totals: {
      batches: step * 100, bytes: step * 12288000, batches_per_second: perSecond, bytes_per_second: perSecond * 122880,
      streams_complete: 2, streams_failed: 0, streams_lost: 0,
    },
    clients: {connected: rows.length, accepted: rows.length + 2, refused: 0, rows},
    upstreams: [{
      address: 'localhost:50051', state: 'up', calls: 1203 + step, calls_in_flight: 2, limit: 4, batches: 1203 + step, batches_per_second: 903,
      last_batch_seconds: 0.01, outages: 0,
      latency: {p50_seconds: 0.0011, p99_seconds: 0.0042}, failures: 0, failures_by_code: {}, last_failure: null,
      last_failure_at: null, restarts: 0,
      fetchers: [0, 1].map((index) => ({
        index, actor: 6 + index, state: 'up', up_seconds: 600, calls_in_flight: 1, calls: 600, restarts: 0,
        next_attempt_seconds: null, last_failure: null,
      })),
    }],
    outages: [],
    queue: {length: 3},
    cache: {
      state: 'up', frames: 334, bytes: 41e6, capacity_bytes: 268435456, hits: 8000, joins: 1200, misses: 334, streamed: 200,
      evictions: 0, evicted_bytes: 0, hit_ratio: 0.945,
    },
    groups: {store: 'serving', rows: []},
    actors: actorsOf(rows),
    ...changes,
  };
}

/**
 * What /history answers: `valueAt(series, ago)` says the value of a series so many seconds before the end, in steps as
 * docs/status.md has them.
 */
export function historyWith(seconds, endsAt, valueAt) {
  const step = seconds <= 3600 ? 1 : 60;
  const count = Math.floor(seconds / step);
  const names = [
    'batches_per_second', 'bytes_per_second', 'waiting_upstream', 'waiting_encoding', 'waiting_socket', 'clients', 'held_up', 'warnings', 'errors',
  ];
  const series = names.map((name) => [name, Array.from({length: count}, (_, i) => valueAt(name, (count - 1 - i) * step))]);
  return {step_seconds: step, ends_at: endsAt, series: Object.fromEntries(series), sessions: null};
}

/** A row of its `sessions`: of a session that has been here for an hour. */
export function sessionRow(name, changes = {}) {
  return {
    name, shard: {index: 0, count: 1}, dataset: 'mnist', seed: 7, times: 1, began_at: '2026-01-01T11:10:00.000Z', gone_at: null, outcome: null,
    epoch: 3, end_epoch: 90, step: 120, steps: 500, position: 3600, samples: 15000,
    batches_per_second: Array.from({length: 60}, (_, i) => 40 + (i % 7)), epochs: Array.from({length: 60}, (_, i) => Math.floor(i / 20)),
    ...changes,
  };
}

/**
 * Serves the page at / and what `status()` gives at /status, 503 where that is null, and `history(seconds)` at /history;
 * `preview` is an object or null, `port` 0 lets the kernel choose. Returns {url, port, requests, send(event), close()}; `requests` counts by path.
 */
export async function startStub({status, history = () => null, preview = null, port = 0}) {
  const html = await readFile(process.env.DISPATCHER_PAGE);
  const followers = new Set();
  const events = [];
  const write = (follower, event) => follower.write(`id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`);
  const requests = new Map();
  const answer = (response, code, type, body) => response.writeHead(code, {'Content-Type': type}).end(body);
  const answerWith = (response, body) => answer(response, body ? 200 : 503, 'application/json', JSON.stringify(body));
  const server = createServer((request, response) => {
    const {pathname, searchParams} = new URL(request.url, 'http://stub');
    requests.set(pathname, (requests.get(pathname) ?? 0) + 1);
    switch (pathname) {
      case '/':
        return answer(response, 200, 'text/html; charset=utf-8', html);
      case '/status':
        return answerWith(response, status());
      case '/history':
        return answerWith(response, history(Number(searchParams.get('seconds'))));
      case '/preview':
        return preview ? answer(response, 200, 'application/json', JSON.stringify(preview)) : answer(response, 404, 'application/json', '{}');
      case '/events/stream':
        response.writeHead(200, {'Content-Type': 'text/event-stream'});
        response.write(':\n\n');
        for (const event of events.filter((e) => e.seq > Number(searchParams.get('after')))) write(response, event);
        followers.add(response);
        return response.on('close', () => followers.delete(response));
      default:
        return answer(response, 404, 'text/plain', '');
    }
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    port: server.address().port,
    requests,
    send(event) {
      events.push(event);
      for (const follower of followers) write(follower, event);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
