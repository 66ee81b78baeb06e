// The groups with members here, and who holds what of them.

import {Badge, byId, element, setAttribute, setText} from '../dom.js';
import {count, duration, plural, rate} from '../format.js';
import {groupRows} from '../groups.js';
import {RowList} from '../row_list.js';

const columns = [
  ['state', 'State'], ['name', 'Group, member'], ['epoch number', 'Epoch'], ['acked number', 'Used'], ['rate number', 'Batches/s'],
  ['again number', 'Again'], ['parked number', 'Parked'], ['held number', 'Held'], ['seconds number', 'For'], ['note', ''],
];

const orEmpty = (value, write) => (value == null ? '' : write(value));

class GroupRow {
  #state = new Badge();
  #cells = Object.fromEntries(columns.map(([name]) => [name.split(' ')[0], element('span', `cell ${name}`, {role: 'gridcell'})]));
  node = element('div', 'row', {role: 'row'}, ...Object.values(this.#cells));

  constructor() {
    this.#cells.state.append(this.#state.node);
  }

  update(row) {
    this.#state.set(row.state);
    setAttribute(this.node, 'data-kind', row.kind);
    const texts = {
      name: row.name,
      epoch: row.epoch,
      acked: row.acked,
      rate: orEmpty(row.rate, rate),
      again: orEmpty(row.again, count),
      parked: orEmpty(row.parked, count),
      held: count(row.held),
      seconds: orEmpty(row.seconds, duration),
      note: row.note,
    };
    for (const [name, text] of Object.entries(texts)) {
      setText(this.#cells[name], text);
      setAttribute(this.#cells[name], 'title', text);
    }
  }
}

export class Groups {
  #panel = byId('groups');
  #count = byId('group-count');
  #list = new RowList(byId('group-list'), {
    head: element('div', 'row head', {role: 'row', 'aria-rowindex': '1'},
                  ...columns.map(([name, title]) => element('span', `cell ${name}`, {role: 'columnheader'}, title))),
    createRow: () => new GroupRow(),
    key: (row) => row.key,
  });

  update({status: {groups}}) {
    const {store, rows} = groups;
    // Without groups the store matters to named sessions alone.
    this.#panel.hidden = rows.length === 0 && store !== 'away';
    setText(this.#count, plural(rows.length, 'group') + (store === 'serving' ? '' : `; the store ${store === 'away' ? 'is away' : 'has not answered'}`));
    this.#list.set(groupRows(rows));
  }
}
