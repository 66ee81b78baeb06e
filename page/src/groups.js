// Groups and who holds what of them, as rows of a list. Pure.

import {count, duration, plural} from './format.js';

/** Whether the open epoch waits for those who hold its last batches: all of them are handed out. */
export const waitsForHolders = (group) => group.state !== 'over' && group.open_epoch < group.epoch;

/** Members that hold batches of the open epoch, who has held one longest first. */
export const holders = (group) =>
  longestFirst(group.members.filter((m) => m.oldest != null && m.oldest.epoch === group.open_epoch));

const longestFirst = (members) => [...members].sort((a, b) => b.held_seconds - a.held_seconds);

/** `3 of 10`, and behind the last one `all 10 done`. */
export const epochOf = ({state, open_epoch, epochs}) =>
  state === 'over' ? `all ${count(epochs)} done` : epochs == null ? count(open_epoch) : `${count(open_epoch)} of ${count(epochs)}`;

const elsewhereText = (part) =>
  `${plural(part.batches, 'batch', 'batches')} of epoch ${count(part.epoch)} from position ${count(part.position)}` +
  (part.members ? ` (${part.members})` : '');

/** What a group is waiting for, in a sentence; empty where it is not waiting. */
export function waitText(group) {
  if (group.store_problem != null) return `waits for the store: ${group.store_problem}`;
  if (!waitsForHolders(group)) return '';
  const here = holders(group).map((m) => `${m.client} (${plural(m.held, 'batch', 'batches')} for ${duration(m.held_seconds)})`);
  const there = group.elsewhere.filter((part) => part.epoch === group.open_epoch)
    .map((part) => `${part.dispatcher ?? 'a dispatcher that is gone'} (${plural(part.batches, 'batch', 'batches')})`);
  return `the end of epoch ${count(group.open_epoch)} waits for ${[...here, ...there].join(', ')}`;
}

const groupRow = (group) => ({
  kind: 'group', key: `group ${group.name}`, state: group.state, name: group.name, epoch: epochOf(group),
  acked: count(group.acked), rate: group.batches_per_second, again: group.redelivered, parked: group.parked,
  held: group.members.reduce((sum, m) => sum + m.held, 0), seconds: null, note: waitText(group) || group.dataset,
});

const memberRow = (group, member) => ({
  kind: 'member', key: `member ${group.name} ${member.client}`, state: 'member', name: member.client, epoch: '',
  acked: count(member.acked), rate: null, again: null, parked: null, held: member.held,
  seconds: member.held > 0 ? member.held_seconds : null,
  note: member.oldest ? `since epoch ${count(member.oldest.epoch)}, position ${count(member.oldest.position)}` : '',
});

const elsewhereRow = (group, part) => ({
  kind: 'member', key: `elsewhere ${group.name} ${part.epoch} ${part.position} ${part.dispatcher}`, state: 'elsewhere',
  name: part.dispatcher ?? 'no dispatcher', epoch: '', acked: '', rate: null, again: null, parked: null, held: part.batches,
  seconds: null, note: elsewhereText(part),
});

/** Each group, behind it its members, who has held a batch longest first, and what others have. */
export const groupRows = (groups) => groups.flatMap((group) => [
  groupRow(group),
  ...longestFirst(group.members).map((member) => memberRow(group, member)),
  ...group.elsewhere.map((part) => elsewhereRow(group, part)),
]);
