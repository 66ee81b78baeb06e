// Whether the cache is any good. Pure.

import {memory, percent, plural} from '../format.js';
import {sentences, verdict} from './verdict.js';

const mebibyte = 1 << 20;
/** The cache needs somewhat more than the bytes of the batches. */
const overhead = 1.05;

/** The bytes that one pass of every dataset in use takes in the cache; 0 where that is not known. */
export function passBytes(clients) {
  const passes = new Map();
  for (const {dataset, batch_size, bytes, frames, batches_total: total} of clients)
    if (frames > 0 && total > 0) passes.set(`${dataset} ${batch_size}`, (bytes / frames) * total);
  return [...passes.values()].reduce((sum, pass) => sum + pass, 0);
}

/** What --cache-mb a pass needs, where that is more than there is. */
function cure({clients, cache}) {
  const bytes = passBytes(clients.rows);
  const megabytes = 2 ** Math.ceil(Math.log2((bytes * overhead) / mebibyte));
  return bytes > 0 && megabytes * mebibyte > cache.capacity_bytes ? `A pass is ${memory(bytes)}: --cache-mb ${Math.max(1, megabytes)} holds it.` : '';
}

/** Whether the cache is any good. */
export function cache(status) {
  const c = status.cache;
  if (!c) return verdict('bad', 'The cache does not answer');
  if (c.hit_ratio == null) return verdict('idle', 'The cache has not been asked yet', '');
  const saved = c.hits + c.joins;
  const use = c.capacity_bytes > 0 ? `${memory(c.bytes)} of ${memory(c.capacity_bytes)} in use.` : 'It keeps nothing (--cache-mb 0).';
  const pressed = c.evictions > 0 && c.hit_ratio < 0.5 && status.clients.accepted > 1;
  const alone = c.hit_ratio === 0 && status.clients.accepted <= 1;
  return verdict(
    pressed ? 'warn' : c.hit_ratio >= 0.5 ? 'ok' : 'note',
    `The cache answers ${percent(c.hit_ratio)}`,
    sentences(
      `${plural(saved, 'call')} saved.`,
      use,
      pressed && `${plural(c.evictions, 'batch', 'batches')} went before others came for them.`,
      pressed && (cure(status) || 'Trainers are further apart than it reaches.'),
      alone && 'One trainer alone shares nothing.'
    )
  );
}
