// The headlines on top, and what of them is said aloud.

import {byId, element, setAttribute, setText} from '../dom.js';
import {cache} from '../verdicts/cache.js';
import {end} from '../verdicts/end.js';
import {failures} from '../verdicts/failures.js';
import {slowest} from '../verdicts/slowest.js';

const signs = {bad: '✕', warn: '▲', note: '●', ok: '✓', idle: '○'};
/** A screen reader is told of a new headline, and then left alone for so long. */
const quietMs = 5000;

class Tile {
  #node;
  #sign;
  #headline;
  #detail;

  constructor(id) {
    this.#node = byId(id);
    this.#sign = element('span', 'sign', {'aria-hidden': 'true'});
    this.#headline = element('span');
    this.#detail = element('p', 'detail');
    this.#node.append(element('p', 'headline', {}, this.#sign, this.#headline), this.#detail);
  }

  set({tone, headline, detail}) {
    setAttribute(this.#node, 'data-tone', tone);
    setText(this.#sign, signs[tone]);
    setText(this.#headline, headline);
    setText(this.#detail, detail);
    setAttribute(this.#detail, 'title', detail);
  }
}

export class Verdicts {
  #tiles = Object.fromEntries(['slowest', 'failures', 'end', 'cache'].map((name) => [name, new Tile(`verdict-${name}`)]));
  #announcer = byId('announcer');
  #announced = '';
  #announcedAt = -Infinity;

  update({status, log}) {
    const found = {slowest: slowest(status), failures: failures(status, log.events), end: end(status), cache: cache(status)};
    for (const [name, verdict] of Object.entries(found)) this.#tiles[name].set(verdict);
    this.#announce([found.failures, found.slowest].filter((v) => v.tone === 'bad' || v.tone === 'warn'));
  }

  #announce(verdicts) {
    const text = verdicts.map((v) => v.spoken).join('. ');
    if (text === this.#announced || performance.now() - this.#announcedAt < quietMs) return;
    this.#announced = text;
    this.#announcedAt = performance.now();
    setText(this.#announcer, text);
  }
}
