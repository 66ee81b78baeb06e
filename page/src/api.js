// Asks the dispatcher: its status again and again, its events as they come. Addresses are relative to the page's own.

import {interval, leastInterval, pokeDelay} from './pace.js';

/** A question without an answer for so long counts as not answered. */
const patienceMs = 5000;
const reconnectMs = 1000;

const ask = (path) => fetch(path, {cache: 'no-store', signal: AbortSignal.timeout(patienceMs)});

/** {status} or, where there is none, {reason}. */
async function askStatus() {
  try {
    const response = await ask('status');
    return response.ok ? {status: await response.json()} : {reason: `it answers ${response.status}`};
  } catch (error) {
    return {reason: error.name === 'TimeoutError' ? `no answer within ${patienceMs / 1000} s` : 'no connection'};
  }
}

/** Asks for /status for as long as the page is there, one question at a time. */
export class StatusPoll {
  #timer = 0;
  #asking = false;
  #poked = false;
  #startedAt = -Infinity;
  #onStatus;
  #onGone;

  /** `onStatus(status)` gets each answer, `onGone(reason)` each failure. */
  constructor(onStatus, onGone) {
    this.#onStatus = onStatus;
    this.#onGone = onGone;
    document.addEventListener('visibilitychange', () => this.poke());
    this.#schedule(0);
  }

  /** Asks as soon as may be: something has happened. */
  poke() {
    if (this.#asking) this.#poked = true;
    else this.#schedule(pokeDelay(performance.now() - this.#startedAt));
  }

  #schedule(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), delay);
  }

  async #ask() {
    this.#asking = true;
    this.#poked = false;
    this.#startedAt = performance.now();
    const {status, reason} = await askStatus();
    const took = performance.now() - this.#startedAt;
    this.#asking = false;
    const pause = this.#poked ? leastInterval : interval({took, hidden: document.hidden, gone: !status});
    this.#schedule(Math.max(0, pause - took));
    if (status) this.#onStatus(status);
    else this.#onGone(reason);
  }
}

/**
 * Follows the events. The browser's own reconnecting would ask a dispatcher that was started again for what comes after the
 * last run's numbers: so each connection is a new one. While the page is hidden there is none, as a browser has six for all
 * its tabs.
 */
export class EventStream {
  #source = null;
  #timer = 0;
  #lastSeq;
  #onEvent;
  #onEnd;

  /** `lastSeq()` says after which event to go on, `onEvent(event)` gets each, `onEnd()` hears that the connection is gone. */
  constructor(lastSeq, onEvent, onEnd) {
    this.#lastSeq = lastSeq;
    this.#onEvent = onEvent;
    this.#onEnd = onEnd;
    document.addEventListener('visibilitychange', () => (document.hidden ? this.#close() : this.restart()));
    if (!document.hidden) this.restart();
  }

  /** Connects anew. */
  restart() {
    this.#close();
    const source = new EventSource(`events/stream?after=${this.#lastSeq()}`);
    source.onmessage = (message) => this.#onEvent(JSON.parse(message.data));
    source.onerror = () => {
      this.#close();
      this.#timer = setTimeout(() => this.restart(), reconnectMs);
      this.#onEnd();
    };
    this.#source = source;
  }

  #close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }
}

async function orNull(path) {
  try {
    const response = await ask(path);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** The latest batch; null where there is none yet, or no answer. */
export const latestPreview = () => orNull('preview');

/** What was sent in the last seconds; null where there is no answer. */
export const historyOf = (seconds) => orNull(`history?seconds=${seconds}`);
