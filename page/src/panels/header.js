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
    return `The dispatcher is draining: it takes no new trainers and ends when ${plural(status.clients.connected, 'stream')} ${status.clients.connected === 1 ? 'has' : 'have'} ended or its time is up.`;
  const reasons = status?.ready.reasons ?? [];
  return reasons.length > 0 ? `Not ready: ${reasons.join('; ')}.` : '';
}

export class Header {
  #state = new Badge();
  #banner = byId('banner');
  #facts = byId('facts');

  constructor() {
    byId('state').append(this.#state.node);
  }

  update(store) {
    const {status, gone} = store;
    this.#state.set(gone ? 'gone' : (status?.state ?? 'connecting'));
    document.body.classList.toggle('is-gone', gone != null);
    const text = bannerText(store);
    this.#banner.hidden = text === '';
    setAttribute(this.#banner, 'data-tone', gone ? 'bad' : 'warn');
    setText(this.#banner, text);
    if (!status) return;
    const {config} = status;
    setText(this.#facts, [
      `version ${status.version}`,
      `up ${duration(status.uptime_seconds)}`,
      config.dataset && `${config.dataset} in batches of ${config['batch-size']}`,
      config.listen && `listens on ${config.listen}`,
      `${plural(status.clients.connected, 'trainer')} now, ${count(status.clients.accepted)} since the start`,
      status.clients.refused > 0 && `${count(status.clients.refused)} refused`,
    ].filter(Boolean).join(' · '));
    document.title = `${gone ? 'Gone' : status.state === 'draining' ? 'Draining' : plural(status.clients.connected, 'trainer')} · Data Dispatcher`;
  }
}
