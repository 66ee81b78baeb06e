// The events that have come, each once. Pure.

export const levels = ['info', 'warning', 'error'];
const isInfo = (event) => event.level === 'info';

/** The last events of one run of the dispatcher, the oldest first. */
export class EventLog {
  #events = [];
  #lastSeq = 0;
  #limit;

  /** Keeps `limit` of level info, and as many warnings and errors. */
  constructor(limit) {
    this.#limit = limit;
  }

  /** Returns whether the event was new. */
  add(event) {
    if (event.seq <= this.#lastSeq) return false;
    this.#lastSeq = event.seq;
    this.#events.push(event);
    const isAlike = (e) => isInfo(e) === isInfo(event);
    if (this.#events.filter(isAlike).length > this.#limit) this.#events.splice(this.#events.findIndex(isAlike), 1);
    return true;
  }

  /** Another run numbers its events from 1 again. */
  clear() {
    this.#events = [];
    this.#lastSeq = 0;
  }

  /** 0: there is none. */
  get lastSeq() {
    return this.#lastSeq;
  }

  get events() {
    return this.#events;
  }
}

/** The events of at least a level that contain a text, the newest first. */
export function selected(events, level, text = '') {
  const rank = levels.indexOf(level);
  const wanted = text.trim().toLowerCase();
  return events
    .filter((e) => levels.indexOf(e.level) >= rank)
    .filter((e) => wanted === '' || `${e.event} ${JSON.stringify(e.fields)}`.toLowerCase().includes(wanted))
    .reverse();
}

/** How often an event has happened: the dispatcher leaves out warnings that only repeat, and says how many. */
export const timesOf = (event) => 1 + (Number(event.fields?.repeated) || 0);

/** What equal events share: as the dispatcher tells warnings apart. */
function subject({level, event, fields}) {
  const first = Object.entries(fields ?? {}).find(([name]) => name !== 'client');
  return JSON.stringify([level, event, first, fields?.code]);
}

/**
 * Equal events in a row as one: the newest, with how many `times`, `since` when, and the oldest one's `seq` as its `key`, which
 * stays while more come.
 */
export function folded(newestFirst) {
  const rows = [];
  for (const event of newestFirst) {
    const {repeated, ...fields} = event.fields ?? {};
    const row = {...event, fields, times: timesOf(event), since: event.time, key: event.seq, subject: subject({...event, fields})};
    const last = rows.at(-1);
    if (last?.subject === row.subject) Object.assign(last, {times: last.times + row.times, since: row.since, key: row.key});
    else rows.push(row);
  }
  return rows;
}
