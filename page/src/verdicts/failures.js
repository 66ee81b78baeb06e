// What failed, when, for how long, who was hurt, and whether it is over. Pure.

import {timesOf} from '../event_log.js';
import {dayAndClock, duration, fieldsText, plural, secondsBetween} from '../format.js';
import {failedWithoutOutage, goesOn, outageCount, within} from '../outages.js';
import {least, most, sentences, verdict} from './verdict.js';

/** A failure is news for so many seconds. */
const newsSeconds = 900;

const toneOfAge = (seconds, news = newsSeconds) => (seconds != null && seconds < news ? 'warn' : 'note');
const heldUp = ({clients_held_up: n}) => (n > 0 ? plural(n, 'trainer') : 'no trainer') + ' held up';
/** It may be long: it comes last. */
const because = (reason) => reason && `Reason: ${reason}.`;

/** Passes that ended by an error in an outage, as the events tell; nothing where none is known. */
function failedPasses(outage, {totals}, events) {
  if (totals.streams_failed === 0) return ', no pass failed';
  const failed = events.filter((e) => e.event === 'client_error' && within(outage, e.time)).reduce((sum, e) => sum + timesOf(e), 0);
  return failed > 0 ? `, ${plural(failed, 'pass', 'passes')} ended by an error` : '';
}

function lostPasses({streams_failed: failed = 0, streams_lost: lost = 0}) {
  return sentences(
    failed > 0 && `${plural(failed, 'pass', 'passes')} ended by an error since the start.`,
    lost > 0 && `${plural(lost, 'trainer')} left before the end.`
  );
}

function goingOn(outages, status, events) {
  const first = least(outages, (o) => Date.parse(o.began_at));
  const up = status.upstreams.filter((u) => u.state === 'up').length;
  const others = outages.length > 1 ? `, and ${plural(outages.length - 1, 'other')}` : '';
  const attempts = (status.upstreams.find((u) => u.address === first.upstream)?.fetchers ?? [])
    .map((f) => f.next_attempt_seconds).filter((s) => s != null);
  const next = attempts.length > 0 ? `, the next in ${duration(Math.min(...attempts))}` : '';
  return verdict(
    up > 0 ? 'warn' : 'bad',
    `${first.upstream} is down for ${duration(first.seconds)}${others}`,
    sentences(
      `Since ${dayAndClock(first.began_at, status.now)}, and it goes on.`,
      `So far ${heldUp(first)}${failedPasses(first, status, events)}.`,
      up > 0 && `${plural(up, 'other address', 'other addresses')} up.`,
      `${plural(first.attempts, 'attempt')} to connect${next}.`,
      because(first.reason)
    ),
    `${first.upstream} is down${others}`
  );
}

/** One that is over. */
function past(outage, status, events) {
  const ago = secondsBetween(outage.ended_at, status.now);
  const all = outageCount(status);
  const {began_at: began, ended_at: ended, upstream} = outage;
  return verdict(
    toneOfAge(ago),
    `${upstream} was down for ${duration(outage.seconds)}`,
    sentences(
      `${dayAndClock(began, status.now)} to ${dayAndClock(ended, status.now)}, over for ${duration(ago)};`,
      `${heldUp(outage)}${failedPasses(outage, status, events)}.`,
      all > 1 && `The last of ${plural(all, 'outage')}.`,
      because(outage.reason)
    ),
    `${upstream} was down and is up again`
  );
}

function errorVerdict(error, outage, status) {
  const ago = secondsBetween(error.time, status.now);
  return verdict(
    toneOfAge(ago),
    `${error.event} ${duration(ago)} ago`,
    sentences(
      `At ${dayAndClock(error.time, status.now)}: ${fieldsText(error.fields)}`,
      outage && `Before that ${outage.upstream} was down for ${duration(outage.seconds)}, until ${dayAndClock(outage.ended_at, status.now)}.`
    ),
    error.event
  );
}

function smallFailure({address, failures: calls = 0, last_failure: what, last_failure_at: at}, status) {
  const ago = secondsBetween(at, status.now);
  return verdict(
    toneOfAge(ago, 60),
    `${address} failed ${duration(ago)} ago, but stayed up`,
    sentences(`At ${dayAndClock(at, status.now)}: ${what}.`, calls > 0 && `${plural(calls, 'call')} failed since the start.`),
    `${address} failed, but stayed up`
  );
}

function silentParts({unanswered}) {
  return verdict('bad', `${unanswered.join(', ')} ${unanswered.length === 1 ? 'does' : 'do'} not answer`, 'What it knows is missing on this page.');
}

/** What is not over. */
function present(status, events) {
  const outages = status.outages.filter(goesOn);
  if (outages.length > 0) return goingOn(outages, status, events);
  const down = status.upstreams.find((u) => u.state === 'down');
  if (down) return verdict('warn', `${down.address} is not up yet`, sentences('It has not answered so far.', because(down.last_failure)));
  return status.unanswered.length > 0 ? silentParts(status) : null;
}

/** What failed, when, for how long, who was hurt, and whether it is over. */
export function failures(status, events) {
  const now = present(status, events);
  if (now) return now;
  const lost = lostPasses(status.totals);
  const outage = most(status.outages, (o) => Date.parse(o.ended_at));
  // An outage is an error of the log, too.
  const error = events.findLast((e) => e.level === 'error' && e.event !== 'upstream_down');
  const small = most(status.upstreams.filter((u) => failedWithoutOutage(u, status.outages)), (u) => Date.parse(u.last_failure_at));
  const isNewest = error && !(outage && Date.parse(outage.ended_at) > Date.parse(error.time));
  const found = isNewest ? errorVerdict(error, outage, status)
    : outage ? past(outage, status, events)
    : small ? smallFailure(small, status) : null;
  if (found) return {...found, detail: sentences(found.detail, lost)};
  return lost ? verdict('note', 'No part has failed', lost) : verdict('ok', 'Nothing has failed', 'since the start.');
}
