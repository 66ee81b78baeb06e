// What runs, since when, whether it is there; and the banner that says when it is not.

import {Badge, byId, setAttribute, setText} from '../dom.js';
import {clock, count, duration, plural, secondsBetween} from '../format.js';

function bannerText({status, gone}) {
  if (gone) {
    const ago = duration(secondsBetween(gone.since, Date.now()));
    return status
      ? `The dispatcher is gone: ${gone.reason} since ${clock(gone.since)}, for ${ago}. What is shown below was true then. This page asks again every second.`
      : `The dispatcher is not there: ${gone.reason}. This page asks again every second.`;
  }
  if (status?.state === 'draining')
    return `The dispatcher is draining: it takes no new trainers and ends when ${plural(status.clients.connected, 'pass', 'passes')} ${status.clients.connected === 1 ? 'has' : 'have'} ended or its time is up.`;
  const reasons = status?.ready.reasons ?? [];
  return reasons.length > 0 ? `Not ready: ${reasons.join('; ')}.` : '';
}

/** `serving` is the state of one that is ready. */
function stateOf({status, gone}) {
  if (gone) return 'gone';
  if (!status) return 'connecting';
  return status.state === 'serving' && !status.ready.ready ? 'not_ready' : status.state;
}

const titles = {gone: 'Gone', draining: 'Draining', not_ready: 'Not ready'};

export class Header {
  #state = new Badge();
  #banner = byId('banner');
  #facts = byId('facts');

  constructor() {
    byId('state').append(this.#state.node);
  }

  update(store) {
    const {status, gone} = store;
    const state = stateOf(store);
    this.#state.set(state);
    document.body.classList.toggle('is-gone', gone != null);
    // The style sheet puts it behind every title.
    document.body.style.setProperty('--as-of', gone ? `" as of ${clock(gone.since)}"` : '');
    const text = bannerText(store);
    this.#banner.hidden = text === '';
    setAttribute(this.#banner, 'data-tone', state === 'draining' ? 'warn' : 'bad');
    setText(this.#banner, text);
    if (!status) return;
    const {config} = status;
    setText(this.#facts, [
      `version ${status.version}`,
      `up ${duration(status.uptime_seconds)}`,
      config.dataset && `${config.dataset} in batches of ${config['batch-size']}`,
      config.listen && `listens on ${config.listen}`,
      `${plural(status.clients.connected, 'trainer')} now, ${plural(status.clients.accepted, 'pass', 'passes')} begun`,
      status.clients.refused > 0 && `${count(status.clients.refused)} refused`,
    ].filter(Boolean).join(' · '));
    document.title = `${titles[state] ?? plural(status.clients.connected, 'trainer')} · Data Dispatcher`;
  }
}
