// The sessions that have a name, those that have gone included.

import {historyOf} from '../api.js';
import {Badge, Bar, Spark, byId, element, setAttribute, setText} from '../dom.js';
import {count} from '../format.js';
import {RowList} from '../row_list.js';
import {arrangedSessions, epochText, isHere, sessionKey, pastText, sparkPath, sparkText, stepsOf, whenText} from '../sessions.js';

const reloadMs = 5000;
/** After a session has come or gone; the dispatcher hears of it within a second. */
const soonMs = 1000;

const columns = [['state', 'State'], ['session', 'Session'], ['epoch', 'Epoch'], ['progress', 'Step'], ['rates', 'Batches/s, last hour'], ['when', 'When']];

const cell = (name, ...children) => element('span', `cell ${name}`, {role: 'gridcell'}, ...children);

class SessionRow {
  #state = new Badge();
  #name = element('span', 'text');
  #order = element('span', 'text second');
  #epoch = cell('epoch');
  #bar = new Bar(['done'], 'progressbar');
  #steps = element('span', 'text');
  #rates = new Spark();
  #when = element('span', 'text');
  #past = element('span', 'text second');
  node = element(
    'div', 'row', {role: 'row'}, cell('state', this.#state.node), cell('session', this.#name, this.#order), this.#epoch,
    cell('progress', this.#bar.node, this.#steps), cell('rates', this.#rates.node), cell('when', this.#when, this.#past)
  );

  constructor() {
    setAttribute(this.#bar.node, 'aria-valuemin', 0);
    setAttribute(this.#bar.node, 'aria-valuemax', 100);
  }

  update(row) {
    const {share, text} = stepsOf(row);
    const rates = row.batches_per_second.slice(-60);
    this.#state.set(isHere(row) ? 'here' : 'away');
    setText(this.#name, row.shard.count > 1 ? `${row.name}, shard ${row.shard.index}/${row.shard.count}` : row.name);
    setAttribute(this.#name, 'title', this.#name.textContent);
    setText(this.#order, `${row.dataset}, ${row.seed == null ? 'in order' : `seed ${row.seed}`}`);
    setText(this.#epoch, epochText(row));
    this.#bar.set({done: share ?? 0}, `Progress of ${row.name} in its epoch`);
    setAttribute(this.#bar.node, 'aria-valuenow', share == null ? null : Math.floor(share * 100));
    setText(this.#steps, text);
    this.#rates.set(sparkPath(rates, Spark.height), rates.length, sparkText(rates));
    setText(this.#when, whenText(row, row.now));
    setText(this.#past, pastText(row));
  }
}

export class Sessions {
  #panel = byId('sessions');
  #count = byId('session-count');
  #list = new RowList(byId('session-list'), {
    head: element('div', 'row head', {role: 'row', 'aria-rowindex': '1'},
                  ...columns.map(([name, title]) => element('span', `cell ${name}`, {role: 'columnheader'}, title))),
    createRow: () => new SessionRow(),
    key: sessionKey,
  });
  #rows = [];
  #crowd = '';
  #asked = -Infinity;
  #run = null;

  update({status}) {
    this.#load(status);
    this.#show(status.now);
  }

  /** Asks now and then, and soon after somebody has come or gone. */
  #load({started_at: run, clients}) {
    if (this.#run !== run) {
      this.#rows = [];
      this.#run = run;
    }
    const crowd = `${run} ${clients.accepted} ${clients.connected}`;
    const due = this.#asked + (crowd === this.#crowd ? reloadMs : soonMs);
    if (performance.now() < due) return;
    this.#crowd = crowd;
    this.#asked = performance.now();
    // Of the series that it does not show, a second.
    historyOf(1).then((history) => {
      if (history && this.#run === run) this.#rows = arrangedSessions(history.sessions?.rows ?? []);
    });
  }

  #show(now) {
    const here = this.#rows.filter(isHere).length;
    this.#panel.hidden = this.#rows.length === 0;
    setText(this.#count, `${count(here)} here, ${count(this.#rows.length - here)} away`);
    this.#list.set(this.#rows.map((row) => ({...row, now})));
  }
}
