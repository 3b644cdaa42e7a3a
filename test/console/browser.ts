// A browser for the tests of the console, which records anything broken.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, BrowserContextOptions, Page, Route } from 'playwright-core';
import type { Credentials } from '../server.ts';

const PATHS = [process.env['TEST_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/google-chrome'];
export const CHROMIUM = firstOf(PATHS);
/** Draws and runs the same for two thirds of the CPU, and has no back/forward cache. */
const HEADLESS =
  firstOf([process.env['TEST_CHROMIUM'], '/usr/bin/chromium-headless-shell']) ?? CHROMIUM;

function firstOf(paths: readonly (string | undefined)[]): string | undefined {
  return paths.find((path) => path !== undefined && existsSync(path));
}

const whyNot = (path: string | undefined) =>
  path === undefined &&
  'no Chromium here: install it, or name another browser of its kind in TEST_CHROMIUM';
export const skip = whyNot(HEADLESS);
/** Of tests that need the back/forward cache of users' browsers. */
export const skipWhole = whyNot(CHROMIUM);

/** The response to a browser that is not signed in, which every browser logs as an error. */
export const UNAUTHORISED =
  'Failed to load resource: the server responded with a status of 401 (Unauthorized)';

export function buildConsole(): void {
  const script = join(import.meta.dirname, '../../bin/build-console.js');
  const { status, stderr } = spawnSync(process.execPath, [script, '--if-newer'], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = {
  all: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
  /** What another theme changes. */
  'of colours': { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
};

let launched: Promise<Browser> | undefined;
after(async () => (await launched)?.close());

/** One for all test files of a process. */
export function launchBrowser(): Promise<Browser> {
  launched ??= launch(HEADLESS!);
  return launched;
}

/** With a back/forward cache, like a user's browser; for the caller alone. */
export const launchWhole = (): Promise<Browser> => launch(CHROMIUM!);

async function launch(executablePath: string): Promise<Browser> {
  // Loading it takes a quarter of a second, also in processes without such tests.
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox'],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
}

/** After the tests of a file: the browser stays for the next one. */
export async function closeTabs(browser: Browser | undefined): Promise<void> {
  for (const context of browser?.contexts() ?? []) await context.close();
}

export interface Tab {
  page: Page;
  /** Errors on its console, violations of its security policy, requests to other servers. */
  broken: string[];
}

/** For each request: shows which tests go on before what they have clicked on is done. */
const DELAY_MS = Number(process.env['TEST_BROWSER_DELAY_MS'] ?? 0);

async function delayed(route: Route): Promise<void> {
  await wait(DELAY_MS);
  // The page may have given it up.
  await route.continue().catch(() => undefined);
}

/** @param origin the only server to which the page may connect */
export async function openTab(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Tab> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    // Nothing is drawn anew sixty times a second while a test waits.
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  });
  const page = await context.newPage();
  if (DELAY_MS > 0) await page.route('**/*', delayed);
  // However busy the machine is.
  page.setDefaultTimeout(90_000);
  const broken: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) broken.push(message.text());
  });
  page.on('pageerror', (error) => broken.push(String(error)));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) broken.push(`asks ${url}`);
  });
  return { page, broken };
}

/**
 * The page's violations of WCAG A and AA, one line each.
 * @param within selector of the part that is checked
 */
export async function barriers(
  page: Page,
  which: keyof typeof RULES = 'all',
  within = 'html',
): Promise<string[]> {
  // Passed checks need not be reported, and there is no sound or film to fetch for a check.
  const reported = { resultTypes: ['violations'], preload: false };
  const options = JSON.stringify({ runOnly: RULES[which], ...reported });
  // Through the debugger, so the page's security policy stays in force. Only once, because it is half a megabyte.
  if (await page.evaluate("typeof axe === 'undefined'"))
    await page.evaluate(`(() => { ${AXE} })()`);
  // What is being loaded again is pale.
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'hidden' });
  // Another theme or width is drawn first, which a tab in the background is not.
  await page.bringToFront();
  await page.evaluate(`new Promise((drawn, fail) => {
    requestAnimationFrame(() => requestAnimationFrame(drawn));
    setTimeout(() => fail(new Error('nothing is drawn')), 90_000);
  })`);
  // Colours change gradually; a transition that is replaced by another rejects.
  await page.evaluate(`Promise.allSettled(document.getAnimations().flatMap((animation) =>
    animation instanceof CSSTransition ? animation.finished : []))`);
  return page.evaluate(`axe.run('${within}', ${options}).then(
    ({ violations }) => violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => [id, help, html, failureSummary].join(': '))))`);
}

/** A tab signed in with the account or a key. */
export async function signedIn(
  browser: Browser,
  server: { url: string },
  { username, password }: Credentials,
  options: BrowserContextOptions = {},
): Promise<Tab> {
  const tab = await openTab(browser, server.url, options);
  await tab.page.request.post(`${server.url}/console/session`, {
    data: { account_sid: username, auth_token: password },
  });
  return tab;
}

/** Goes to another page of the console without loading it anew, as a link does. */
export async function followLink(page: Page, url: string): Promise<void> {
  await page.evaluate(
    `history.pushState(null, '', ${JSON.stringify(url)}); dispatchEvent(new PopStateEvent('popstate'))`,
  );
}

/** How many pixels wider the page is than the window. */
export function overhang(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
}

/** What is wrong with a page for people, on a screen and on a phone. @param pictures folder that gets what it looks like */
export async function flawsOfPage(
  page: Page,
  name: string,
  pictures: string | undefined,
): Promise<string[]> {
  const found: string[] = [];
  for (const [width, colorScheme, which] of [
    [1280, 'light', 'all'],
    [390, 'dark', 'of colours'],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 844 });
    found.push(...(await barriers(page, which)));
    const over = await overhang(page);
    if (over > 0) found.push(`${name} at ${width}: ${over} pixels too wide`);
    if (pictures === undefined) continue;
    await page.screenshot({ path: `${pictures}/${name}-${width}.png`, fullPage: true });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 800 });
  return found;
}

/** What is wrong with an open dialog on a phone, in light and in dark. */
export async function flawsOfDialog(page: Page): Promise<string[]> {
  const { width, height } = page.viewportSize()!;
  await page.setViewportSize({ width: 390, height: 844 });
  const found = [];
  for (const [colorScheme, which] of [
    ['dark', 'of colours'],
    ['light', 'all'],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    found.push(...(await barriers(page, which, 'dialog[open]')));
  }
  const over = await overhang(page);
  if (over > 0) found.push(`${over} pixels too wide`);
  await page.setViewportSize({ width, height });
  return found;
}
