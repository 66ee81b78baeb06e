// Throughput over time, with the outages behind it and a mark where something was warned of.

import uPlot from 'uplot';

import {historyOf} from '../api.js';
import {drawBands, drawMarks} from '../chart_marks.js';
import {byId, setAttribute, setText} from '../dom.js';
import {clock, count, dayAndClock, megabytes, plural, rate, timeLabel, traffic} from '../format.js';
import {spans} from '../outages.js';

/** As much time as there is to show, from this to the chosen span. */
const leastSpanSeconds = 60;
/** What has come since the last answer is shown as it came, and not by the step of the history: for so long. */
const reloadMs = 600_000;
const retryMs = 10_000;
/** What the dispatcher keeps. */
const keptSeconds = 7 * 86_400;
const colour = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
const font = '11px system-ui, sans-serif';

function axis(scale, side) {
  return {
    scale, side, font, size: 48, gap: 4, ticks: {show: false}, stroke: () => colour('--muted'),
    grid: {show: side === 3, stroke: () => colour('--line'), width: 1},
    values: (_, values) => values.map((v) => (v >= 10 ? count(v) : String(v))),
  };
}

const series = (scale, name, dash) => ({scale, stroke: () => colour(name), width: 2, dash, points: {show: false}, spanGaps: false});

/** From when on the dispatcher remembers. */
const memoryText = ({started_at: started, now, uptime_seconds: uptime}) =>
  (uptime > keptSeconds ? 'for 7 days' : `since ${dayAndClock(started, now)}, the dispatcher's start`);

export class Chart {
  #plot = null;
  #place = byId('chart');
  #span = byId('chart-span');
  #since = byId('chart-since');
  #batches = byId('now-batches');
  #bytes = byId('now-bytes');
  #asked = null;
  #askedAt = -Infinity;
  #store = null;
  #bands = [];
  #marks = [];

  constructor() {
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.#place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#plot?.redraw());
    // While nobody looked, hardly anything was asked.
    document.addEventListener('visibilitychange', () => (this.#asked = null));
    this.#span.addEventListener('change', () => this.#store && this.update(this.#store));
  }

  update(store) {
    this.#store = store;
    const {status, log, throughput} = store;
    const {batches_per_second: batches, bytes_per_second: bytes} = status.totals;
    setText(this.#batches, rate(batches));
    setText(this.#bytes, megabytes(bytes));
    setText(this.#since, `In memory ${memoryText(status)}; Prometheus keeps more.`);
    this.#load(status, throughput);
    const [times, perSecond, bytesPerSecond] = throughput.columns(this.#seconds);
    this.#bands = spans(status.outages, status.now).filter(([, to]) => to >= times[0]);
    this.#marks = throughput.marks(log.events).filter(({seconds}) => seconds >= times[0]);
    setAttribute(this.#place, 'aria-label', this.#summary(times[0], batches, bytes));
    this.#plot ??= this.#newPlot();
    this.#plot.setData([times, perSecond, bytesPerSecond.map((value) => value && value / 1e6)], true);
  }

  get #seconds() {
    return Number(this.#span.value);
  }

  /** Asks for the chosen span: once, where something is missing, and now and then. */
  #load({started_at: run}, throughput) {
    const span = this.#seconds;
    const key = `${run} ${span} ${throughput.gaps}`;
    if (key === this.#asked && performance.now() - this.#askedAt < reloadMs) return;
    this.#asked = key;
    this.#askedAt = performance.now();
    historyOf(span).then((history) => {
      if (key !== this.#asked) return;
      if (history) throughput.load(history);
      else this.#askedAt += retryMs - reloadMs;
    });
  }

  #summary(since, batches, bytes) {
    const marks = (level) => this.#marks.filter((mark) => mark.level === level).reduce((sum, mark) => sum + mark.count, 0);
    return `Throughput of the last ${this.#span.selectedOptions[0].text}, since ${clock(since * 1000)}. Now ${rate(batches)} batches and ${traffic(bytes)} a second. ` +
      `${plural(this.#bands.length, 'outage')}, ${plural(marks('warning'), 'warning')}, ${plural(marks('error'), 'error')} in it.`;
  }

  #size() {
    return {width: this.#place.clientWidth, height: this.#place.clientHeight};
  }

  #newPlot() {
    // Room above differs, so that two lines of one shape do not cover each other.
    const fromZero = (room) => (_, least, most) => [0, Math.max(1, most * room)];
    return new uPlot({
      ...this.#size(),
      padding: [8, 0, 0, 0],
      legend: {show: false},
      cursor: {show: false},
      scales: {
        x: {time: true, range: (_, first, last) => [Math.min(last - leastSpanSeconds, Math.max(first, last - this.#seconds)), last]},
        batches: {range: fromZero(1.1)},
        bytes: {range: fromZero(1.5)},
      },
      axes: [
        {font, size: 24, stroke: () => colour('--muted'), grid: {show: false}, ticks: {show: false}, space: 70,
         values: (plot, seconds) => seconds.map((s) => timeLabel(s * 1000, plot.scales.x.max - plot.scales.x.min))},
        axis('batches', 3),
        axis('bytes', 1),
      ],
      series: [{}, {...series('batches', '--series-1'), fill: () => colour('--series-1-fill')}, series('bytes', '--series-2', [6, 4])],
      hooks: {
        drawClear: [(plot) => drawBands(plot, this.#bands, colour('--outage'))],
        draw: [(plot) => drawMarks(plot, this.#marks, {warning: colour('--warn'), error: colour('--bad')})],
      },
    }, [[], [], []], this.#place);
  }
}
