// The actor tree. Many of a kind are one row, which opens.

import {treeRows} from '../actor_tree.js';
import {byId, element, setAttribute, setText} from '../dom.js';
import {count, duration} from '../format.js';
import {RowList} from '../row_list.js';

const cell = (name) => element('span', `cell ${name}`, {role: 'gridcell'});

class ActorRow {
  #twist = element('span', 'twist', {'aria-hidden': 'true'});
  #name = element('span', 'text');
  #label = element('span', 'label');
  #state = cell('state');
  #mailbox = cell('mailbox number');
  #age = cell('age number');
  #first = element('span', 'cell name', {role: 'gridcell'}, this.#twist, this.#name, this.#label);
  node = element('div', 'row', {role: 'row'}, this.#first, this.#state, this.#mailbox, this.#age);

  update(row) {
    const open = row.expanded;
    setText(this.#twist, open == null ? '' : open ? '▾' : '▸');
    setText(this.#name, row.name);
    setText(this.#label, row.label.replace(/^client_/, ''));
    setAttribute(this.#first, 'title', `${row.name} ${row.label}`);
    setText(this.#state, String(row.state ?? '').replace('_', ' '));
    setAttribute(this.#state, 'title', row.state);
    setAttribute(this.node, 'data-state', row.state);
    setText(this.#mailbox, count(row.mailbox));
    setText(this.#age, duration(row.age_seconds));
    setAttribute(this.node, 'aria-level', row.level);
    setAttribute(this.node, 'aria-expanded', open);
    if (this.#first.style.getPropertyValue('--level') !== String(row.level)) this.#first.style.setProperty('--level', row.level);
  }
}

function head() {
  const titles = [['name', 'Actor'], ['state', 'State'], ['mailbox number', 'Mailbox'], ['age number', 'Age']];
  return element('div', 'row head', {role: 'row', 'aria-rowindex': '1'}, ...titles.map(([name, title]) => element('span', `cell ${name}`, {role: 'columnheader'}, title)));
}

export class Actors {
  #count = byId('actor-count');
  #toggled = new Set();
  #actors = [];
  #list = new RowList(byId('actor-list'), {
    head: head(),
    createRow: () => new ActorRow(),
    key: (row) => row.key,
    onKey: (event, row) => this.#onKey(event, row),
    onPress: (row) => this.#toggle(row),
  });

  update({status}) {
    this.#actors = status.actors;
    setText(this.#count, count(this.#actors.length));
    this.#show();
  }

  #show() {
    this.#list.set(treeRows(this.#actors, this.#toggled));
  }

  #onKey({key}, row) {
    const wanted = {ArrowRight: false, ArrowLeft: true, Enter: row.expanded, ' ': row.expanded}[key];
    if (wanted === undefined || row.expanded !== wanted) return false;
    this.#toggle(row);
    return true;
  }

  #toggle(row) {
    if (row.expanded == null) return;
    if (!this.#toggled.delete(row.key)) this.#toggled.add(row.key);
    this.#show();
  }
}
