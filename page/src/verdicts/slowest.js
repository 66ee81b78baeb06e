// Which trainer is slow, and why. Pure.

import {holdUp, usualRate} from '../attribution.js';
import {count, duration, percent, plural, rate} from '../format.js';
import {noneUp} from '../status.js';
import {least, most, sentences, streaming, verdict} from './verdict.js';

const pace = (slow, all) => `${rate(slow.batches_per_second)} batches/s; ${rate(usualRate(all))} are usual.`;

function stalledVerdict(stalled, slow, all) {
  const worst = most(stalled, (c) => c.stalled_seconds ?? 0);
  return verdict(
    'bad',
    `${worst.id} is stalled${slow ? `, ${slow.id} is slow` : ''}`,
    sentences(
      `Its socket has taken nothing for ${duration(worst.stalled_seconds)} although batches wait for it:`,
      worst.batches_per_second > 0 ? 'this trainer has paused.' : 'this trainer does not read.',
      stalled.length > 1 && `${plural(stalled.length - 1, 'other')} ${stalled.length === 2 ? 'is' : 'are'} stalled, too.`,
      slow && `The slow one gets ${pace(slow, all)}`
    )
  );
}

function slowTrainerVerdict(slowest, all, held) {
  const slow = all.filter((c) => c.slow).length;
  return verdict(
    'warn',
    `${slowest.id} is slow`,
    sentences(
      `It waits for its own socket ${percent(slowest.waited_lately.socket)} of the time: this trainer is slow.`,
      pace(slowest, all),
      slow > 1 && `${plural(slow - 1, 'other')} ${slow === 2 ? 'is' : 'are'} slow, too.`,
      held.length > 0 && `${plural(held.length, 'other')} ${held.length === 1 ? 'waits' : 'wait'} for the dataset service.`
    )
  );
}

function nobodyUpVerdict(held, stalled) {
  return verdict(
    'bad',
    `${plural(held.length, 'trainer')} ${held.length === 1 ? 'waits' : 'wait'}: no dataset service is up`,
    sentences(
      'They go on from where they are when it is back.',
      stalled.length > 0 && `${stalled[0].id} is stalled besides${stalled.length > 1 ? `, and ${plural(stalled.length - 1, 'other')}` : ''}.`
    )
  );
}

function heldUpVerdict(held, all) {
  const share = held.reduce((sum, c) => sum + c.waited_lately.upstream, 0) / held.length;
  const who = held.length === 1 ? `${held[0].id} waits` : `${held.length} of ${all.length} trainers wait`;
  const heavy = held.length * 2 >= all.length && share >= 0.5;
  return verdict(
    heavy ? 'warn' : 'note',
    `${who} for the dataset service`,
    `${percent(share)} of the time: the dataset service is the limit, not the trainers.`
  );
}

function ownPaceVerdict(slowest, bound, all) {
  if (all.length === 1)
    return verdict('note', `${slowest.id} sets its own pace`,
                   `It waits for its own socket ${percent(slowest.waited_lately.socket)} of the time: the dataset service could give more than ` +
                     `${rate(slowest.batches_per_second)} batches/s.`);
  return verdict(
    'note',
    `${slowest.id} is the slowest of ${all.length}, by little`,
    `${bound.length === all.length ? 'Every trainer waits' : `${plural(bound.length, 'trainer')} ${bound.length === 1 ? 'waits' : 'wait'}`} ` +
      `for its own socket: the trainers are the limit, not the dataset service. ` +
      `The slowest gets ${rate(slowest.batches_per_second)} batches/s.`
  );
}

/** Which trainer is slow, and why. */
export function slowest(status) {
  const all = streaming(status);
  if (all.length === 0)
    return verdict('idle', status.clients.connected > 0 ? 'No trainer is in a pass now' : 'No trainer is connected');
  const stalled = all.filter((c) => c.state === 'stalled');
  const moving = all.filter((c) => c.state !== 'stalled');
  const held = moving.filter((c) => holdUp(c) === 'upstream');
  if (noneUp(status) && held.length > 0) return nobodyUpVerdict(held, stalled);
  const bound = moving.filter((c) => holdUp(c) === 'socket');
  const slow = least(bound, (c) => c.batches_per_second);
  if (stalled.length > 0) return stalledVerdict(stalled, slow?.slow ? slow : null, all);
  if (slow?.slow) return slowTrainerVerdict(slow, all, held);
  if (held.length > 0 && held.length >= bound.length) return heldUpVerdict(held, all);
  if (slow) return ownPaceVerdict(slow, bound, all);
  const encoding = all.filter((c) => holdUp(c) === 'encoding');
  if (encoding.length > 0)
    return verdict('warn', `${plural(encoding.length, 'trainer')} ${encoding.length === 1 ? 'waits' : 'wait'} for encoding`,
                   'The dispatcher is short of CPU.');
  return verdict('ok', all.length === 1 ? 'The trainer keeps up' : `All ${count(all.length)} trainers keep up`, 'None waits long for anything.');
}
