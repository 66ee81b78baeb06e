// The page before a real dispatcher, which has a real dataset service behind it and real consumers before it.
//
// With DISPATCHER_SCREENSHOT=FILE it takes the picture that the README shows (build target page_screenshot).
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {openPage, startBrowser} from './browser.js';
import {startDatasetServer, startDispatcher, startSession, startTrainer} from './programs.js';

// MNIST in batches of 20 are 500 frames of 84 KB; the dataset service brings 50 of them a second. The cache holds less than all:
// at any time somebody needs the dataset service.
const frameBytes = Math.ceil(20 * 28 * 28 * 4 / 3) * 4;
const datasetOptions = ['--latency-ms', '40'];
const dispatcherOptions = [
  '--batch-size', '20', '--in-flight', '2', '--fetch-mode', 'get', '--cache-mb', '16', '--window', '8', '--drain-timeout', '4s',
  '--sessions', '127.0.0.1:0'];
const fast = 20 * frameBytes;
const slow = 2 * frameBytes;

const sampleBytes = 28 * 28 * 4;

let browser, page, problems, datasetServer, dispatcher, trainers;
const sessions = [];

before(async () => {
  browser = await startBrowser();
  datasetServer = await startDatasetServer(0, ...datasetOptions);
  dispatcher = await startDispatcher(0, ...dispatcherOptions, '--upstream', `127.0.0.1:${datasetServer.fields.port}`);
  trainers = [];
  ({page, problems} = await openPage(browser, `http://127.0.0.1:${dispatcher.fields.admin}/`));
  page.setDefaultTimeout(30_000);
});

after(async () => {
  for (const trainer of trainers ?? []) trainer.stop();
  await Promise.all(sessions.map((session) => session.stop()));
  await browser?.close();
  for (const program of [dispatcher, datasetServer]) {
    program?.signal('SIGKILL');
    await program?.ended;
  }
});

const newTrainer = async (pace) => {
  const trainer = await startTrainer(dispatcher.fields.port, pace);
  trainers.push(trainer);
  return trainer;
};
const rowOf = (trainer) => page.locator('#client-list .rows .row', {hasText: trainer.id.replace('client_', '')});
const newSession = (samplesPerSecond, ...options) => {
  const session = startSession(dispatcher.fields.sessions, samplesPerSecond * sampleBytes, ...options);
  sessions.push(session);
  return session;
};
const sessionRow = (text) => page.locator('#session-list .rows .row:visible', {hasText: text});
const verdict = (name, text) => page.locator(`#verdict-${name}`, {hasText: text});
const event = (name) => page.locator('#event-list .row:visible', {hasText: name});

/** Waits until `value()` is as wanted. */
async function reached(value, isWanted) {
  let now;
  for (const end = Date.now() + 30_000; Date.now() < end; await page.waitForTimeout(50)) {
    now = await value();
    if (isWanted(now)) return now;
  }
  assert.fail(`still ${now}`);
}
const changed = (value, before) => reached(value, (now) => now !== before);

test('without trainers the page says so', async () => {
  await verdict('slowest', 'No trainer is connected').waitFor();
  await verdict('failures', 'Nothing has failed').waitFor();
  await page.locator('#upstream-list', {hasText: `127.0.0.1:${datasetServer.fields.port}`}).waitFor();
  await page.locator('#config-list', {hasText: 'batch-size'}).waitFor({state: 'attached'});
});

test('trainers appear, and their progress moves', async (t) => {
  const started = Date.now();
  const first = await newTrainer(fast);
  await page.locator('#client-count', {hasText: /^1$/}).waitFor();
  t.diagnostic(`a trainer was on the page ${Date.now() - started} ms after it had begun to connect`);
  await event('client_start').waitFor();
  await newTrainer(fast);
  await newTrainer(fast);
  await page.locator('#client-count', {hasText: /^3$/}).waitFor();
  const progress = () => rowOf(first).locator('.progress .text').textContent();
  const seen = await progress();
  assert.match(seen, /^\d+ \/ 500$/);
  await changed(progress, await changed(progress, seen));
  assert.equal(await page.locator('#verdict-end', {hasText: 'The pass ends in'}).count(), 1);
  await changed(() => page.locator('#now-batches').textContent(), '0');
});

test('the latest batch is shown as pictures', async () => {
  await page.locator('#preview-text', {hasText: '20 of 20 samples, float32 1×28×28'}).waitFor();
  const shades = await page.locator('#preview-canvas').evaluate((canvas) => {
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return {width: canvas.width, height: canvas.height, shades: new Set(data).size};
  });
  assert.deepEqual([shades.width, shades.height], [289, 57]);
  assert.ok(shades.shades > 20, 'digits have many shades');
});

test('the slow trainer is named, with its reason', async () => {
  const trainer = await newTrainer(slow);
  await page.locator('#client-count', {hasText: /^4$/}).waitFor();
  await verdict('slowest', `${trainer.id} is slow`).waitFor();
  await verdict('slowest', 'waits for its own socket').waitFor();
  await rowOf(trainer).locator('.attention', {hasText: 'slow: waits for its own socket'}).waitFor();
  await rowOf(trainer).locator('.client', {hasText: /\d+ passes of its host/}).waitFor();
});

test('a trainer that stalls is named as stalled beside the slow one, until it goes on', async () => {
  const slowOne = trainers.at(-1);
  const trainer = await newTrainer(fast);
  await rowOf(trainer).locator('.badge', {hasText: 'sending'}).waitFor();
  trainer.setPace(0);
  await rowOf(trainer).locator('.badge', {hasText: 'stalled'}).waitFor();
  await verdict('slowest', `${trainer.id} is stalled, ${slowOne.id} is slow`).waitFor();
  await rowOf(trainer).locator('.attention', {hasText: /stalled for .*: its socket takes nothing/}).waitFor();
  await rowOf(slowOne).locator('.attention', {hasText: 'slow: waits for its own socket'}).waitFor();
  trainer.setPace(fast);
  await rowOf(trainer).locator('.badge', {hasText: 'stalled'}).waitFor({state: 'hidden'});
  trainer.stop();
  await page.locator('#client-count', {hasText: /^4$/}).waitFor();
});

test('a dataset server that is killed is an outage, and its restart the end of it', async (t) => {
  const {port} = datasetServer.fields;
  const address = `127.0.0.1:${port}`;
  const outage = page.locator('#outage-list .rows .row:visible');
  const killed = Date.now();
  datasetServer.signal('SIGKILL');
  await verdict('failures', `${address} is down for`).waitFor();
  const shown = Date.now();
  const noticed = Date.parse(dispatcher.log.find((line) => line.includes(' upstream_down ')).split(' ')[0]);
  t.diagnostic(`the dispatcher noticed it ${noticed - killed} ms after the kill, and the page showed it ${shown - noticed} ms later`);
  await page.locator('.upstream > .title .badge', {hasText: 'down'}).waitFor();
  await page.locator('.fetcher', {hasText: 'next attempt in'}).first().waitFor();
  await event('upstream_down').waitFor();
  await page.locator('#banner', {hasText: 'Not ready'}).waitFor();
  await page.locator('#state', {hasText: 'not ready'}).waitFor();
  await outage.filter({hasText: 'goes on'}).waitFor();
  // The cache does not hold a pass: whoever has taken what it holds waits, and nobody knows for how long.
  await verdict('failures', /it goes on\. So far [1-9]\d* trainers? held up, no pass failed\./).waitFor();
  await verdict('end', 'No end in sight: no dataset service is up').waitFor();
  for (const remaining of await page.locator('#client-list .rows .remaining:visible').allTextContents()) assert.equal(remaining, '–');
  await datasetServer.ended;
  datasetServer = await startDatasetServer(port, ...datasetOptions);
  await page.locator('.upstream > .title .badge', {hasText: 'up'}).waitFor();
  await verdict('failures', `${address} was down for`).waitFor();
  await verdict('failures', /over for .*; [1-9]\d* trainers? held up, no pass failed\./).waitFor();
  await outage.filter({hasText: 'over'}).waitFor();
  assert.equal(await outage.count(), 1);
  await page.locator('#banner').waitFor({state: 'hidden'});
  await event('upstream_up').first().waitFor();
  await verdict('end', 'The pass ends in').waitFor();
});

test('a session that comes again goes on in its row', async () => {
  const options = ['--client', 'resnet50', '--shuffle', '7', '--epochs', '0', '--shard', '1/2'];
  const first = newSession(100, ...options);
  const row = sessionRow('resnet50, shard 1/2');
  await row.filter({hasText: /here.*since/}).waitFor();
  await row.filter({hasText: 'mnist, seed 7'}).waitFor();
  const steps = () => row.locator('.progress .text').textContent();
  assert.match(await changed(steps, await steps()), /^\d+ \/ 250$/);
  await row.getByRole('img', {name: /In the last hour .* batches a second, here in/}).waitFor();
  await first.stop();
  await row.filter({hasText: /away.*gone since .*connection lost/}).waitFor();
  await page.locator('#session-count', {hasText: '0 here, 1 away'}).waitFor();
  const second = newSession(100, ...options);
  await row.filter({hasText: /here.*came 2 times/}).waitFor();
  assert.equal(await sessionRow('resnet50').count(), 1);
  await second.stop();
});

test('a group shows its members, and goes with them', async () => {
  const options = ['--group', 'eval', '--epochs', '0'];
  const members = [newSession(100, ...options), newSession(100, ...options)];
  const rowsOf = (name) => page.locator('#group-list .rows .row:visible', {hasText: name});
  await rowsOf('member').nth(1).waitFor();
  const used = () => rowsOf('eval').locator('.acked').textContent();
  await changed(used, await used());
  await Promise.all(members.map((member) => member.stop()));
  await page.locator('#groups').waitFor({state: 'hidden'});
});

test('a page opened late shows what was before', async () => {
  const opened = new Date();
  const late = await openPage(browser, `http://127.0.0.1:${dispatcher.fields.admin}/`);
  late.page.setDefaultTimeout(30_000);
  const chart = late.page.locator('#chart[aria-label*="1 outage"]');
  await chart.waitFor();
  await late.page.locator('#verdict-failures', {hasText: 'was down for'}).waitFor();
  await late.page.locator('#outage-list .rows .row', {hasText: 'over'}).waitFor();
  const daySeconds = (hours, minutes, seconds) => (hours * 60 + minutes) * 60 + seconds;
  const secondsBefore = async () => {
    const since = (await chart.getAttribute('aria-label')).match(/since (\d\d):(\d\d):(\d\d)/).slice(1).map(Number);
    return (86400 + daySeconds(opened.getHours(), opened.getMinutes(), opened.getSeconds()) - daySeconds(...since)) % 86400;
  };
  // All of this began seconds ago, before that page was there.
  await reached(secondsBefore, (seconds) => seconds >= 3 && seconds < 3600);
  for (const span of ['300', '86400', '604800', '3600']) {
    const answered = late.page.waitForResponse((response) => response.url().endsWith(`/history?seconds=${span}`));
    await late.page.locator('#chart-span').selectOption(span);
    assert.equal((await answered).status(), 200);
  }
  assert.deepEqual(late.problems, []);
  await late.close();
});

test('the picture for the README', {skip: !process.env.DISPATCHER_SCREENSHOT}, async () => {
  await verdict('slowest', 'is slow').waitFor();
  trainers.splice(0, 2).forEach((trainer) => trainer.stop());
  const ranks = [0, 1, 2, 3].map((rank) => newSession(400, '--client', 'resnet50', '--shuffle', '7', '--batch-size', '64', '--epochs', '90', '--shard', `${rank}/4`));
  await newSession(2000, '--client', 'evaluation', '--epochs', '2', '--batch-size', '100');
  // There is more to see after a while.
  await page.waitForTimeout(60_000);
  await verdict('slowest', 'is slow').waitFor();
  await page.screenshot({path: process.env.DISPATCHER_SCREENSHOT, clip: {x: 0, y: 0, width: 1440, height: 1010}, fullPage: true});
});

test('draining and the end of the dispatcher are shown, and the next one is found', async () => {
  dispatcher.signal('SIGTERM');
  await page.locator('#banner', {hasText: 'The dispatcher is draining'}).waitFor();
  await dispatcher.ended;
  await page.locator('#banner', {hasText: 'The dispatcher is gone'}).waitFor();
  await page.locator('body.is-gone').waitFor();
  for (const trainer of trainers) trainer.stop();
  dispatcher = await startDispatcher(dispatcher.fields.admin, ...dispatcherOptions, '--upstream', `127.0.0.1:${datasetServer.fields.port}`);
  await page.locator('body:not(.is-gone)').waitFor();
  await page.locator('#banner').waitFor({state: 'hidden'});
  await verdict('slowest', 'No trainer is connected').waitFor();
  await event('serving').waitFor();
  assert.equal(await event('client_start').count(), 0);
});

test('nothing has gone wrong in the page meanwhile', () => {
  assert.deepEqual(problems, []);
});
