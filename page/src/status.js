// Fills in what a status leaves out, so that the panels need not ask, and leaves out what is not true of it. Pure.

import {isSlow, usualRate} from './attribution.js';

/** The API's words for people. */
const plain = (text) => String(text).replaceAll('frame_cache', 'cache').replaceAll('no upstream is up', 'no dataset service is up');

/** Whether there is nobody to ask for batches. */
export const noneUp = (status) => status.upstreams.length > 0 && status.upstreams.every((u) => u.state === 'down');

/** Whether a client gets what it lacks without a dataset service: the cache has every batch, and the client moves. */
const needsNobody = (client, cache) =>
  client.state === 'sending' && client.batches_per_second > 0 && cache?.evictions === 0 && cache.frames >= client.batches_total;

/** For each client whether it is slow. What nobody brings has no end. */
function judged({clients, cache, ...status}) {
  const usual = usualRate(clients.rows);
  const stuck = noneUp(status);
  const rows = clients.rows.map((client) => ({
    ...client,
    slow: isSlow(client, usual),
    remaining_seconds: stuck && !needsNobody(client, cache) ? null : client.remaining_seconds,
  }));
  return {...status, cache, clients: {...clients, rows}};
}

/**
 * A status with every list and object that the panels read, and for each client whether it is `slow`; `cache` stays null where
 * the cache did not answer.
 */
export function completed(status) {
  const ready = {ready: false, reasons: [], ...status.ready};
  return judged({
    ...status,
    unanswered: (status.unanswered ?? []).map(plain),
    ready: {...ready, reasons: ready.reasons.map(plain)},
    config: status.config ?? {},
    totals: status.totals ?? {},
    clients: {connected: 0, accepted: 0, refused: 0, rows: [], ...status.clients},
    upstreams: (status.upstreams ?? []).map((u) => ({...u, fetchers: u.fetchers ?? []})),
    outages: status.outages ?? [],
    queue: status.queue ?? {length: null},
    cache: status.cache ?? null,
    groups: {store: 'no_answer', rows: [], ...status.groups},
    actors: (status.actors ?? []).map((a) => ({...a, name: plain(a.name)})),
  });
}
