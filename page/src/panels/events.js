// The event log, the newest on top.

import {Badge, byId, element, setAttribute, setText} from '../dom.js';
import {folded, selected} from '../event_log.js';
import {clock, count, fieldsText} from '../format.js';
import {RowList} from '../row_list.js';

class EventRow {
  #time = element('span', 'cell time', {role: 'gridcell'});
  #level = new Badge();
  #name = element('span', 'text');
  #times = element('span', 'times');
  #fields = element('span', 'cell fields', {role: 'gridcell'});
  node = element(
    'div', 'row', {role: 'row'},
    this.#time, element('span', 'cell level', {role: 'gridcell'}, this.#level.node),
    element('span', 'cell name', {role: 'gridcell'}, this.#name, this.#times), this.#fields
  );

  update(event) {
    this.#level.set(event.level);
    setAttribute(this.node, 'data-level', event.level);
    setText(this.#time, clock(event.time));
    setText(this.#name, event.event);
    setText(this.#times, event.times > 1 ? ` ×${count(event.times)}` : '');
    setText(this.#fields, fieldsText(event.fields));
  }
}

export class Events {
  #level = byId('event-level');
  #filter = byId('event-filter');
  #count = byId('event-count');
  #details = byId('event-details');
  #list = new RowList(byId('event-list'), {
    createRow: () => new EventRow(),
    key: (event) => event.key,
    anchored: true,
    onActive: (event) => this.#showDetails(event),
  });
  #events = [];
  #seen = '';

  constructor() {
    this.#level.addEventListener('change', () => this.#show());
    this.#filter.addEventListener('input', () => this.#show());
  }

  update({status, log}) {
    const seen = `${status?.started_at} ${log.lastSeq}`;
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#events = log.events;
    this.#show();
  }

  #show() {
    const shown = selected(this.#events, this.#level.value, this.#filter.value);
    setText(this.#count, shown.length === this.#events.length ? count(shown.length) : `${count(shown.length)} of ${count(this.#events.length)}`);
    this.#list.set(folded(shown));
  }

  #showDetails(event) {
    this.#details.hidden = event == null;
    if (!event) return;
    const times = event.times > 1 ? ` (${count(event.times)} times since ${event.since}; this is the newest)` : '';
    setText(this.#details, `${event.time} ${event.level} ${event.event} ${fieldsText(event.fields)}${times}`);
  }
}
