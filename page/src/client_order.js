// Which clients are shown, in which order. Pure.

import {boundText, sentence, sessionText, severity, waitedShare} from './attribution.js';

const {compare: compareTexts} = new Intl.Collator('en', {numeric: true});
const byText = (value) => (a, b) => compareTexts(value(a), value(b));
const byId = byText((c) => c.id);
const byArrival = (a, b) => (a.connected_at < b.connected_at ? -1 : a.connected_at > b.connected_at ? 1 : byId(a, b));
/** What is not known comes last, whatever the direction. */
const byNumber = (value) => (a, b, direction) => {
  const [x, y] = [value(a), value(b)];
  if (x == null || y == null) return ((x == null) - (y == null)) * direction;
  return x - y;
};
export const progress = (c) => (c.batches_total > 0 ? c.batch_index / c.batches_total : null);

/** What clients can be sorted by: a name, and which direction comes first (1: ascending). */
export const orders = {
  attention: {label: 'Needs attention', first: 1, compare: byNumber(severity)},
  client: {label: 'Trainer', first: 1, compare: byId},
  state: {label: 'State', first: 1, compare: byText((c) => c.state)},
  progress: {label: 'Progress', first: 1, compare: byNumber(progress)},
  batches: {label: 'Batches/s', first: 1, compare: byNumber((c) => c.batches_per_second)},
  samples: {label: 'Samples/s', first: 1, compare: byNumber((c) => c.samples_per_second)},
  remaining: {label: 'Ends in', first: -1, compare: byNumber((c) => c.remaining_seconds)},
  waited: {label: 'Waited', first: -1, compare: byNumber(waitedShare)},
};

const searched = (c) => `${c.id} ${c.peer ?? ''} ${c.dataset ?? ''} ${sessionText(c)} ${c.state} ${c.bottleneck} ${boundText(c)} ${sentence(c)}`.toLowerCase();

/** The clients that contain each word of a text, sorted by a key of `orders`; those that are equal by when they came. */
export function arranged(clients, text, key, direction) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const {compare} = orders[key];
  return clients
    .filter((c) => words.length === 0 || words.every((word) => searched(c).includes(word)))
    .sort((a, b) => compare(a, b, direction) * direction || byArrival(a, b));
}
