// How long until the pass ends for everybody. Pure.

import {clock, count, duration, plural} from '../format.js';
import {noneUp} from '../status.js';
import {least, most, sentences, streaming, verdict} from './verdict.js';

function open(all, unknown, stuck) {
  const stalled = all.find((c) => c.state === 'stalled');
  const others = unknown - (stalled ? 1 : 0);
  return sentences(
    stalled && `${stalled.id} is stalled: no end in sight for it.`,
    others > 0 && `Not known for ${count(others)} of ${count(all.length)}${stuck ? ': no dataset service is up' : ''}.`
  );
}

/** How long until the pass ends for everybody. */
export function end(status) {
  const all = streaming(status);
  const {streams_complete: complete = 0} = status.totals;
  if (all.length === 0) return verdict('idle', 'No pass is under way', `${plural(complete, 'pass', 'passes')} complete since the start.`);
  const stuck = noneUp(status);
  const known = all.filter((c) => c.state !== 'stalled' && c.remaining_seconds != null);
  const unknown = all.length - known.length;
  if (known.length === 0 && stuck) return verdict('bad', 'No end in sight: no dataset service is up', 'Passes go on when it is back.');
  if (known.length === 0) return verdict('warn', 'Not known', open(all, unknown) || 'No batch moves at present.');
  const last = most(known, (c) => c.remaining_seconds);
  const first = least(known, (c) => c.remaining_seconds);
  const at = clock(Date.parse(status.now) + last.remaining_seconds * 1000);
  return verdict(
    unknown > 0 ? 'warn' : 'ok',
    `The pass ends in ${duration(last.remaining_seconds)}`,
    sentences(
      known.length > 1 ? `At ${at}, with ${last.id}; the first trainer ends in ${duration(first.remaining_seconds)}.` : `At ${at}.`,
      stuck && 'The cache has all of it.',
      open(all, unknown, stuck)
    )
  );
}
