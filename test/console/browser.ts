// A browser for the tests of the console, which notes whatever a person would call broken.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

const PATHS = [process.env['TEST_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/google-chrome'];
export const CHROMIUM = PATHS.find((path) => path !== undefined && existsSync(path));

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** It keeps the pages that were left for the way back, as a person's does. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM!,
    args: ['--no-sandbox'],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
}

export interface Tab {
  page: Page;
  /** Errors on its console, refusals of its security policy, requests to other servers. */
  broken: string[];
}

/** @param origin the only server that the page may ask */
export async function openTab(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Tab> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
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

/** What of WCAG A and AA the page breaks, one line each. */
export async function barriers(page: Page): Promise<string[]> {
  // Through the debugger, so that the page's own security policy stays as it is.
  await page.evaluate(AXE);
  return page.evaluate(`axe.run({ runOnly: { type: 'tag', values: ${JSON.stringify(WCAG)} } }).then(
    ({ violations }) => violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => [id, help, html, failureSummary].join(': '))))`);
}

/** By how many pixels the page is wider than the window. */
export function overhang(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
}
