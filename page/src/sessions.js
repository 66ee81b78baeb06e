// What is remembered of sessions that have a name: one that comes again goes on in its row. Pure.

import {count, dayAndClock, duration, plural, rate, secondsBetween} from './format.js';

export const isHere = (row) => row.gone_at == null;

/** Ranks of one job may have one name: each has a row. */
export const sessionKey = ({name, shard}) => `${shard.index}/${shard.count} ${name}`;

const byName = (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.shard.count - b.shard.count || a.shard.index - b.shard.index);

/** Those that are here by their names, then the others, the latest to go first. */
export function arrangedSessions(rows) {
  const gone = rows.filter((row) => !isHere(row));
  return [...rows.filter(isHere).sort(byName), ...gone.sort((a, b) => Date.parse(b.gone_at) - Date.parse(a.gone_at) || byName(a, b))];
}

/** `3 of 10`, or that all are done. */
export function epochText({epoch, end_epoch: end}) {
  if (end == null) return count(epoch);
  return epoch >= end ? `all ${count(end)} done` : `${count(epoch)} of ${count(end)}`;
}

/** {share (null: not known), text} of the epoch's steps. */
export function stepsOf({epoch, end_epoch: end, step, steps}) {
  if (end != null && epoch >= end) return {share: 1, text: '–'};
  if (steps == null) return {share: null, text: `${count(step)} / ?`};
  return {share: steps > 0 ? step / steps : null, text: `${count(step)} / ${count(steps)}`};
}

const endings = {
  complete: 'complete', left: 'said bye', lost: 'connection lost', error: 'ended with an error', drained: 'ended by a drain', stalled: 'had stalled',
};

/** Since when it is here, or gone. */
export function whenText(row, now) {
  if (isHere(row)) return `since ${dayAndClock(row.began_at, now)}`;
  return `gone since ${dayAndClock(row.gone_at, now)} (${duration(secondsBetween(row.gone_at, now))})`;
}

/** How it went, and how often it came. */
export const pastText = (row) => [
  !isHere(row) && (endings[row.outcome] ?? row.outcome), row.times > 1 && `came ${plural(row.times, 'time')}`,
].filter(Boolean).join(', ');

/** Its batches a second as the path of a line of steps, 1 wide each and `height` high; a gap where it was away. */
export function sparkPath(values, height) {
  const most = Math.max(...values.map((value) => value ?? 0), 0);
  let isDrawing = false;
  let path = '';
  values.forEach((value, i) => {
    if (value != null) {
      const y = (height * (1 - (most > 0 ? value / most : 0))).toFixed(1);
      path += `${isDrawing ? 'L' : 'M'}${i} ${y}H${i + 1}`;
    }
    isDrawing = value != null;
  });
  return path;
}

/** The same in words. */
export function sparkText(values) {
  const known = values.filter((value) => value != null);
  if (known.length === 0) return 'Not here in the last hour';
  return `In the last hour ${rate(Math.min(...known))} to ${rate(Math.max(...known))} batches a second, here in ${count(known.length)} of ${plural(values.length, 'minute')}`;
}
