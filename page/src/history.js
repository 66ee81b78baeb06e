// What was sent over time, for the chart: what the dispatcher remembers, and what has come since. Pure.

/** An hour at two a second. */
const keptPoints = 7200;

export class History {
  /** Until when the dispatcher's memory reaches, in seconds. */
  #end = -Infinity;
  /** Points [seconds, batches a second, bytes a second], the oldest first; a null is a gap in the line. */
  #remembered = [];
  #live = [];
  #marks = [];
  #gaps = 0;

  /** Takes what /history answers. */
  load({step_seconds: step, ends_at, series}) {
    const {batches_per_second: batches, bytes_per_second: bytes, warnings = [], errors = []} = series;
    this.#end = Date.parse(ends_at) / 1000;
    const seconds = (i) => this.#end - step * (batches.length - 1 - i);
    const first = batches.findIndex((value) => value != null);
    this.#remembered = first < 0 ? [] : batches.map((value, i) => [seconds(i), value, bytes[i]]).slice(first);
    this.#marks = [['warning', warnings], ['error', errors]].flatMap(([level, counts]) =>
      counts.flatMap((n, i) => (n > 0 ? [{seconds: seconds(i), level, count: n}] : [])));
  }

  /** Adds a point, unless it is not newer than the last one. */
  add(seconds, ...values) {
    if (seconds <= (this.#live.at(-1)?.[0] ?? -Infinity)) return;
    this.#live.push([seconds, ...values]);
    if (this.#live.length > keptPoints) this.#live.shift();
  }

  /** Ends the line: nothing is known from here on. */
  gap() {
    ++this.#gaps;
    if (this.#live.length > 0) this.add(this.#live.at(-1)[0] + 0.001, null, null);
  }

  /** How often the line has ended: the dispatcher may remember what is missing. */
  get gaps() {
    return this.#gaps;
  }

  /** The last `span` seconds as columns of equal length: seconds, batches a second, bytes a second. */
  columns(span) {
    const points = [...this.#remembered, ...this.#live.filter(([seconds]) => seconds > this.#end)];
    const from = (points.at(-1)?.[0] ?? 0) - span;
    const shown = points.filter(([seconds]) => seconds >= from);
    return [0, 1, 2].map((column) => shown.map((point) => point[column]));
  }

  /** {seconds, level, count} of warnings and errors: as remembered, and of the events that have come since. */
  marks(events) {
    const since = events
      .filter((e) => e.level !== 'info' && Date.parse(e.time) / 1000 > this.#end)
      .map((e) => ({seconds: Date.parse(e.time) / 1000, level: e.level, count: 1}));
    return [...this.#marks, ...since];
  }
}
