// What the page answers to somebody on call, before a stand-in that is in the situation.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {openPage, startBrowser} from './browser.js';
import {afterNights, afterOutage, ago, duringOutage, historyOfNights, stalledBesideSlow} from './scenes.js';
import {startStub} from './stub_server.js';

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

const preview = {dataset: 'mnist', batch_index: 7, batch_size: 20, data_type: 'float32', sample_shape: [2], images: null, reason: 'two numbers'};

/** Runs `body(page, stub)` and checks that nothing went wrong in the page meanwhile. */
async function inScene(status, body, options = {}) {
  const stub = await startStub({status, history: historyOfNights, preview});
  const {page, problems, close} = await openPage(browser, stub.url, options);
  try {
    await body(page, stub);
    assert.deepEqual(problems, []);
  } finally {
    await close();
    await stub.close();
  }
}

const verdict = (page, name, text) => page.locator(`#verdict-${name}`, {hasText: text}).waitFor();

/** The colours of the chart's pixels from left to right near its top, where no line is. */
const skyOf = (page) => page.locator('#chart canvas').evaluate((canvas) => {
  const {data} = canvas.getContext('2d').getImageData(0, 14, canvas.width, 1);
  return Array.from({length: canvas.width}, (_, i) => data.slice(i * 4, i * 4 + 4).join());
});
const outageColour = (page) => page.evaluate(() => {
  const canvas = Object.assign(document.createElement('canvas'), {width: 1, height: 1});
  const context = canvas.getContext('2d');
  context.fillStyle = getComputedStyle(document.body).getPropertyValue('--outage');
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data.join();
});
/** Waits until the chart shows so many bands. */
async function untilBands(page, wanted) {
  const colour = await outageColour(page);
  let bands;
  for (const end = Date.now() + 15_000; Date.now() < end; await page.waitForTimeout(50)) {
    const sky = await skyOf(page);
    bands = sky.filter((pixel, i) => pixel === colour && sky[i - 1] !== colour).length;
    if (bands === wanted) return;
  }
  assert.fail(`${bands} bands`);
}

test('during an outage the page says since when, who is hurt, and promises nothing', async () => {
  await inScene(duringOutage, async (page) => {
    await verdict(page, 'failures', /localhost:50051 is down for 48 s/);
    await verdict(page, 'failures', /it goes on\. So far 3 trainers held up, no pass failed\. 7 attempts to connect, the next in 4\.2 s/);
    await verdict(page, 'end', 'No end in sight: no dataset service is up');
    await page.locator('#state', {hasText: 'not ready'}).waitFor();
    await page.locator('#banner', {hasText: 'Not ready: no dataset service is up; localhost:50051 is away'}).waitFor();
    assert.match(await page.title(), /^Not ready/);
    assert.deepEqual(await page.locator('#client-list .rows .remaining').allTextContents(), ['–', '–', '–']);
    const row = page.locator('#outage-list .rows .row');
    assert.deepEqual(await row.locator('.cell').allTextContents().then((texts) => texts.slice(1, 6)), ['48 s', '✕goes on', 'localhost:50051', '7', '3']);
    await page.locator('.upstream', {hasText: 'The last batch and the latency are as of 48 s ago.'}).waitFor();
    await page.locator('#preview-text', {hasText: 'as of 48 s ago'}).waitFor();
    // Attempts are neither failures nor restarts.
    assert.doesNotMatch(await page.locator('main').textContent(), /restart/i);
    assert.doesNotMatch(await page.locator('#upstreams').textContent(), /Last failure/);
  });
});

test('ten minutes after an outage the page still knows all of it', async () => {
  await inScene(afterOutage, async (page) => {
    await verdict(page, 'failures', 'localhost:50051 was down for 1 min 2 s');
    await verdict(page, 'failures', /over for 10 min 0 s; 3 trainers held up, no pass failed\./);
    await page.locator('#state', {hasText: 'serving'}).waitFor();
    await page.locator('#outage-count', {hasText: '1, 1 min 2 s in all'}).waitFor();
    await page.locator('#chart[aria-label*="1 outage,"]').waitFor();
    assert.equal(await page.locator('#verdict-failures').getAttribute('href'), '#outages');
    await page.locator('#outage-list').focus();
    await page.keyboard.press('ArrowDown');
    await page.locator('#outage-details', {hasText: /was lost at .* and answered again at .*9 attempts to connect, 3 trainers held up/}).waitFor();
  });
});

test('a slow trainer is named beside a stalled one', async () => {
  await inScene(stalledBesideSlow, async (page) => {
    await verdict(page, 'slowest', 'client_10.0.0.4:40004 is stalled, client_10.0.0.3:40003 is slow');
    const row = (id) => page.locator('#client-list .rows .row', {hasText: `10.0.0.${id}:`});
    await row(4).locator('.attention', {hasText: 'stalled for 1 min 15 s'}).waitFor();
    await row(3).locator('.attention', {hasText: 'slow: waits for its own socket'}).waitFor();
    assert.equal(await row(3).locator('.samples').textContent(), '135');
    assert.equal(await row(3).locator('.waited').textContent(), '<1%');
    await row(3).locator('.client', {hasText: '2 passes of its host'}).waitFor();
    await verdict(page, 'cache', /A pass is .* MiB: --cache-mb 64 holds it/);
    await page.locator('#facts', {hasText: '4 trainers now, 6 passes begun'}).waitFor();
  });
});

test('a page opened on the third day shows both nights', async () => {
  await inScene(afterNights, async (page) => {
    await page.locator('#chart[aria-label^="Throughput of the last 1 h"]').waitFor();
    await page.locator('#chart-span').selectOption('604800');
    await page.locator('#chart[aria-label*="4 outages"]').waitFor();
    await page.locator('#chart-since', {hasText: /In memory since .*, the dispatcher's start; Prometheus keeps more\./}).waitFor();
    await page.locator('#chart[aria-label*="4 errors"]').waitFor();
    await untilBands(page, 4);
    await page.locator('#chart-span').selectOption('300');
    await page.locator('#chart[aria-label*="0 outages"]').waitFor();
    await untilBands(page, 0);
    assert.equal(await page.locator('#outage-list .rows .row').count(), 4);
  });
});

test('each mark of the chart has its entry in the legend', async () => {
  await inScene(afterNights, async (page) => {
    const legend = await page.locator('#throughput .now').allTextContents();
    assert.deepEqual(legend.map((text) => text.replace(/[\d.,–]+/, '').trim()), ['batches/s', 'MB/s', 'outage', 'warning', 'error']);
    await page.locator('#chart[aria-label*="outage"]').waitFor();
  });
});

test('equal events are one row that counts', async () => {
  await inScene(afterOutage, async (page, stub) => {
    const failed = (seq, fields) => stub.send({
      seq, time: ago(100 - seq), level: 'warning', event: 'fetcher_failed', fields: {upstream: 'localhost:50051', fetcher: seq % 2, code: 'UNAVAILABLE', ...fields},
    });
    for (let seq = 1; seq <= 5; ++seq) failed(seq);
    failed(6, {repeated: 36});
    const rows = page.locator('#event-list .rows .row:visible');
    await rows.filter({hasText: 'fetcher_failed ×42'}).waitFor();
    assert.equal(await rows.count(), 1);
    await rows.click();
    await page.locator('#event-details', {hasText: '42 times since'}).waitFor();
    for (let seq = 7; seq < 700; ++seq) stub.send({seq, time: ago(0), level: 'info', event: seq % 2 ? 'client_start' : 'client_end', fields: {client: 'c'}});
    await page.locator('#event-count', {hasText: '506'}).waitFor();
    await page.locator('#event-level').selectOption('warning');
    await rows.filter({hasText: 'fetcher_failed ×42'}).waitFor();
  });
});

test('when the dispatcher is gone everything is marked as old', async () => {
  await inScene(afterOutage, async (page, stub) => {
    await verdict(page, 'failures', 'was down');
    await stub.close();
    await page.locator('body.is-gone').waitFor();
    const marks = await page.locator('h2, .question').evaluateAll((titles) => titles.map((title) => getComputedStyle(title, '::after').content));
    assert.ok(marks.length >= 12);
    for (const mark of marks) assert.match(mark, /^" as of \d\d:\d\d:\d\d"$/);
  });
});

test('a phone shows an outage in its width', async () => {
  await inScene(duringOutage, async (page) => {
    await page.locator('#outage-list .rows .row', {hasText: 'goes on'}).waitFor();
    assert.deepEqual(await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]), [360, 360]);
    const cut = await page.locator('#outage-list .rows .row').evaluate((row) => row.scrollHeight > row.clientHeight);
    assert.equal(cut, false);
  }, {viewport: {width: 360, height: 740}, isMobile: true, hasTouch: true});
});

test('the latest batch is there although it is far down', async () => {
  await inScene(afterOutage, async (page) => {
    await page.locator('#preview-text', {hasText: 'Batch mnist / 7'}).waitFor();
    assert.ok(await page.locator('#preview').evaluate((panel) => panel.getBoundingClientRect().top > innerHeight + 400));
  }, {viewport: {width: 390, height: 600}, isMobile: true, hasTouch: true});
});
