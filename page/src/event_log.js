// The events that have come, each once. Pure.

export const levels = ['info', 'warning', 'error'];

/** The last events of one run of the dispatcher, the oldest first. */
export class EventLog {
  #events = [];
  #limit;

  constructor(limit) {
    this.#limit = limit;
  }

  /** Returns whether the event was new. */
  add(event) {
    if (event.seq <= this.lastSeq) return false;
    this.#events.push(event);
    if (this.#events.length > this.#limit) this.#events.shift();
    return true;
  }

  /** Another run numbers its events from 1 again. */
  clear() {
    this.#events = [];
  }

  /** 0: there is none. */
  get lastSeq() {
    return this.#events.length > 0 ? this.#events[this.#events.length - 1].seq : 0;
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
