// A list of any length in which only the rows in view exist. Rows have one height, the style sheet's --row-height.

import {element, setAttribute} from './dom.js';
import {scrolledTo, visibleRange} from './window_range.js';

const spareRows = 4;

export class RowList {
  #viewport;
  #body;
  #head;
  #options;
  #rows = [];
  #items = [];
  #firstDrawn = 0;
  #activeKey = null;
  #drawn = 0;

  /**
   * `viewport` is the scrolling element: the one stop of the tab key. `options`:
   * - `createRow()`: {node, update(item)};
   * - `key(item)`: what stays the same while an item changes;
   * - `head`: an element that stays on top of the rows, or nothing;
   * - `onActive(item)`: called with the row that the keys or a click have gone to, when it changes and with each update;
   * - `onKey(event, item)`: returns whether it took the key;
   * - `anchored`: what is in view stays there when rows come above it.
   */
  constructor(viewport, options) {
    this.#viewport = viewport;
    this.#options = options;
    this.#head = options.head ?? null;
    this.#body = element('div', 'rows', {role: 'rowgroup'});
    if (this.#head) viewport.append(this.#head);
    viewport.append(this.#body);
    viewport.addEventListener('scroll', () => this.#draw(), {passive: true});
    viewport.addEventListener('keydown', (event) => this.#onKey(event));
    this.#body.addEventListener('click', (event) => this.#onClick(event));
    new ResizeObserver(() => this.#draw()).observe(viewport);
  }

  set(items) {
    const anchor = this.#options.anchored && this.#viewport.scrollTop > 0 ? this.#topItem() : null;
    this.#items = items;
    const headRows = this.#head ? 1 : 0;
    setAttribute(this.#viewport, 'aria-rowcount', items.length + headRows);
    this.#viewport.style.setProperty('--rows', items.length);
    if (anchor) this.#keepInView(anchor);
    this.#draw();
    this.#options.onActive?.(this.active);
  }

  /** The item that the keys have gone to; undefined: none, or it is not in the list now. */
  get active() {
    return this.#items[this.#activeIndex()];
  }

  #activeIndex() {
    return this.#activeKey == null ? -1 : this.#items.findIndex((item) => this.#options.key(item) === this.#activeKey);
  }

  get #rowHeight() {
    return parseFloat(getComputedStyle(this.#viewport).getPropertyValue('--row-height')) || 32;
  }

  #geometry() {
    const headHeight = this.#head?.offsetHeight ?? 0;
    return {scrollTop: this.#viewport.scrollTop, height: this.#viewport.clientHeight - headHeight, rowHeight: this.#rowHeight};
  }

  #topItem() {
    const index = Math.floor(this.#viewport.scrollTop / this.#rowHeight);
    return this.#items[index] && {key: this.#options.key(this.#items[index]), index};
  }

  #keepInView({key, index}) {
    const now = this.#items.findIndex((item) => this.#options.key(item) === key);
    if (now > index) {
      this.#body.style.height = `${this.#items.length * this.#rowHeight}px`;
      this.#viewport.scrollTop += (now - index) * this.#rowHeight;
    }
  }

  #draw() {
    const geometry = this.#geometry();
    const {rowHeight} = geometry;
    const height = `${this.#items.length * rowHeight}px`;
    if (this.#body.style.height !== height) this.#body.style.height = height;
    const {first, end} = visibleRange({...geometry, rows: this.#items.length, spare: spareRows});
    while (this.#rows.length < end - first) this.#rows.push(this.#newRow());
    this.#firstDrawn = first;
    for (let i = first; i < end; ++i) this.#drawRow(this.#rows[i - first], i, rowHeight);
    for (let i = end - first; i < this.#drawn; ++i) this.#rows[i].node.hidden = true;
    this.#drawn = end - first;
    const active = this.#activeIndex();
    const activeRow = active >= first && active < end ? this.#rows[active - first] : null;
    setAttribute(this.#viewport, 'aria-activedescendant', activeRow?.node.id ?? null);
  }

  #newRow() {
    const row = this.#options.createRow();
    row.node.id = `${this.#viewport.id}-row-${this.#rows.length}`;
    this.#body.append(row.node);
    return row;
  }

  #drawRow(row, index, rowHeight) {
    const item = this.#items[index];
    row.update(item);
    row.node.hidden = false;
    const place = `translateY(${index * rowHeight}px)`;
    if (row.node.style.transform !== place) row.node.style.transform = place;
    setAttribute(row.node, 'aria-rowindex', index + (this.#head ? 2 : 1));
    setAttribute(row.node, 'aria-selected', this.#options.key(item) === this.#activeKey ? 'true' : 'false');
  }

  #activate(index) {
    const item = this.#items[index];
    if (!item) return;
    this.#activeKey = this.#options.key(item);
    this.#viewport.scrollTop = scrolledTo(index, this.#geometry());
    this.#draw();
    this.#options.onActive?.(item);
  }

  #onKey(event) {
    if (event.target !== this.#viewport || event.ctrlKey || event.metaKey || event.altKey) return;
    const active = this.#activeIndex();
    const {height, rowHeight} = this.#geometry();
    const page = Math.max(1, Math.floor(height / rowHeight) - 1);
    const last = this.#items.length - 1;
    const targets = {
      ArrowDown: active + 1, ArrowUp: Math.max(0, active - 1), PageDown: Math.max(0, active) + page,
      PageUp: active - page, Home: 0, End: last,
    };
    if (event.key in targets) this.#activate(Math.min(last, Math.max(0, targets[event.key])));
    else if (!this.active || !this.#options.onKey?.(event, this.active)) return;
    event.preventDefault();
  }

  #onClick(event) {
    const node = event.target.closest('[role=row]');
    const slot = this.#rows.findIndex((row) => row.node === node);
    if (slot < 0) return;
    const index = this.#firstDrawn + slot;
    this.#activate(index);
    this.#options.onPress?.(this.#items[index]);
  }
}
