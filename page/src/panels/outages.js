// The outages of the dataset service, the latest on top.

import {Badge, byId, element, setAttribute, setText} from '../dom.js';
import {count, dayAndClock, duration, plural} from '../format.js';
import {goesOn, outageCount, spans} from '../outages.js';
import {RowList} from '../row_list.js';

const columns = [
  ['began', 'Began'], ['for number', 'For'], ['state', 'State'], ['address', 'Address'], ['attempts number', 'Attempts'],
  ['held number', 'Held up'], ['reason', 'Reason'],
];

const stateOf = (outage) => (goesOn(outage) ? 'goes_on' : 'over');

class OutageRow {
  #state = new Badge();
  #cells = Object.fromEntries(columns.map(([name]) => [name.split(' ')[0], element('span', `cell ${name}`, {role: 'gridcell'})]));
  node = element('div', 'row', {role: 'row'}, ...Object.values(this.#cells));

  constructor() {
    this.#cells.state.append(this.#state.node);
  }

  update(outage) {
    this.#state.set(stateOf(outage));
    const texts = {
      began: dayAndClock(outage.began_at, outage.now),
      for: duration(outage.seconds),
      address: outage.upstream,
      attempts: count(outage.attempts),
      held: count(outage.clients_held_up),
      reason: outage.reason ?? '',
    };
    for (const [name, text] of Object.entries(texts)) {
      setText(this.#cells[name], text);
      setAttribute(this.#cells[name], 'title', text);
    }
  }
}

const detailsOf = (o) =>
  `${o.upstream} was lost at ${dayAndClock(o.began_at, o.now)} ` +
  `${goesOn(o) ? 'and is still away' : `and answered again at ${dayAndClock(o.ended_at, o.now)}`}: ${duration(o.seconds)}. ` +
  `${plural(o.attempts, 'attempt')} to connect, ${plural(o.clients_held_up, 'trainer')} held up at one time. ${o.reason ?? ''}`;

export class Outages {
  #count = byId('outage-count');
  #place = byId('outage-list');
  #empty = byId('outage-empty');
  #details = byId('outage-details');
  #list = new RowList(this.#place, {
    head: element('div', 'row head', {role: 'row', 'aria-rowindex': '1'},
                  ...columns.map(([name, title]) => element('span', `cell ${name}`, {role: 'columnheader'}, title))),
    createRow: () => new OutageRow(),
    key: (outage) => `${outage.upstream} ${outage.began_at}`,
    onActive: (outage) => this.#showDetails(outage),
  });

  update({status}) {
    const {outages, now} = status;
    const away = spans(outages, now).reduce((sum, [from, to]) => sum + to - from, 0);
    setText(this.#count, outages.length > 0 ? `${count(outageCount(status))}, ${duration(away)} in all` : '');
    this.#place.hidden = outages.length === 0;
    this.#empty.hidden = outages.length > 0;
    setText(this.#empty, `None since ${dayAndClock(status.started_at, now)}, the dispatcher's start.`);
    this.#list.set(outages.map((o) => ({...o, now})).reverse());
  }

  #showDetails(outage) {
    this.#details.hidden = outage == null;
    if (outage) setText(this.#details, detailsOf(outage));
  }
}
