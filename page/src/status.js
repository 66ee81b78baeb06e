// Fills in what a status leaves out, so that the panels need not ask. Pure.

import {isSlow, usualRate} from './attribution.js';

function judged(clients) {
  const usual = usualRate(clients);
  return clients.map((client) => ({...client, slow: isSlow(client, usual)}));
}

/**
 * A status with every list and object that the panels read, and for each client whether it is `slow`; `cache` stays null where
 * the cache did not answer.
 */
export function completed(status) {
  const clients = status.clients ?? {};
  return {
    ...status,
    unanswered: status.unanswered ?? [],
    ready: {ready: false, reasons: [], ...status.ready},
    config: status.config ?? {},
    totals: status.totals ?? {},
    clients: {connected: 0, accepted: 0, refused: 0, ...clients, rows: judged(clients.rows ?? [])},
    upstreams: (status.upstreams ?? []).map((u) => ({...u, fetchers: u.fetchers ?? []})),
    queue: status.queue ?? {length: null},
    cache: status.cache ?? null,
    actors: status.actors ?? [],
  };
}
