// All that the page knows. Panels read it; only the functions below change it.

import {EventLog} from './event_log.js';
import {History} from './history.js';
import {completed} from './status.js';

/** Of level info, and as many warnings and errors: what the dispatcher keeps. */
const keptEvents = 500;

export class Store {
  /** Null: not answered yet. */
  status = null;
  /** Null, or {since (ms), reason}: the dispatcher does not answer. */
  gone = null;
  log = new EventLog(keptEvents);
  /** Batches and bytes a second. */
  throughput = new History();

  #lastAnswerAt = null;

  /** Returns whether it is of another run of the dispatcher than the last one. */
  take(status) {
    const restarted = this.status != null && this.status.started_at !== status.started_at;
    if (restarted) this.log.clear();
    if (restarted || this.gone) this.throughput.gap();
    this.status = completed(status);
    this.gone = null;
    this.#lastAnswerAt = Date.now();
    const {batches_per_second: batches = null, bytes_per_second: bytes = null} = this.status.totals;
    this.throughput.add(Date.parse(status.now) / 1000, batches, bytes);
    return restarted;
  }

  lose(reason) {
    this.gone = {since: this.gone?.since ?? this.#lastAnswerAt ?? Date.now(), reason};
  }
}
