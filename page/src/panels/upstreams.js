// The dataset service's addresses, and the fetchers of each.

import {Badge, Bar, Figures, KeyedList, byId, element, setText} from '../dom.js';
import {asOf, count, dayAndClock, duration, latency, plural, rate} from '../format.js';
import {failedWithoutOutage} from '../outages.js';

class FetcherLine {
  #state = new Badge();
  #text = element('span', 'text');
  node = element('li', 'fetcher', {}, this.#state.node, this.#text);

  update(fetcher) {
    this.#state.set(fetcher.state);
    setText(this.#text, [
      `fetcher ${fetcher.index}`,
      fetcher.state === 'up' && `for ${duration(fetcher.up_seconds)}`,
      fetcher.next_attempt_seconds != null && `next attempt in ${duration(fetcher.next_attempt_seconds)}`,
      `${plural(fetcher.calls_in_flight ?? 0, 'call')} in flight`,
      `${count(fetcher.calls)} done`,
      fetcher.restarts > 0 && `${plural(fetcher.restarts, 'further attempt')} to connect`,
    ].filter(Boolean).join(' · '));
  }
}

function failuresText(upstream) {
  const byCode = Object.entries(upstream.failures_by_code ?? {}).map(([code, n]) => `${code} ${count(n)}`);
  return byCode.length > 0 ? byCode.join(', ') : count(upstream.failures ?? 0);
}

class UpstreamCard {
  #state = new Badge();
  #address = element('h3');
  #bar = new Bar(['used']);
  #limit = element('span', 'text');
  #figures = new Figures(['Batches/s', 'p50', 'p99', 'Batches', 'Failed calls', 'Outages']);
  #age = element('p', 'failure');
  #failure = element('p', 'failure');
  #fetchers = element('ul', 'fetchers');
  #lines = new KeyedList(this.#fetchers, (f) => f.index, () => new FetcherLine());
  node = element(
    'li', 'upstream', {},
    element('div', 'title', {}, this.#state.node, this.#address),
    element('div', 'meter', {}, this.#bar.node, this.#limit),
    this.#figures.node, this.#age, this.#failure, this.#fetchers
  );

  /** `failed`: its last failure is none of an outage, which has a list of its own. */
  update({failed, now, ...upstream}) {
    const {calls_in_flight: used = 0, limit = 0, latency: times} = upstream;
    this.#state.set(upstream.state);
    setText(this.#address, upstream.address);
    const text = `${count(used)} of ${plural(limit, 'call')} in flight`;
    this.#bar.set({used: limit > 0 ? used / limit : 0}, text);
    setText(this.#limit, text);
    this.#figures.set(
      rate(upstream.batches_per_second), latency(times?.p50_seconds), latency(times?.p99_seconds), count(upstream.batches),
      failuresText(upstream), count(upstream.outages)
    );
    const age = asOf(upstream.last_batch_seconds);
    this.#age.hidden = !age;
    setText(this.#age, `The last batch and the latency are ${age}.`);
    this.#failure.hidden = !failed;
    setText(this.#failure, failed ? `Last failure at ${dayAndClock(upstream.last_failure_at, now)}: ${upstream.last_failure}` : '');
    this.#lines.set(upstream.fetchers);
  }
}

export class Upstreams {
  #cards = new KeyedList(byId('upstream-list'), (u) => u.address, () => new UpstreamCard());
  #count = byId('upstream-count');

  update({status}) {
    const up = status.upstreams.filter((u) => u.state === 'up').length;
    const queued = status.queue.length;
    setText(this.#count, `${up} of ${status.upstreams.length} up${queued == null ? '' : `, ${plural(queued, 'batch', 'batches')} queued`}`);
    this.#cards.set(status.upstreams.map((u) => ({...u, failed: failedWithoutOutage(u, status.outages), now: status.now})));
  }
}
