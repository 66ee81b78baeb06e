// The trainers: a row each, and more about the one that was chosen.

import {boundText, sentence, sessionText, sharesText, waitedShare} from '../attribution.js';
import {arranged, orders, progress} from '../client_order.js';
import {Badge, Bar, Figures, byId, element, setAttribute, setText} from '../dom.js';
import {count, dayAndClock, duration, megabytes, percent, plural, rate, traffic} from '../format.js';
import {RowList} from '../row_list.js';

const columns = [
  ['state', 'State'], ['client', 'Trainer'], ['progress', 'Progress'], ['batches', 'Batches/s'], ['samples', 'Samples/s'],
  ['remaining', 'Ends in'], ['waited', 'Waited'], ['attention', 'Waits for'],
];

const cell = (name, ...children) => element('span', `cell ${name}`, {role: 'gridcell'}, ...children);

class ClientRow {
  #state = new Badge();
  #id = element('span', 'text');
  #passes = element('span', 'text passes');
  #bar = new Bar(['done'], 'progressbar');
  #progress = element('span', 'text');
  #batches = cell('batches number');
  #samples = cell('samples number');
  #remaining = cell('remaining number');
  #waitedShare = cell('waited number');
  #waited = new Bar(['upstream', 'encoding', 'socket']);
  #why = element('span', 'text');
  node = element(
    'div', 'row', {role: 'row'},
    cell('state', this.#state.node), cell('client', this.#id, this.#passes), cell('progress', this.#bar.node, this.#progress), this.#batches,
    this.#samples, this.#remaining, this.#waitedShare, cell('attention', this.#waited.node, this.#why)
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
    setAttribute(this.node, 'data-slow', client.slow ? '' : null);
    // Whoever searches the log for the whole name finds it in the row's title and in the details.
    setText(this.#id, client.id.replace(/^client_/, ''));
    setAttribute(this.#id, 'title', client.id);
    setText(this.#passes, sessionText(client) || (client.passes_of_host == null ? '' : `${plural(client.passes_of_host, 'pass', 'passes')} of its host`));
    this.#bar.set({done: share ?? 0}, `Progress of ${client.id}`);
    setAttribute(this.#bar.node, 'aria-valuenow', share == null ? null : Math.floor(share * 100));
    setText(this.#progress, known ? `${count(client.batch_index)} / ${count(client.batches_total)}` : `${count(client.batch_index)} / ?`);
    setText(this.#batches, rate(client.batches_per_second));
    setText(this.#samples, rate(client.samples_per_second));
    setText(this.#remaining, client.state === 'stalled' ? '–' : duration(client.remaining_seconds));
    setText(this.#waitedShare, percent(waitedShare(client)));
    setAttribute(this.#waitedShare, 'title', `Waited for data: ${percent(waitedShare(client))} of its time`);
    this.#waited.set(client.waited_lately ?? {}, sharesText(client));
    setText(this.#why, sentence(client));
    setAttribute(this.#why, 'title', sentence(client));
  }
}

/** All that is known of a client's session. */
function sessionDetails(client) {
  const {session} = client;
  if (!session) return 'none: the classic protocol';
  const at = session.samples == null ? `block ${count(session.position)}` : `sample ${count(session.position)} of ${count(session.samples)}`;
  return `${sessionText(client)}, at ${at}, ${session.seed == null ? 'in order' : `shuffled with seed ${session.seed}`}`;
}

class ClientDetails {
  #node = byId('client-details');
  #title = element('h3');
  #figures = new Figures([
    'Connected since', 'Dataset', 'Session', 'Passes of its host', 'Window (requested, unsent)', 'Sent', 'Waited in all: dataset service', 'encoding',
    'its own socket', 'Last ten seconds',
  ]);

  constructor() {
    this.#node.append(this.#title, this.#figures.node);
  }

  show(client, now) {
    this.#node.hidden = client == null;
    if (!client) return;
    const window = client.window ?? {};
    const waited = client.waited ?? {};
    const share = progress(client);
    setText(this.#title, `${client.id} ${sentence(client)}`);
    this.#figures.set(
      `${dayAndClock(client.connected_at, now)}, ${duration(client.connected_seconds)} ago`,
      `${client.dataset} in batches of ${client.batch_size}${share == null ? '' : `, ${percent(share)} done`}`,
      sessionDetails(client),
      count(client.passes_of_host),
      `${count(window.size)} (${count(window.requested)}, ${count(window.unsent)})`,
      `${plural(client.frames ?? 0, 'batch', 'batches')}, ${traffic(client.bytes)}, ${megabytes(client.bytes_per_second)} MB/s`,
      `${duration(waited.upstream_seconds)}, ${percent(waitedShare(client))} of its time`,
      duration(waited.encoding_seconds),
      duration(waited.socket_seconds),
      [sharesText(client).replace('waited lately: ', ''), boundText(client)].filter(Boolean).join('; ')
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
  #now = null;

  constructor() {
    const head = element('div', 'row head', {role: 'row', 'aria-rowindex': '1'}, ...columns.map(([key, title]) => this.#headerCell(key, title)));
    this.#list = new RowList(byId('client-list'), {
      head,
      createRow: () => new ClientRow(),
      key: (client) => client.id,
      onActive: (client) => this.#details.show(client, this.#now),
    });
    for (const [key, {label}] of Object.entries(orders)) this.#select.append(new Option(label, key));
    this.#select.addEventListener('change', () => this.#sortBy(this.#select.value));
    this.#reverse.addEventListener('click', () => this.#sortBy(this.#key));
    this.#filter.addEventListener('input', () => this.#show());
    this.#sortBy(this.#key, 1);
  }

  update({status}) {
    this.#clients = status.clients.rows;
    this.#now = status.now;
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
