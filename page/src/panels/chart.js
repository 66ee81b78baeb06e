// Throughput over time, with a line where something failed.

import uPlot from 'uplot';

import {byId, setAttribute, setText} from '../dom.js';
import {clock, count, rate, traffic} from '../format.js';

/** As much time as there is to show, within these. */
const leastWindowSeconds = 60;
const mostWindowSeconds = 300;
const colour = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
const font = '11px system-ui, sans-serif';
const megabytes = (column) => column.map((bytes) => bytes && bytes / 1e6);

function axis(scale, side) {
  return {
    scale, side, font, size: 48, gap: 4, ticks: {show: false}, stroke: () => colour('--muted'),
    grid: {show: side === 3, stroke: () => colour('--line'), width: 1},
    values: (_, values) => values.map((v) => (v >= 10 ? count(v) : String(v))),
  };
}

const series = (scale, name, dash) => ({scale, stroke: () => colour(name), width: 2, dash, points: {show: false}, spanGaps: false});

export class Chart {
  #plot = null;
  #place = byId('chart');
  #batches = byId('now-batches');
  #bytes = byId('now-bytes');
  #failures = [];

  constructor() {
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.#place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#plot?.redraw());
  }

  update({status, log, throughput}) {
    const {batches_per_second: batches, bytes_per_second: bytes} = status.totals;
    setText(this.#batches, rate(batches));
    setText(this.#bytes, rate(bytes == null ? null : bytes / 1e6));
    setAttribute(this.#place, 'aria-label', `Throughput of the last five minutes. Now ${rate(batches)} batches and ${traffic(bytes)} a second.`);
    this.#failures = log.events.filter((e) => e.level !== 'info').map((e) => ({seconds: Date.parse(e.time) / 1000, level: e.level}));
    const [times, perSecond, bytesPerSecond] = throughput.columns;
    this.#plot ??= this.#newPlot();
    this.#plot.setData([times, perSecond, megabytes(bytesPerSecond)], true);
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
        x: {time: true, range: (_, first, last) => [Math.min(last - leastWindowSeconds, Math.max(first, last - mostWindowSeconds)), last]},
        batches: {range: fromZero(1.1)},
        bytes: {range: fromZero(1.5)},
      },
      axes: [
        {font, size: 24, stroke: () => colour('--muted'), grid: {show: false}, ticks: {show: false}, space: 70,
         values: (_, seconds) => seconds.map((s) => clock(s * 1000))},
        axis('batches', 3),
        axis('bytes', 1),
      ],
      series: [{}, {...series('batches', '--series-1'), fill: () => colour('--series-1-fill')}, series('bytes', '--series-2', [6, 4])],
      hooks: {drawClear: [(plot) => this.#drawFailures(plot)]},
    }, [[], [], []], this.#place);
  }

  #drawFailures(plot) {
    const {ctx, bbox} = plot;
    const {min, max} = plot.scales.x;
    ctx.save();
    ctx.setLineDash([3, 3]);
    ctx.lineWidth = devicePixelRatio;
    for (const {seconds, level} of this.#failures) {
      if (!(seconds >= min && seconds <= max)) continue;
      const x = Math.round(plot.valToPos(seconds, 'x', true));
      ctx.strokeStyle = colour(level === 'error' ? '--bad' : '--warn');
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }
}
