// Debian's Chromium, driven by playwright-core from the working directory's node_modules.
import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';

const {chromium} = createRequire(join(process.cwd(), 'node_modules', 'x'))('playwright-core');
const executable = '/usr/bin/chromium';

/** Nobody but the test is asked for anything, and root may run it. */
const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync',
];

export async function startBrowser() {
  if (!existsSync(executable)) throw new Error(`there is no ${executable}: deploy/install-packages test installs it`);
  return chromium.launch({executablePath: executable, args: flags});
}

/**
 * A page that fails its test by any error of a script, any broken rule of the page's policy, and any request to another server
 * than `url`'s: see `problems`.
 */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({viewport: {width: 1440, height: 900}, ...options});
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.stack ?? String(error)));
  // A server that is gone is what some tests are about: the browser logs it as an error of the network.
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) problems.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) problems.push(`a request to ${request.url()}`);
  });
  await page.goto(url);
  return {page, problems, close: () => context.close()};
}
