// Install pages as people see them: on a phone, without scripts, in the dark, on paper.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { barriers, closeTabs, launchBrowser, openTab, overhang, skip } from '../console/browser.ts';
import type { Tab } from '../console/browser.ts';
import { stepsOf } from '../es9plus/calls.ts';
import { decodeQr, findCode, readPng } from '../qr-decoder.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
const PIXEL =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36';
const phone = { hasTouch: true, isMobile: true };
const DEVICES = {
  iPhone: { ...phone, userAgent: IPHONE },
  Android: { ...phone, userAgent: PIXEL },
  desk: {},
} satisfies Record<string, BrowserContextOptions>;
type Device = keyof typeof DEVICES;

/** What the pages may do besides: nothing but say that there is none. */
const GONE = /^Failed to load resource: the server responded with a status of 404/;

describe('a person with a link', { skip }, () => {
  let server: TestServer;
  let browser: Browser;
  let profile: any;
  let url: string;
  const urls: Record<string, string> = {};
  /** One tab each for all tests, as another takes as long as three pages. */
  const tabs: Partial<Record<Device, Tab>> = {};

  async function linkTo(form: Record<string, string> = {}): Promise<{ order: any; page: string }> {
    const order = await server.order({ GenerateMatchingId: 'true', ...form });
    const path = `/v1/ESimProfiles/${order.sid}/InstallLinks`;
    return { order, page: (await server.request(path, { method: 'POST' })).json.page_url };
  }

  before(async () => {
    server = await startTestServer({ es9: true, stock: 5 });
    ({ order: profile, page: url } = await linkTo());
    const brand = { Name: 'Alpine Mobile', AccentColor: '#ffd400', SupportText: 'Ask us' };
    const form = { ...brand, SupportUrl: 'mailto:help@example.com' };
    await server.request('/v1/Account/Brand', { form });
    urls['ready'] = url;
    urls['with a confirmation code'] = (await linkTo({ ConfirmationCode: '2580' })).page;
    const downloaded = await linkTo();
    await stepsOf(server, downloaded.order.matching_id).install();
    urls['downloaded'] = downloaded.page;
    const installed = await linkTo();
    const steps = stepsOf(server, installed.order.matching_id);
    await steps.notify(await steps.install());
    urls['installed'] = installed.page;
    urls['gone'] = `${server.url}/i/gone`;
    browser = await launchBrowser();
  });
  after(async () => {
    await closeTabs(browser);
    await server?.[Symbol.asyncDispose]();
  });

  async function tabOf(device: Device, width: number): Promise<Tab> {
    const tab = (tabs[device] ??= await openTab(browser, server.url, DEVICES[device]));
    tab.broken.splice(0);
    await tab.page.setViewportSize({ width, height: device === 'desk' ? 800 : 740 });
    return tab;
  }
  async function open(address: string, device: Device, width: number): Promise<Tab> {
    const tab = await tabOf(device, width);
    await tab.page.goto(address);
    return tab;
  }

  for (const [title, device, width, colorScheme] of [
    ['at 320 px', 'Android', 320, 'light'],
    ['at 390 px, in the dark', 'iPhone', 390, 'dark'],
    ['at 1280 px', 'desk', 1280, 'light'],
  ] as const) {
    test(`sees every state without barriers (WCAG 2.2 AA) and without scrolling sideways, ${title}`, async () => {
      const { page, broken } = await tabOf(device, width);
      await page.emulateMedia({ colorScheme });
      for (const [state, address] of Object.entries(urls)) {
        await page.goto(address);
        assert.deepEqual(await barriers(page), [], state);
        assert.ok((await overhang(page)) <= 0, state);
        assert.deepEqual(
          broken.filter((line) => !GONE.test(line)),
          [],
          state,
        );
      }
      await page.emulateMedia({ colorScheme: 'light' });
    });
  }

  test('sees the longest brand without scrolling sideways at 320 px', async () => {
    const usual = { Name: 'Alpine Mobile', SupportText: 'Ask us' };
    const longest = { Name: 'W'.repeat(80), SupportText: 'W'.repeat(80) };
    await server.request('/v1/Account/Brand', { form: longest });
    const { page } = await open(url, 'Android', 320);
    assert.ok((await overhang(page)) <= 0);
    await server.request('/v1/Account/Brand', { form: usual });
  });

  for (const [system, device, own, host] of [
    ['an iPhone', 'iPhone', 'Install on iPhone or iPad', 'esimsetup.apple.com'],
    ['an Android phone', 'Android', 'Install on Android', 'esimsetup.android.com'],
  ] as const) {
    for (const width of [320, 390]) {
      test(`on ${system} of ${width} px, finds the button for it at first sight, large enough to tap`, async () => {
        const { page } = await open(url, device, width);
        const button = page.getByRole('link', { name: own });
        const box = (await button.boundingBox())!;
        assert.ok(box.y + box.height < 400 && box.height >= 44 && box.width > width / 2);
        const href = new URL((await button.getAttribute('href'))!);
        assert.equal(href.host, host);
        assert.equal(href.searchParams.get('carddata'), `LPA:${profile.activation_code}`);
        const buttons = await page.locator('a.button').allInnerTexts();
        assert.deepEqual(buttons.length, 2);
        assert.equal(buttons[0], own);
        const style = await page.evaluate(
          "(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(document.querySelector('a.button')))",
        );
        assert.deepEqual(style, ['rgb(0, 0, 0)', 'rgb(255, 212, 0)'], 'the accent of the brand');
      });
    }
  }

  test('scans the QR code, sharp at any size, from screen and paper', async () => {
    for (const [device, width] of [
      ['Android', 320],
      ['iPhone', 390],
      ['desk', 1280],
    ] as const) {
      const { page } = await open(url, device, width);
      const image = page.getByRole('img', { name: 'QR code of this eSIM' });
      const img = `document.querySelector('.qr img')`;
      assert.ok(await page.evaluate(`${img}.decode().then(() => true)`));
      const [, png] = (await image.getAttribute('src'))!.split('base64,');
      const { modules, margins } = findCode(readPng(Buffer.from(png!, 'base64')));
      assert.equal(decodeQr(modules), `LPA:${profile.activation_code}`);
      assert.ok(Math.min(...margins) >= 4 * 8, 'quiet zone');
      const box = (await image.boundingBox())!;
      assert.ok(box.width >= 180 && box.width === box.height, `${box.width} px`);
      assert.equal(await page.evaluate(`getComputedStyle(${img}).imageRendering`), 'pixelated');
    }
  });

  test('copies the codes, on https and on plain http', async () => {
    const { page, broken } = await open(url, 'iPhone', 390);
    const paste = () => page.evaluate('navigator.clipboard.readText()');
    const copyButton = (name: string) => page.getByRole('button', { description: name });
    await copyButton('SM-DP+ address').click();
    assert.equal(await paste(), profile.smdp_plus_address);
    await page.getByRole('status').getByText('Copied').waitFor({ state: 'attached' });
    await copyButton('Activation code').click();
    assert.equal(await paste(), profile.matching_id);
    // Without a clipboard for pages, as on plain http.
    await page.evaluate(
      "Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined, configurable: true })",
    );
    await page.locator('summary', { hasText: 'Android' }).click();
    await copyButton('Code').last().click();
    const other = await open(`${server.url}/healthz`, 'desk', 1280);
    assert.equal(
      await other.page.evaluate('navigator.clipboard.readText()'),
      `LPA:${profile.activation_code}`,
    );
    assert.deepEqual(broken, []);
  });

  test('needs no script: codes are selected by a tap, steps open, nothing is missing', async () => {
    const options = { ...DEVICES.Android, viewport: { width: 390, height: 740 } };
    const without = { ...options, javaScriptEnabled: false };
    const { page } = await openTab(browser, server.url, without);
    await page.goto(url);
    assert.equal(await page.getByRole('button').count(), 0);
    for (const text of [`LPA:${profile.activation_code}`, 'Enter this code']) {
      assert.ok(await page.getByText(text).first().isVisible(), text);
    }
    const apple = page.locator('details', { hasText: 'iPhone and iPad' });
    assert.ok(!(await page.getByText(profile.matching_id, { exact: true }).isVisible()));
    await apple.locator('summary').click();
    assert.ok(await page.getByText(profile.matching_id, { exact: true }).isVisible());
    await page.context().close();
  });

  test('prints the QR code and all steps, without buttons', async () => {
    const { page } = await open(url, 'desk', 1280);
    await page.emulateMedia({ media: 'print' });
    for (const text of [`LPA:${profile.activation_code}`, profile.matching_id]) {
      assert.ok(await page.getByText(text, { exact: true }).isVisible(), text);
    }
    assert.ok(await page.getByRole('img', { name: 'QR code of this eSIM' }).isVisible());
    assert.equal(await page.locator('a.button:visible, button:visible').count(), 0);
    await page.emulateMedia({ media: 'screen' });
  });

  test('leaves no trace: no cookie, no storage, no referrer, no other request', async () => {
    const { page, broken } = await open(url, 'desk', 1280);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url().slice(0, 100)));
    await page.reload();
    assert.deepEqual(
      asked.filter((one) => !one.startsWith('data:')),
      [url],
    );
    assert.deepEqual(await page.context().cookies(), []);
    assert.equal(await page.evaluate('localStorage.length + sessionStorage.length'), 0);
    assert.deepEqual(broken, []);
    await page.evaluate("location.href = '/robots.txt'");
    await page.waitForURL(/robots/);
    assert.equal(await page.evaluate('document.referrer'), '');
  });
});
