// The cache: what it saves, and what it takes.

import {Badge, Bar, Figures, byId, element, setText} from '../dom.js';
import {count, memory, percent} from '../format.js';

const kinds = ['hits', 'joins', 'streamed', 'misses'];
const labels = {hits: 'were there', joins: 'shared a call under way', streamed: 'came without a call', misses: 'took a call'};

export class Cache {
  #place = byId('cache-body');
  #state = new Badge();
  #asked = new Bar(kinds);
  #legend = Object.fromEntries(kinds.map((kind) => [kind, element('span')]));
  #used = new Bar(['used']);
  #usedText = element('span', 'text');
  #figures = new Figures(['Hit ratio', 'Calls saved', 'Batches', 'Evictions', 'Evicted']);

  constructor() {
    byId('cache-state').append(this.#state.node);
    this.#place.append(
      this.#figures.node,
      this.#asked.node,
      element('ul', 'legend', {}, ...kinds.map((kind) =>
        element('li', '', {}, element('span', `key ${kind}`, {'aria-hidden': 'true'}), this.#legend[kind]))),
      element('div', 'meter', {}, this.#used.node, this.#usedText)
    );
  }

  update({status: {cache}}) {
    this.#state.set(cache?.state ?? 'no_answer');
    this.#place.hidden = !cache;
    if (!cache) return;
    const all = kinds.reduce((sum, kind) => sum + (cache[kind] ?? 0), 0);
    const shares = Object.fromEntries(kinds.map((kind) => [kind, all > 0 ? cache[kind] / all : 0]));
    this.#asked.set(shares, kinds.map((kind) => `${percent(shares[kind])} ${labels[kind]}`).join(', '));
    for (const kind of kinds) setText(this.#legend[kind], `${count(cache[kind])} ${labels[kind]}`);
    this.#figures.set(
      percent(cache.hit_ratio), count(cache.hits + cache.joins), count(cache.frames), count(cache.evictions),
      memory(cache.evicted_bytes)
    );
    const text = `${memory(cache.bytes)} of ${memory(cache.capacity_bytes)}`;
    this.#used.set({used: cache.capacity_bytes > 0 ? cache.bytes / cache.capacity_bytes : 0}, text);
    setText(this.#usedText, text);
  }
}
