// The headlines: what an operator asks first, answered from one status and the events. Pure.
//
// A verdict is {tone, headline, detail, spoken}. Tones: `bad` (act now), `warn` (look at it), `note` (worth knowing), `ok`, and
// `idle` (there is nothing to say). What is spoken is the headline without what changes by the second.

import {holdUp, streams, usualRate} from './attribution.js';
import {clock, count, duration, fieldsText, memory, percent, plural, rate, secondsBetween} from './format.js';

/** A failure is news for so many seconds. */
const newsSeconds = 60;

const verdict = (tone, headline, detail = '', spoken = headline) => ({tone, headline, detail, spoken});
const sentences = (...parts) => parts.filter(Boolean).join(' ');
const streaming = (status) => status.clients.rows.filter(streams);
const least = (items, value) => items.reduce((best, item) => (best && value(best) <= value(item) ? best : item), null);
const most = (items, value) => least(items, (item) => -value(item));

function stalledVerdict(stalled) {
  const worst = most(stalled, (c) => c.stalled_seconds ?? 0);
  return verdict(
    'bad',
    `${worst.id} is stalled`,
    sentences(
      `Its socket has taken nothing for ${duration(worst.stalled_seconds)} although batches wait for it:`,
      worst.batches_per_second > 0 ? 'this trainer has paused.' : 'this trainer does not read.',
      stalled.length > 1 && `${plural(stalled.length - 1, 'other')} ${stalled.length === 2 ? 'is' : 'are'} stalled, too.`
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
      `${rate(slowest.batches_per_second)} batches/s; ${rate(usualRate(all))} are usual.`,
      slow > 1 && `${plural(slow - 1, 'other')} ${slow === 2 ? 'is' : 'are'} slow, too.`,
      held.length > 0 && `${plural(held.length, 'other')} ${held.length === 1 ? 'waits' : 'wait'} for the dataset service.`
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
    return verdict('idle', status.clients.connected > 0 ? 'No trainer streams now' : 'No trainer is connected');
  const held = all.filter((c) => c.state !== 'stalled' && holdUp(c) === 'upstream');
  const noUpstream = status.upstreams.length > 0 && status.upstreams.every((u) => u.state === 'down');
  if (noUpstream && held.length > 0)
    return verdict('bad', `${plural(held.length, 'trainer')} ${held.length === 1 ? 'waits' : 'wait'}: no dataset service is up`,
                   'They go on from where they are when it is back.');
  const stalled = all.filter((c) => c.state === 'stalled');
  if (stalled.length > 0) return stalledVerdict(stalled);
  const bound = all.filter((c) => holdUp(c) === 'socket');
  const slow = least(bound, (c) => c.batches_per_second);
  if (slow?.slow) return slowTrainerVerdict(slow, all, held);
  if (held.length > 0 && held.length >= bound.length) return heldUpVerdict(held, all);
  if (slow) return ownPaceVerdict(slow, bound, all);
  const encoding = all.filter((c) => holdUp(c) === 'encoding');
  if (encoding.length > 0)
    return verdict('warn', `${plural(encoding.length, 'trainer')} ${encoding.length === 1 ? 'waits' : 'wait'} for encoding`,
                   'The dispatcher is short of CPU.');
  return verdict('ok', all.length === 1 ? 'The trainer keeps up' : `All ${count(all.length)} trainers keep up`, 'None waits long for anything.');
}

const times = (n) => (n === 0 ? 'not restarted yet' : n === 1 ? 'restarted once' : `restarted ${count(n)} times`);

function latestEvent(events, wanted) {
  for (let i = events.length - 1; i >= 0; --i) if (wanted(events[i])) return events[i];
  return null;
}

function downVerdict(down, status, events) {
  const upstream = down[0];
  const event = latestEvent(events, (e) => e.event === 'upstream_down' && e.fields?.upstream === upstream.address);
  const since = event?.time ?? upstream.last_failure_at;
  const attempts = upstream.fetchers.map((f) => f.next_attempt_seconds).filter((s) => s != null);
  return verdict(
    'bad',
    `${upstream.address} is down${down.length > 1 ? ` and ${plural(down.length - 1, 'other')}` : ''}`,
    sentences(
      since && `Since ${clock(since)}, for ${duration(secondsBetween(since, status.now))}; ${times(upstream.restarts)}.`,
      !since && `It has not been up yet; ${times(upstream.restarts)}.`,
      attempts.length > 0 && `Next attempt in ${duration(Math.min(...attempts))}.`,
      upstream.last_failure && `Last failure: ${upstream.last_failure}`
    )
  );
}

function failedUpstreamVerdict(upstream, status) {
  const ago = secondsBetween(upstream.last_failure_at, status.now);
  return verdict(
    ago != null && ago < newsSeconds ? 'warn' : 'note',
    `${upstream.address} failed ${ago == null ? '' : `${duration(ago)} ago `}and is up again`,
    sentences(
      `At ${clock(upstream.last_failure_at)}; ${times(upstream.restarts)} since the start.`,
      upstream.last_failure && `Last failure: ${upstream.last_failure}`
    ),
    `${upstream.address} has failed and is up again`
  );
}

function lostStreams({streams_failed: failed = 0, streams_lost: lost = 0}) {
  return sentences(
    failed > 0 && `${plural(failed, 'stream')} ended by an error.`,
    lost > 0 && `${plural(lost, 'trainer')} left before the end.`
  );
}

/** What failed, when, and how often it was restarted. */
export function failures(status, events) {
  const down = status.upstreams.filter((u) => u.state === 'down');
  if (down.length > 0) return downVerdict(down, status, events);
  if (status.unanswered.length > 0)
    return verdict('bad', `${status.unanswered.join(', ')} ${status.unanswered.length === 1 ? 'does' : 'do'} not answer`,
                   'What it knows is missing on this page.');
  const lost = lostStreams(status.totals);
  const failed = most(status.upstreams.filter((u) => u.last_failure_at), (u) => Date.parse(u.last_failure_at));
  if (failed) {
    const found = failedUpstreamVerdict(failed, status);
    return {...found, detail: sentences(found.detail, lost)};
  }
  const error = latestEvent(events, (e) => e.level === 'error');
  if (error) {
    const ago = secondsBetween(error.time, status.now);
    return verdict(ago != null && ago < newsSeconds ? 'warn' : 'note', `${error.event} ${duration(ago)} ago`,
                   sentences(`At ${clock(error.time)}: ${fieldsText(error.fields)}`, lost), error.event);
  }
  return lost ? verdict('note', 'No part has failed', lost) : verdict('ok', 'Nothing has failed', 'since the start.');
}

/** How long until the pass ends for everybody. */
export function end(status) {
  const all = streaming(status);
  const {streams_complete: complete = 0} = status.totals;
  if (all.length === 0) return verdict('idle', 'No pass is under way', `${plural(complete, 'pass', 'passes')} complete since the start.`);
  const known = all.filter((c) => c.state !== 'stalled' && c.remaining_seconds != null);
  const unknown = all.length - known.length;
  const stalled = all.find((c) => c.state === 'stalled');
  const open = sentences(
    stalled && `${stalled.id} is stalled: no end in sight for it.`,
    unknown > (stalled ? 1 : 0) && `Not known for ${count(unknown - (stalled ? 1 : 0))} of ${count(all.length)}.`
  );
  if (known.length === 0) return verdict('warn', 'Not known', open || 'No batch moves at present.');
  const last = most(known, (c) => c.remaining_seconds);
  const first = least(known, (c) => c.remaining_seconds);
  const at = clock(Date.parse(status.now) + last.remaining_seconds * 1000);
  return verdict(
    unknown > 0 ? 'warn' : 'ok',
    `The pass ends in ${duration(last.remaining_seconds)}`,
    sentences(
      known.length > 1 ? `At ${at}, with ${last.id}; the first trainer ends in ${duration(first.remaining_seconds)}.` : `At ${at}.`,
      open
    )
  );
}

/** Whether the cache is any good. */
export function cache(status) {
  const c = status.cache;
  if (!c) return verdict('bad', 'The frame cache does not answer');
  if (c.hit_ratio == null) return verdict('idle', 'The cache has not been asked yet', '');
  const saved = c.hits + c.joins;
  const use = c.capacity_bytes > 0 ? `${memory(c.bytes)} of ${memory(c.capacity_bytes)} in use.` : 'It keeps nothing (--cache-mb 0).';
  const pressed = c.evictions > 0 && c.hit_ratio < 0.5 && status.clients.connected > 1;
  const alone = c.hit_ratio === 0 && status.clients.accepted <= 1;
  return verdict(
    pressed ? 'warn' : c.hit_ratio >= 0.5 ? 'ok' : 'note',
    `The cache answers ${percent(c.hit_ratio)}`,
    sentences(
      `${plural(saved, 'call')} saved.`,
      use,
      pressed && `${plural(c.evictions, 'frame')} went before others came for them: trainers are further apart than it reaches.`,
      alone && 'One trainer alone shares nothing.'
    )
  );
}
