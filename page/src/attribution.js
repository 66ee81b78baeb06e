// For whom a trainer waits, in words. Pure.

import {duration, percent} from './format.js';

/** From what share of the last ten seconds on a wait is worth a word. */
export const noticeableShare = 0.25;

const reasons = {
  none: 'keeps up: waits for nobody',
  upstream: 'waits for the dataset service',
  encoding: 'waits for encoding: the dispatcher is short of CPU',
  socket: 'waits for its own socket: goes at its own pace',
};

/** What holds a client up lately: `upstream`, `encoding`, `socket`, or `none` where that is too little to name. */
export function holdUp(client) {
  const share = client.waited_lately?.[client.bottleneck] ?? 0;
  return share >= noticeableShare ? client.bottleneck : 'none';
}

/** Whether a client is in its pass: it has begun, and is not at its end. */
export const streams = (client) => ['waiting', 'sending', 'stalled'].includes(client.state);

/** Whether a client is in its pass and takes what it gets. */
const moves = (client) => streams(client) && client.state !== 'stalled';

/** The batches a second of the one in the middle of those that move; 0 where there is none. */
export function usualRate(clients) {
  const rates = clients.filter(moves).map((c) => c.batches_per_second).sort((a, b) => a - b);
  return rates[rates.length >> 1] ?? 0;
}

/** Whether a client is slow by its own fault: it waits for its own socket, and gets less than half of what is usual. */
export const isSlow = (client, usual) => moves(client) && holdUp(client) === 'socket' && client.batches_per_second < usual / 2;

/** One plain sentence on a client, which carries whether it is `slow`. */
export function sentence(client) {
  switch (client.state) {
    case 'no_answer':
      return 'did not answer in time';
    case 'starting':
      return 'has asked for no batch yet';
    case 'finishing':
      return 'has been sent everything: its connection is closing';
    case 'stalled':
      return `stalled for ${duration(client.stalled_seconds)}: its socket takes nothing`;
    default:
      return client.slow ? 'slow: waits for its own socket' : reasons[holdUp(client)];
  }
}

/** Where a session is: `run-42, epoch 2 of 10, shard 0/4`; empty for a client of the classic protocol. */
export function sessionText({session}) {
  if (!session) return '';
  const {name, epoch, end_epoch: end, shard} = session;
  return [name, `epoch ${epoch}${end == null ? '' : ` of ${end}`}`, shard.count > 1 && `shard ${shard.index}/${shard.count}`].filter(Boolean).join(', ');
}

/** Who is the limit of its rate. */
export const boundText = ({bound}) => (bound ? `${bound}-bound` : '');

/** The shares of the last ten seconds, for those who do not see the bar. */
export function sharesText(client) {
  const lately = client.waited_lately ?? {};
  return `waited lately: dataset service ${percent(lately.upstream ?? 0)}, encoding ${percent(lately.encoding ?? 0)}, its own socket ${percent(lately.socket ?? 0)}`;
}

/** The share of its time that a client has waited for data since it came; null before that is known. */
export const waitedShare = ({waited, connected_seconds: connected}) =>
  waited?.upstream_seconds != null && connected > 0 ? Math.min(1, waited.upstream_seconds / connected) : null;

/** How urgent a client is, from 0 (most) to 4; coarse, so that rows in this order stay where they are. */
export function severity(client) {
  if (client.state === 'stalled') return 0;
  if (client.state === 'no_answer') return 1;
  if (client.state === 'finishing') return 4;
  return client.slow ? 2 : 3;
}
