// The page before a stand-in: what a real dispatcher cannot be brought to say.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {openPage, startBrowser} from './browser.js';
import {crowdClient, historyWith, sessionRow, startStub, statusWith} from './stub_server.js';

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

const phone = {viewport: {width: 360, height: 740}, hasTouch: true, isMobile: true};
const crowd = (size, step) => Array.from({length: size}, (_, i) => crowdClient(i, step));

/** A stand-in whose numbers change at each look. */
function startCrowd(size, changes = {}) {
  let step = 0;
  return startStub({status: () => statusWith(crowd(size, ++step), step, changes)});
}

/** Runs `body(page, stub)` and checks that nothing went wrong in the page meanwhile. */
async function withPage(stub, options, body) {
  const {page, problems, close} = await openPage(browser, stub.url, options);
  try {
    await body(page);
    assert.deepEqual(problems, []);
  } finally {
    await close();
    await stub.close();
  }
}

const rows = (page) => page.locator('#client-list .rows .row:visible');
const row = (page, text) => rows(page).filter({hasText: text});

/** Script, layout and all time of the page's thread in ms, by the browser's own count. */
async function threadTimes(session) {
  const {metrics} = await session.send('Performance.getMetrics');
  const of = (name) => metrics.find((m) => m.name === name).value * 1000;
  return {script: of('ScriptDuration'), layout: of('LayoutDuration') + of('RecalcStyleDuration'), all: of('TaskDuration')};
}

/** Gaps between frames in ms, sorted, for so long. */
const frameGaps = (page, ms) => page.evaluate((duration) => new Promise((resolve) => {
  const gaps = [];
  const start = performance.now();
  let last = start;
  requestAnimationFrame(function next(now) {
    gaps.push(now - last);
    last = now;
    if (now - start < duration) requestAnimationFrame(next);
    else resolve(gaps.slice(1).sort((a, b) => a - b));
  });
}), ms);

test('a thousand clients are a screenful of rows', async (t) => {
  const stub = await startCrowd(1000);
  await withPage(stub, {}, async (page) => {
    await page.locator('#client-count', {hasText: '1,000'}).waitFor();
    assert.equal(await page.locator('#client-list').getAttribute('aria-rowcount'), '1001');
    assert.ok(await page.locator('#client-list .rows .row').count() < 40);
    assert.ok(await page.locator('#actor-list .rows .row').count() < 40);

    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    const [before, looksBefore] = [await threadTimes(session), stub.requests.get('/status')];
    const gaps = await frameGaps(page, 5000);
    const [after, looks] = [await threadTimes(session), stub.requests.get('/status') - looksBefore];
    assert.ok(looks > 0, 'the page asks on');
    const each = (name) => `${((after[name] - before[name]) / looks).toFixed(1)} ms ${name === 'all' ? 'in all' : name}`;
    t.diagnostic(`1,000 clients, ${looks} updates in 5 s: ${each('script')}, ${each('layout')}, ${each('all')} an update; ` +
      `frames: median ${gaps[gaps.length >> 1].toFixed(1)} ms, 99% ${gaps[Math.floor(gaps.length * 0.99)].toFixed(1)} ms, longest ${gaps.at(-1).toFixed(1)} ms`);

    await page.locator('#client-list').evaluate((list) => list.scrollTo(0, list.scrollHeight));
    await page.locator('#client-list .row[aria-rowindex="1001"]').waitFor();
    assert.ok(await page.locator('#client-list .rows .row').count() < 40);
  });
});

test('clients are sorted and filtered', async () => {
  await withPage(await startCrowd(200), {}, async (page) => {
    await row(page, 'stalled').first().waitFor();
    assert.match(await page.locator('#client-list .row[aria-rowindex="2"]').textContent(), /stalled for .*: its socket takes nothing/);
    await page.getByLabel('Filter trainers').fill('slow 10.0.0.16:');
    await page.locator('#client-count', {hasText: '1 of 200'}).waitFor();
    await page.getByLabel('Filter trainers').fill('no such text');
    await page.locator('#client-empty', {hasText: 'No trainer matches.'}).waitFor();
    await page.getByLabel('Filter trainers').fill('');
    await page.getByLabel('Sort').selectOption('client');
    await page.locator('#client-list .row[aria-rowindex="2"]', {hasText: '10.0.0.0:40000'}).waitFor();
    await page.getByRole('button', {name: 'turn round'}).click();
    await page.locator('#client-list .row[aria-rowindex="2"]', {hasText: '10.0.0.199:40199'}).waitFor();
    await page.getByRole('button', {name: 'Batches/s'}).click();
    await page.locator('#client-list [aria-sort=ascending]', {hasText: 'Batches/s'}).waitFor();
  });
});

for (const colorScheme of ['light', 'dark']) {
  test(`a phone shows all in its width, ${colorScheme}`, async () => {
    await withPage(await startCrowd(1000), {...phone, colorScheme}, async (page) => {
      await row(page, 'stalled').first().waitFor();
      const {scrolled, wide} = await page.evaluate(() => ({
        scrolled: [document.documentElement.scrollWidth, innerWidth],
        wide: [...document.querySelectorAll('main *, header *')]
          .filter((node) => node.getBoundingClientRect().right > innerWidth + 1).map((node) => node.outerHTML.slice(0, 80)),
      }));
      assert.deepEqual(scrolled, [360, 360]);
      assert.deepEqual(wide, []);
      const light = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).every((c) => c > 128));
      assert.equal(light, colorScheme === 'light');
    });
  });
}

test('everything is reached by keyboard', async () => {
  await withPage(await startCrowd(200), {}, async (page) => {
    await row(page, 'stalled').first().waitFor();
    const stops = [];
    for (let i = 0; i < 25; ++i) {
      await page.keyboard.press('Tab');
      const {stop, outlined} = await page.evaluate(() => {
        const {activeElement: active, body} = document;
        const name = active === body ? '' : active.id || active.textContent.trim();
        return {stop: name, outlined: getComputedStyle(active).outlineStyle !== 'none'};
      });
      // After the last stop the focus leaves the page.
      if (stop === '') break;
      assert.ok(outlined, `the focus is seen on ${stop}`);
      stops.push(stop);
    }
    assert.deepEqual(stops, [
      'Trainers', 'Outages', 'Dataset service', 'Events', 'Actors', 'verdict-slowest', 'verdict-failures', 'verdict-end', 'verdict-cache', 'chart-span',
      'client-filter', 'client-sort', 'client-reverse', 'client-list', 'event-filter', 'event-level', 'event-list', 'actor-list', 'Configuration',
    ]);
    await page.locator('#client-list').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.locator('#client-list .row[aria-rowindex="3"][aria-selected=true]').waitFor();
    const active = await page.locator('#client-list').getAttribute('aria-activedescendant');
    assert.equal(await page.locator(`#${active}`).getAttribute('aria-rowindex'), '3');
    await page.locator('#client-details', {hasText: 'Connected since'}).waitFor();
    await page.keyboard.press('End');
    await page.locator('#client-list .row[aria-rowindex="201"][aria-selected=true]').waitFor();
    await page.keyboard.press('Home');
    await page.locator('#client-list .row[aria-rowindex="2"][aria-selected=true]').waitFor();
  });
});

test('a group of actors opens and closes', async () => {
  await withPage(await startCrowd(200), {}, async (page) => {
    const group = page.locator('#actor-list .row', {hasText: 'client× 200'});
    await group.waitFor();
    await group.click();
    await page.locator('#actor-list .row[aria-level="3"]').first().waitFor();
    assert.equal(await group.getAttribute('aria-expanded'), 'true');
    await page.locator('#actor-list').press('ArrowLeft');
    await page.locator('#actor-list .row[aria-level="3"]:visible').first().waitFor({state: 'hidden'});
    await page.locator('#actor-list').press('ArrowRight');
    await page.locator('#actor-list .row[aria-level="3"]').first().waitFor();
  });
});

test('an event is shown, selected by level, and has the status asked at once', async () => {
  const stub = await startCrowd(3);
  await withPage(stub, {}, async (page) => {
    await rows(page).first().waitFor();
    const event = (seq, level, name) => stub.send({seq, time: '2026-01-01T12:10:00Z', level, event: name, fields: {upstream: 'localhost:50051'}});
    event(1, 'info', 'client_start');
    event(2, 'warning', 'upstream_down');
    const first = page.locator('#event-list .row[aria-rowindex="1"]');
    await first.filter({hasText: 'upstream_down'}).waitFor();
    await page.locator('#event-level').selectOption('warning');
    await page.locator('#event-count', {hasText: '1 of 2'}).waitFor();
    event(3, 'error', 'client_failed');
    await first.filter({hasText: 'client_failed'}).waitFor();
    await first.click();
    await page.locator('#event-details', {hasText: 'client_failed upstream=localhost:50051'}).waitFor();
    await page.locator('#verdict-failures', {hasText: 'client_failed'}).waitFor();
    await page.locator('#announcer[aria-live=polite]', {hasText: /client_failed$/}).waitFor();
  });
});

/** A stand-in that remembers these sessions. */
const startMemory = (sessionRows) => startStub({
  status: () => statusWith(crowd(2, 0)),
  history: (seconds) => ({
    ...historyWith(seconds, '2026-01-01T12:10:00.000Z', () => 1), sessions: {step_seconds: 60, ends_at: '2026-01-01T12:10:00.000Z', rows: sessionRows},
  }),
});
const bad = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
const remembered = [
  sessionRow('gone', {
    gone_at: '2026-01-01T12:00:00.000Z', outcome: 'error', times: 3, seed: null, steps: null, end_epoch: null,
    batches_per_second: Array.from({length: 60}, (_, i) => (i < 50 ? 20 : null)),
  }),
  ...[1, 0].map((index) => sessionRow('resnet50', {shard: {index, count: 2}})),
  sessionRow(bad, {dataset: bad, gone_at: '2026-01-01T11:00:00.000Z', outcome: bad, batches_per_second: Array(60).fill(null), epochs: Array(60).fill(null)}),
];

test('sessions by name show those that are here and those that have gone', async () => {
  await withPage(await startMemory(remembered), {}, async (page) => {
    await page.locator('#session-count', {hasText: '2 here, 2 away'}).waitFor();
    const cells = (i) => page.locator(`#session-list .row[aria-rowindex="${i + 2}"] .cell`).allTextContents();
    const [state, session, epoch, progress, , when] = await cells(0);
    assert.deepEqual([state, session, epoch, progress], ['●here', 'resnet50, shard 0/2mnist, seed 7', '3 of 90', '120 / 500']);
    assert.match(when, /^since \d\d:10:00$/);
    assert.match((await cells(1))[1], /^resnet50, shard 1\/2/);
    assert.match((await cells(2)).join(' '), /^○away gonemnist, in order 3 120 \/ \? .*gone since \d\d:00:00 \(10 min 0 s\)ended with an error, came 3 times$/);
    await page.getByRole('img', {name: 'In the last hour 20.0 to 20.0 batches a second, here in 50 of 60 minutes'}).waitFor();
    await page.getByRole('img', {name: 'Not here in the last hour'}).waitFor();
    assert.match((await cells(3))[1], /onerror/);
    assert.equal(await page.locator('img').count(), 0);
  });
});

test('a phone shows sessions in its width', async () => {
  await withPage(await startMemory(remembered), phone, async (page) => {
    await page.locator('#session-count', {hasText: '2 here, 2 away'}).waitFor();
    assert.deepEqual(await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]), [360, 360]);
    for (const row of await page.locator('#session-list .rows .row:visible').all())
      assert.equal(await row.evaluate((node) => node.scrollHeight > node.clientHeight), false);
  });
});

test('without names there is no panel of sessions', async () => {
  await withPage(await startMemory([]), {}, async (page) => {
    await page.locator('#chart[aria-label*="Now"]').waitFor();
    await rows(page).first().waitFor();
    assert.ok(await page.locator('#sessions').isHidden());
  });
});

const ofGroup = (changes) => statusWith(crowd(2, 0), 0, {
  groups: {
    store: 'serving',
    rows: [{
      name: 'eval', dataset: 'mnist', generation: 1, state: 'serving', epoch: 3, open_epoch: 2, epochs: 10, batches: 334, acked: 700, redelivered: 4,
      parked: 1, batches_per_second: 50, store_problem: null, elsewhere: [],
      members: [{client: bad, held: 2, held_seconds: 12, oldest: {epoch: 2, position: 90}, acked: 300}], ...changes,
    }],
  },
});

test('groups show who holds up the end of the epoch', async () => {
  for (const view of [{}, phone])
    await withPage(await startStub({status: () => ofGroup({})}), view, async (page) => {
      const row = (i) => page.locator(`#group-list .row[aria-rowindex="${i + 2}"]`);
      await row(0).locator('.note', {hasText: 'the end of epoch 2 waits for'}).waitFor();
      assert.deepEqual(await row(0).locator('.cell').allTextContents().then((x) => x.slice(0, 5)), ['●serving', 'eval', '2 of 10', '700', '50.0']);
      assert.match(await row(1).textContent(), /onerror.*12 s/);
      assert.equal(await page.locator('img').count(), 0);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
    });
});

test('without groups there is no panel of them', async () => {
  await withPage(await startStub({status: () => statusWith(crowd(2, 0))}), {}, async (page) => {
    await rows(page).first().waitFor();
    assert.ok(await page.locator('#groups').isHidden());
  });
});

test('what comes from outside is text and nothing else', async () => {
  const client = {...crowdClient(1, 1), id: bad, peer: bad, dataset: bad, state: bad, bottleneck: bad};
  const stub = await startStub({
    status: () => statusWith([client], 1, {
      version: bad, config: {[bad]: bad, dataset: bad, listen: bad}, unanswered: [bad], ready: {ready: false, reasons: [bad]},
      upstreams: [{address: bad, state: 'down', last_failure: bad, failures_by_code: {[bad]: 1}, fetchers: [{index: 0, state: bad}]}],
      actors: [{id: 1, parent: null, name: bad, label: bad, state: bad}],
    }),
    preview: {dataset: bad, batch_index: 0, data_type: bad, sample_shape: [], images: null, reason: bad},
  });
  await withPage(stub, {}, async (page) => {
    await rows(page).first().click();
    stub.send({seq: 1, time: bad, level: bad, event: bad, fields: {[bad]: bad}});
    stub.send({seq: 2, time: bad, level: 'error', event: bad, fields: {[bad]: bad}});
    await page.locator('#event-list .row:visible').first().click();
    await page.locator('#preview-text', {hasText: 'onerror'}).waitFor();
    await page.locator('#client-details', {hasText: 'onerror'}).waitFor();
    assert.equal(await page.locator('img').count(), 0);
    assert.equal(await page.locator('script').count(), 1);
    assert.match(await page.title(), /Data Dispatcher/);
  });
});

test('what does not answer is said, and the rest is shown', async () => {
  const silent = {id: 'client_10.0.0.1:5', actor: 9, state: 'no_answer', bottleneck: 'none'};
  const stub = await startStub({
    status: () => ({
      schema: 1, version: '0.1.0', started_at: '2026-01-01T12:00:00Z', now: '2026-01-01T12:10:00Z', uptime_seconds: 600, state: 'serving',
      unanswered: ['frame_cache', 'fetcher_pool'], clients: {connected: 1, rows: [silent]},
    }),
  });
  await withPage(stub, {}, async (page) => {
    await row(page, 'did not answer in time').waitFor();
    await page.locator('#verdict-failures', {hasText: 'cache, fetcher_pool do not answer'}).waitFor();
    await page.locator('#cache-state', {hasText: 'no answer'}).waitFor();
  });
});

test('a dispatcher that drains says so', async () => {
  await withPage(await startCrowd(2, {state: 'draining', ready: {ready: false, reasons: ['draining']}}), {}, async (page) => {
    await page.locator('#banner', {hasText: 'draining: it takes no new trainers and ends when 2 passes have ended'}).waitFor();
    await page.locator('#state', {hasText: 'draining'}).waitFor();
  });
});

test('the page says that the dispatcher is gone, and finds the next one by itself', async () => {
  const first = await startCrowd(2);
  const {page, problems, close} = await openPage(browser, first.url);
  await rows(page).first().waitFor();
  first.send({seq: 7, time: '2026-01-01T12:10:00Z', level: 'info', event: 'client_start', fields: {}});
  await page.locator('#event-list .row', {hasText: 'client_start'}).waitFor();
  await first.close();
  await page.locator('#banner', {hasText: /The dispatcher is gone: no connection since \d\d:\d\d:\d\d/}).waitFor();
  await page.locator('body.is-gone').waitFor();
  await page.locator('#state', {hasText: 'gone'}).waitFor();
  assert.match(await page.title(), /^Gone/);

  let step = 0;
  const status = () => statusWith(crowd(5, ++step), step, {started_at: '2026-01-01T13:00:00.000Z'});
  const second = await startStub({port: first.port, status});
  await page.locator('#client-count', {hasText: '5'}).waitFor();
  await page.locator('#banner').waitFor({state: 'hidden'});
  await page.locator('body:not(.is-gone)').waitFor();
  // Its events count from 1 again, and those of the first one are not its.
  second.send({seq: 1, time: '2026-01-01T13:10:00Z', level: 'info', event: 'client_end', fields: {}});
  await page.locator('#event-list .row', {hasText: 'client_end'}).waitFor();
  await page.locator('#event-count', {hasText: /^1$/}).waitFor();
  assert.deepEqual(problems, []);
  await close();
  await second.close();
});

test('a dispatcher that cannot answer is told from one that is gone', async () => {
  await withPage(await startStub({status: () => null}), {}, async (page) => {
    await page.locator('#banner', {hasText: 'The dispatcher is not there: it answers 503.'}).waitFor();
  });
});
