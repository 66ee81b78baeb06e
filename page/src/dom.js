// The few ways in which panels change the page. Text from outside reaches it by textContent only.

/** An element with classes, attributes and children: `element('span', 'badge', {role: 'img'}, child, …)`. */
export function element(tag, classes = '', attributes = {}, ...children) {
  const node = document.createElement(tag);
  if (classes) node.className = classes;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function svg(tag, attributes) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

export const byId = (id) => document.getElementById(id);

/** Sets a text where it is another one: the browser lays out again only what has changed. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets an attribute where it is another one; null takes it away. */
export function setAttribute(node, name, value) {
  if (value == null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

/** The share of its parent's width that a part of a bar takes. */
export function setShare(node, share) {
  const width = `${(Math.min(1, Math.max(0, share || 0)) * 100).toFixed(1)}%`;
  if (node.style.width !== width) node.style.width = width;
}

/** What is written in a badge beside its word, so that its colour says nothing alone. */
const signs = {
  sending: '▶', waiting: '◔', stalled: '■', starting: '○', finishing: '✓', no_answer: '?',
  up: '●', down: '✕', paused: '‖', restarting: '↻',
  serving: '●', draining: '◐', gone: '✕', connecting: '○',
  here: '●', away: '○',
  member: '·', elsewhere: '○', store_away: '✕',
  not_ready: '✕', over: '✓', goes_on: '✕',
  info: '·', warning: '▲', error: '✕',
};
const tones = {
  sending: 'ok', waiting: 'note', stalled: 'bad', starting: 'idle', finishing: 'idle', no_answer: 'bad',
  up: 'ok', down: 'bad', paused: 'warn', restarting: 'warn',
  serving: 'ok', draining: 'warn', gone: 'bad', connecting: 'idle',
  here: 'ok', away: 'idle',
  member: 'idle', elsewhere: 'idle', store_away: 'bad',
  not_ready: 'bad', over: 'idle', goes_on: 'bad',
  info: 'idle', warning: 'warn', error: 'bad',
};

/** A state's word with its sign. */
export class Badge {
  node = element('span', 'badge');
  #sign = element('span', 'sign', {'aria-hidden': 'true'});
  #word = element('span');

  constructor() {
    this.node.append(this.#sign, this.#word);
  }

  set(state) {
    setText(this.#sign, signs[state] ?? '·');
    setText(this.#word, String(state).replace('_', ' '));
    setAttribute(this.node, 'data-tone', tones[state] ?? 'idle');
  }
}

/** A bar of parts side by side: {name: share of the whole}. */
export class Bar {
  node;
  #parts;

  /** Its parts are classes of the style sheet. */
  constructor(parts, role = 'img') {
    this.#parts = Object.fromEntries(parts.map((name) => [name, element('span', `part ${name}`)]));
    this.node = element('span', 'bar', {role}, ...Object.values(this.#parts));
  }

  set(shares, label) {
    for (const [name, node] of Object.entries(this.#parts)) setShare(node, shares[name]);
    setAttribute(this.node, 'aria-label', label);
  }
}

/** A small line without axes, as wide as its place. */
export class Spark {
  static height = 18;
  node = svg('svg', {role: 'img', class: 'spark', preserveAspectRatio: 'none'});
  #line = svg('path', {'vector-effect': 'non-scaling-stroke'});

  constructor() {
    this.node.append(this.#line);
  }

  /** A path within `width` and `Spark.height`. */
  set(path, width, label) {
    setAttribute(this.node, 'viewBox', `0 -1 ${Math.max(width, 1)} ${Spark.height + 2}`);
    setAttribute(this.#line, 'd', path);
    setAttribute(this.node, 'aria-label', label);
  }
}

/**
 * Shows a short list: `create(item)` makes {node, update(item)} for each new key, and what has gone is taken away. For long
 * lists there is RowList.
 */
export class KeyedList {
  #parent;
  #key;
  #create;
  #shown = new Map();

  constructor(parent, key, create) {
    this.#parent = parent;
    this.#key = key;
    this.#create = create;
  }

  set(items) {
    const left = new Map(this.#shown);
    items.forEach((item, i) => {
      const key = this.#key(item);
      if (!this.#shown.has(key)) this.#shown.set(key, this.#create(item));
      left.delete(key);
      const view = this.#shown.get(key);
      view.update(item);
      if (this.#parent.children[i] !== view.node) this.#parent.insertBefore(view.node, this.#parent.children[i] ?? null);
    });
    for (const [key, view] of left) {
      view.node.remove();
      this.#shown.delete(key);
    }
  }
}

/** Named figures: `<dl>` with a pair for each name. */
export class Figures {
  node;
  #values;

  constructor(names) {
    this.#values = names.map((name) => element('dd'));
    this.node = element('dl', 'figures', {}, ...names.map((name, i) => {
      const term = element('dt');
      term.textContent = name;
      return element('div', '', {}, term, this.#values[i]);
    }));
  }

  set(...texts) {
    texts.forEach((text, i) => setText(this.#values[i], text));
  }
}
