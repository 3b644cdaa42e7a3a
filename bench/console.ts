// The console's list in a browser: how soon it is visible, and at what cost.
import type { BrowserContext } from 'playwright-core';
import { CHROMIUM, launchBrowser } from '../test/console/browser.ts';
import { ACCOUNT } from './profiles.ts';
import { median, table } from './report.ts';

/** As measured by the browser; times in milliseconds after the start of the navigation. */
interface Load {
  firstPaint: number;
  largestPaint: number;
  /** When the first row of the list appeared. */
  rows: number;
  /** The sum of all layout shifts: Cumulative Layout Shift without session windows. */
  shift: number;
  longTasks: number;
  longest: number;
  /** Bytes received over the network, including headers. */
  bytes: number;
  requests: number;
}

/** A load is complete when nothing has arrived for this long; the event stream never ends. */
const QUIET_MS = 300;

/** Runs before the page's own scripts. */
const WATCH = `
  globalThis.load = { firstPaint: 0, largestPaint: 0, rows: 0, shift: 0, longTasks: 0, longest: 0 };
  const watch = (type, note) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  watch('paint', ({ name, startTime }) => {
    if (name === 'first-contentful-paint') load.firstPaint = startTime;
  });
  watch('largest-contentful-paint', ({ startTime }) => { load.largestPaint = startTime; });
  watch('layout-shift', ({ value }) => { load.shift += value; });
  watch('longtask', ({ duration }) => {
    load.longTasks++;
    load.longest = Math.max(load.longest, duration);
  });
  new MutationObserver(() => {
    if (load.rows === 0 && document.querySelector('tbody tr')) load.rows = performance.now();
  }).observe(document, { childList: true, subtree: true });
`;

/** @returns the figures as a Markdown table, or undefined if there is no browser */
export async function measureConsole(url: string, rounds: number): Promise<string | undefined> {
  if (CHROMIUM === undefined) return undefined;
  const browser = await launchBrowser();
  try {
    const cold: Load[] = [];
    const warm: Load[] = [];
    // The first round is not counted, because the server has not compiled anything yet.
    for (let round = 0; round <= rounds; round++) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      const data = { account_sid: ACCOUNT.sid, auth_token: ACCOUNT.authToken };
      await context.request.post(`${url}/console/session`, { data });
      const loads = [await load(context, url), await load(context, url)];
      if (round > 0) [cold, warm].forEach((all, index) => all.push(loads[index]!));
      await context.close();
    }
    return table(
      ['the list of profiles in a browser', 'cold', 'warm'],
      ROWS.map(([name, show]) => [name, ...[cold, warm].map((all) => range(all.map(show)))]),
    );
  } finally {
    await browser.close();
  }
}

const ROWS: [name: string, show: (load: Load) => number][] = [
  ['first contentful paint, ms', ({ firstPaint }) => firstPaint],
  ['first row of the list, ms', ({ rows }) => rows],
  ['largest contentful paint, ms', ({ largestPaint }) => largestPaint],
  ['layout shift', ({ shift }) => shift],
  ['tasks of more than 50 ms', ({ longTasks }) => longTasks],
  ['the longest of them, ms', ({ longest }) => longest],
  ['requests over the network', ({ requests }) => requests],
  ['transferred, KiB', ({ bytes }) => bytes / 1024],
];

async function load(context: BrowserContext, url: string): Promise<Load> {
  const page = await context.newPage();
  await page.addInitScript(WATCH);
  const debug = await context.newCDPSession(page);
  await debug.send('Network.enable');
  let bytes = 0;
  let requests = 0;
  let last = performance.now();
  const cached = new Set<string>();
  debug.on('Network.requestServedFromCache', ({ requestId }) => cached.add(requestId));
  debug.on('Network.responseReceived', ({ requestId, response }) => {
    const isLocal = cached.has(requestId) || response.fromDiskCache === true;
    if (!isLocal && !response.url.startsWith('data:')) requests++;
  });
  debug.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
    last = performance.now();
  });
  await page.goto(`${url}/console/profiles`);
  await page.locator('tbody tr').first().waitFor();
  while (performance.now() - last < QUIET_MS) await page.waitForTimeout(QUIET_MS / 3);
  const seen = await page.evaluate<Omit<Load, 'bytes' | 'requests'>>('load');
  await page.close();
  return { ...seen, bytes, requests };
}

/** The median, the lowest and the highest. */
function range(values: number[]): string {
  const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)].map(
    (value) =>
      value < 1 ? value.toPrecision(1).replace(/^0\.0*$/, '0') : String(Math.round(value)),
  );
  return least === most ? middle! : `${middle} (${least}–${most})`;
}
