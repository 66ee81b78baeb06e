// The last minutes of a few numbers, for the chart. Pure.

/** Columns of equal length, the oldest first; the first column is the time in seconds. */
export class History {
  #columns;
  #limit;

  /** Keeps `limit` points of `series` numbers each. */
  constructor(series, limit) {
    this.#columns = Array.from({length: series + 1}, () => []);
    this.#limit = limit;
  }

  /** Adds a point, unless it is not newer than the last one. A null is a gap in the line. */
  add(seconds, ...values) {
    const times = this.#columns[0];
    if (times.length > 0 && seconds <= times[times.length - 1]) return;
    [seconds, ...values].forEach((value, i) => this.#columns[i].push(value));
    if (times.length > this.#limit) for (const column of this.#columns) column.shift();
  }

  /** Ends the line: nothing is known from here on. */
  gap() {
    const times = this.#columns[0];
    if (times.length > 0) this.add(times[times.length - 1] + 0.001, ...this.#columns.slice(1).map(() => null));
  }

  /** The columns themselves, to be read only. */
  get columns() {
    return this.#columns;
  }
}
