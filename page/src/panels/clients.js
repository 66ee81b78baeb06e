// The trainers: a row each, and more about the one that was chosen.

import {sentence, sharesText} from '../attribution.js';
import {arranged, orders, progress} from '../client_order.js';
import {Badge, Bar, Figures, byId, element, setAttribute, setText} from '../dom.js';
import {clock, count, duration, percent, rate, traffic} from '../format.js';
import {RowList} from '../row_list.js';

const columns = [
  ['state', 'State'], ['client', 'Client'], ['progress', 'Progress'], ['batches', 'Batches/s'], ['bytes', 'MB/s'],
  ['remaining', 'Ends in'], ['attention', 'Waits for'],
];

const cell = (name, ...children) => element('span', `cell ${name}`, {role: 'gridcell'}, ...children);

class ClientRow {
  #state = new Badge();
  #id = element('span', 'text');
  #bar = new Bar(['done'], 'progressbar');
  #progress = element('span', 'text');
  #batches = cell('batches number');
  #bytes = cell('bytes number');
  #remaining = cell('remaining number');
  #waited = new Bar(['upstream', 'encoding', 'socket']);
  #why = element('span', 'text');
  node = element(
    'div', 'row', {role: 'row'},
    cell('state', this.#state.node), cell('client', this.#id), cell('progress', this.#bar.node, this.#progress), this.#batches,
    this.#bytes, this.#remaining, cell('attention', this.#waited.node, this.#why)
  );

  constructor() {
    setAttribute(this.#bar.node, 'aria-valuemin', 0);
    setAttribute(this.#bar.node, 'aria-valuemax', 100);
  }

  update(client) {
    const share = progress(client);
    const known = client.batches_total != null;
    this.#state.set(client.state);
    setAttribute(this.node, 'data-state', client.state);
    // Whoever searches the log for the whole name finds it in the row's title and in the details.
    setText(this.#id, client.id.replace(/^client_/, ''));
    setAttribute(this.#id, 'title', client.id);
    this.#bar.set({done: share ?? 0}, `Progress of ${client.id}`);
    setAttribute(this.#bar.node, 'aria-valuenow', share == null ? null : Math.floor(share * 100));
    setText(this.#progress, known ? `${count(client.batch_index)} / ${count(client.batches_total)}` : `${count(client.batch_index)} / ?`);
    setText(this.#batches, rate(client.batches_per_second));
    setText(this.#bytes, rate(client.bytes_per_second == null ? null : client.bytes_per_second / 1e6));
    setText(this.#remaining, client.state === 'stalled' ? '–' : duration(client.remaining_seconds));
    this.#waited.set(client.waited_lately ?? {}, sharesText(client));
    setText(this.#why, sentence(client));
    setAttribute(this.#why, 'title', sentence(client));
  }
}

class ClientDetails {
  #node = byId('client-details');
  #title = element('h3');
  #figures = new Figures([
    'Connected since', 'Dataset', 'Window (requested, unsent)', 'Sent', 'Waited in all: dataset service', 'encoding', 'its own socket', 'Last ten seconds',
  ]);

  constructor() {
    this.#node.append(this.#title, this.#figures.node);
  }

  show(client) {
    this.#node.hidden = client == null;
    if (!client) return;
    const window = client.window ?? {};
    const waited = client.waited ?? {};
    const share = progress(client);
    setText(this.#title, `${client.id} ${sentence(client)}`);
    this.#figures.set(
      `${clock(client.connected_at)}, ${duration(client.connected_seconds)} ago`,
      `${client.dataset} in batches of ${client.batch_size}${share == null ? '' : `, ${percent(share)} done`}`,
      `${count(window.size)} (${count(window.requested)}, ${count(window.unsent)})`,
      `${count(client.frames)} frames, ${traffic(client.bytes)}`,
      duration(waited.upstream_seconds),
      duration(waited.encoding_seconds),
      duration(waited.socket_seconds),
      sharesText(client).replace('waited lately: ', '')
    );
  }
}

export class Clients {
  #filter = byId('client-filter');
  #select = byId('client-sort');
  #reverse = byId('client-reverse');
  #count = byId('client-count');
  #empty = byId('client-empty');
  #details = new ClientDetails();
  #headers = new Map();
  #list;
  #key = 'attention';
  #direction = 1;
  #clients = [];

  constructor() {
    const head = element('div', 'row head', {role: 'row', 'aria-rowindex': '1'}, ...columns.map(([key, title]) => this.#headerCell(key, title)));
    this.#list = new RowList(byId('client-list'), {
      head,
      createRow: () => new ClientRow(),
      key: (client) => client.id,
      onActive: (client) => this.#details.show(client),
    });
    for (const [key, {label}] of Object.entries(orders)) this.#select.append(new Option(label, key));
    this.#select.addEventListener('change', () => this.#sortBy(this.#select.value));
    this.#reverse.addEventListener('click', () => this.#sortBy(this.#key));
    this.#filter.addEventListener('input', () => this.#show());
    this.#sortBy(this.#key, 1);
  }

  update({status}) {
    this.#clients = status.clients.rows;
    this.#show();
  }

  #headerCell(key, title) {
    const button = element('button', 'sort', {type: 'button', tabindex: '-1'}, title);
    const node = element('span', `cell ${key}`, {role: 'columnheader'}, button);
    button.addEventListener('click', () => this.#sortBy(key));
    this.#headers.set(key, node);
    return node;
  }

  /** By another column, or by the same the other way round. */
  #sortBy(key, direction = key === this.#key ? -this.#direction : orders[key].first) {
    this.#key = key;
    this.#direction = direction;
    this.#select.value = key;
    setText(this.#reverse, direction > 0 ? '↑' : '↓');
    setAttribute(this.#reverse, 'aria-label', direction > 0 ? 'Ascending; turn round' : 'Descending; turn round');
    for (const [name, node] of this.#headers)
      setAttribute(node, 'aria-sort', name !== key ? null : direction > 0 ? 'ascending' : 'descending');
    this.#show();
  }

  #show() {
    const shown = arranged(this.#clients, this.#filter.value, this.#key, this.#direction);
    const all = this.#clients.length;
    setText(this.#count, shown.length === all ? count(all) : `${count(shown.length)} of ${count(all)}`);
    this.#empty.hidden = shown.length > 0;
    setText(this.#empty, all === 0 ? 'No trainer is connected.' : 'No trainer matches.');
    this.#list.set(shown);
  }
}
