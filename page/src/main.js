// Puts the page together: what comes from the dispatcher goes into the store, and the panels show the store.

import {EventStream, StatusPoll} from './api.js';
import {Actors} from './panels/actors.js';
import {Cache} from './panels/cache.js';
import {Chart} from './panels/chart.js';
import {Clients} from './panels/clients.js';
import {Config} from './panels/config.js';
import {Events} from './panels/events.js';
import {Groups} from './panels/groups.js';
import {Header} from './panels/header.js';
import {Outages} from './panels/outages.js';
import {Preview} from './panels/preview.js';
import {Sessions} from './panels/sessions.js';
import {Upstreams} from './panels/upstreams.js';
import {Verdicts} from './panels/verdicts.js';
import {Store} from './store.js';

const store = new Store();
const header = new Header();
const events = new Events();
const panels = [new Verdicts(), new Chart(), new Clients(), new Sessions(), new Groups(), new Outages(), new Upstreams(), new Cache(), new Actors(), new Preview(), new Config()];

/** Whatever has come since the last frame is shown by the next one, once. */
let drawing = 0;
function draw() {
  drawing ||= requestAnimationFrame(() => {
    drawing = 0;
    header.update(store);
    events.update(store);
    if (store.status && !store.gone) for (const panel of panels) panel.update(store);
  });
}

const stream = new EventStream(
  () => store.log.lastSeq,
  (event) => {
    if (store.log.add(event)) poll.poke();
    draw();
  },
  () => poll.poke()
);
const poll = new StatusPoll(
  (status) => {
    if (store.take(status)) stream.restart();
    draw();
  },
  (reason) => {
    store.lose(reason);
    draw();
  }
);
draw();
