// The console's list of eSIM Profiles: search, printing, and the phone layout.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { newEid, newPhone } from '../es9plus/phone.ts';
import { decodeQr, findCode, readSvg } from '../qr-decoder.ts';
import { eventually, startTestServer } from '../server.ts';
import type { Credentials, TestServer } from '../server.ts';
import { barriers, buildConsole, launchBrowser, overhang, signedIn, skip } from './browser.ts';
import type { Tab } from './browser.ts';

describe('a user of the list of eSIM Profiles', { skip }, () => {
  let server: TestServer;
  let browser: Browser;
  let tab: Tab;
  let page: Page;
  let installed: any;
  let available: any[];

  const rows = () => page.getByRole('region', { name: 'eSIM Profiles' }).locator('tbody tr');
  const visible = (locator: Locator) => locator.first().waitFor({ state: 'visible' });
  const shown = (count: number) =>
    eventually(async () => ((await rows().count()) === count ? true : undefined));
  const open = (path: string) => page.goto(`${server.url}/console${path}`);
  const heading = (name: string) => visible(page.getByRole('heading', { name }));
  /** Clears the search, and stays in its field. */
  async function showAll(): Promise<void> {
    await page.getByRole('searchbox').fill('');
    await shown(ORDERS);
  }
  const COUNT = 25;
  /** Including the installed and the failed one. */
  const ORDERS = COUNT + 2;

  before(async () => {
    buildConsole();
    server = await startTestServer({ stock: COUNT + 5, es9: true });
    browser = await launchBrowser();
    tab = await signedIn(browser, server, server.account);
    page = tab.page;
    const order = { GenerateMatchingId: 'true' };
    installed = await server.order(order);
    await newPhone(server).download(installed.activation_code);
    available = [];
    for (let count = 0; count < COUNT; count++) available.unshift(await server.order(order));
    await server.order({ ...order, ProfileType: 'none' });
  });
  after(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  test('finds a profile by pasted text: a code with prefix and spaces, or a part of an identifier', async () => {
    const { sid, activation_code: code, matching_id: matchingId, iccid } = installed;
    await open('/profiles');
    await visible(rows());
    await page.keyboard.press('/');
    for (const text of [
      `LPA:${code}`,
      `lpa:${code}`,
      ` LPA:${code.replaceAll('-', '- ')} `,
      matchingId,
      matchingId.replaceAll('-', ''),
      matchingId.slice(0, 9).toLowerCase(),
      iccid.slice(-6),
      `${iccid}F`,
      `${sid.slice(0, 10)}…${sid.slice(-6)}`,
    ]) {
      await page.keyboard.insertText(text);
      await shown(1);
      assert.equal(await rows().locator(`a[href$="${sid}"]`).count(), 1, text);
      await showAll();
    }
  });

  test('sees clearly that nothing matches, and never the whole list in the meantime', async () => {
    await open('/profiles');
    await visible(rows());
    await page.keyboard.press('/');
    for (const [text, title, words] of [
      ['ZZZZZ-ZZZZZ', 'No profiles match', 'starts with ‘ZZZZZ-ZZZZZ’'],
      ['LPA:1$localhost$ZZZZZ-ZZZZZ', 'No profiles match', 'starts with'],
      ['not an identifier!', 'No profiles match', 'starts with'],
      ['12', 'Keep typing', 'at least four characters'],
    ] as const) {
      await page.keyboard.insertText(text);
      await heading(title);
      await visible(page.getByText(words));
      assert.equal(await rows().count(), 0);
      await showAll();
    }
    // A search within filters says so, and new profiles that do not match are not shown.
    await open('/profiles?q=ZZZZZ&status=failed');
    await visible(page.getByText('within the other filters.'));
    await server.order({ GenerateMatchingId: 'true', ProfileType: 'none' });
    assert.equal(await rows().count(), 0);
  });

  test('is told if too many match', async () => {
    await page.route('**/v1/ESimProfiles?*', (route) =>
      route.fulfill({
        status: 400,
        json: {
          code: 20001,
          message: "Invalid parameter Search: more than 1000 eSIM Profiles match '8999'",
          status: 400,
        },
      }),
    );
    await open('/profiles?q=8999');
    await heading('Too many profiles match');
    // Leaving the page ends its further requests.
    await open('/connect');
    await page.unroute('**/v1/ESimProfiles?*');
    tab.broken.splice(0);
  });

  const labels = async (): Promise<string[]> => {
    const href = await page.getByRole('link', { name: 'QR sheet' }).getAttribute('href');
    const { text } = await server.request(href!);
    return Array.from(text.matchAll(/<svg [^]*?<\/svg>/g), ([svg]) =>
      decodeQr(findCode(readSvg(svg)).modules),
    );
  };
  const codes = (of: any[]) => of.map(({ activation_code: code }) => `LPA:${code}`);

  test('prints the usable codes of the whole filter, not only of one page', async () => {
    await open('/profiles?size=20');
    await shown(20);
    assert.deepEqual(await labels(), codes(available));
    await open('/profiles?status=available,installed,failed');
    await visible(rows());
    assert.deepEqual(await labels(), codes(available));
    await open(`/profiles?q=${available[3].matching_id}`);
    await shown(1);
    assert.deepEqual(await labels(), codes([available[3]]));
    await open('/profiles?status=installed');
    await shown(1);
    assert.ok(await page.getByRole('button', { name: 'QR sheet' }).isDisabled());
  });

  test('sees in the list why an order failed', async () => {
    await open('/profiles?status=failed');
    const row = rows().first();
    await visible(row.getByText('No eSIM Profiles are available'));
    assert.equal(await row.getByText('–').count(), 0);
  });

  test('sees relative or exact times, and the other form on hover', async () => {
    await open('/profiles?status=installed');
    const time = rows().first().locator('time');
    await visible(time);
    const date = installed.date_created;
    const exact = await time.evaluate(EXACT);
    assert.equal(await time.getAttribute('title'), `${exact} (${date})`);
    assert.notEqual(await time.innerText(), exact);
    await page.getByRole('button', { name: 'Times: relative' }).click();
    assert.equal(await time.innerText(), exact);
    assert.match((await time.getAttribute('title'))!, / \(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)$/);
    await page.reload();
    assert.equal(await time.innerText(), exact);
    await page.getByRole('button', { name: 'Times: exact' }).click();
  });

  test('has rows of two lines on a phone, whatever their content', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    for (const path of ['/profiles', '/sims', '/keys']) {
      if (path === '/keys')
        await server.request('/v1/Keys', { form: { FriendlyName: 'x'.repeat(60) } });
      await open(path);
      const cards = page.locator('.two-lines tbody tr');
      await visible(cards);
      const heights = await cards.evaluateAll(HEIGHTS);
      assert.ok(Math.max(...heights) <= 20 + 2 * 30 + 2, `${path}: ${heights.join()}`);
      assert.ok((await overhang(page)) <= 0, path);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('sees the stock beside the order button, and is warned before ordering if it is empty', async () => {
    await open('/order');
    const { json } = await server.request('/v1/Stock');
    await visible(page.getByText(`${json.profile_types[0].available} in stock`));
    const empty = await signedIn(browser, server, await server.addAccount(0));
    await empty.page.goto(`${server.url}/console/order`);
    await visible(empty.page.getByText('None in stock: an order would fail.'));
    await visible(empty.page.getByRole('link', { name: 'Import subscriptions' }));
    assert.deepEqual(await barriers(empty.page), []);
    await empty.page.context().close();
  });

  test('cannot order from an empty list with a read-only key', async () => {
    const as = await server.addAccount(0);
    const { json } = await server.request('/v1/Keys', { form: { Scope: 'read' }, as });
    const key: Credentials = { username: json.sid, password: json.secret };
    const reader = await signedIn(browser, server, key);
    for (const path of ['/profiles', '/sims', '/stock']) {
      await reader.page.goto(`${server.url}/console${path}`);
      await visible(reader.page.locator('.empty'));
      assert.equal(await reader.page.getByRole('link', { name: /Order/ }).count(), 0, path);
      assert.equal(await reader.page.getByText('-d GenerateMatchingId').count(), 0);
    }
    await reader.page.keyboard.press('n');
    await reader.page.keyboard.press('?');
    const keys = reader.page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await visible(keys);
    assert.equal(await keys.getByText('Order a profile').count(), 0);
    assert.match(reader.page.url(), /\/stock$/);
    await reader.page.context().close();
  });

  test('reads every example of the Connect page in full', async () => {
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 844 });
      await open('/connect');
      await visible(page.getByLabel('example for curl', { exact: true }));
      for (const language of await page.locator('.program .chip').allInnerTexts()) {
        await page.getByRole('button', { name: language, exact: true }).click();
        const code = page.getByLabel(`example for ${language}`, { exact: true });
        assert.ok((await code.evaluate(CUT)) <= 0, `${language} at ${width}`);
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('searches Sims, and sees clearly if there are none', async () => {
    await open('/sims');
    const sims = page.getByRole('region', { name: 'Sims' }).locator('tbody tr');
    await visible(sims);
    for (const text of [installed.iccid, installed.sim_sid]) {
      await page.getByRole('searchbox').fill(text);
      await eventually(async () => ((await sims.count()) === 1 ? true : undefined));
      await visible(sims.getByText(installed.iccid));
    }
    await page.getByRole('searchbox').fill('meter-9');
    await visible(page.getByText('No Sim has the ICCID, unique name or SID ‘meter-9’.'));
  });

  test('an EID without orders is not mistaken for a shorter one', async () => {
    await open(`/profiles?q=${newEid()}`);
    await heading('No profiles match');
  });

  test('/docs has our name and icon, in light and dark, and contacts no other server', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.goto(`${server.url}/docs`);
    // A large third-party script.
    await page.getByText('Send many callbacks again').waitFor({ timeout: 30_000 });
    assert.equal(await page.title(), 'Simwright API');
    const icon = page.locator('.simwright img');
    assert.ok((await icon.evaluate(WIDTH)) > 0);
    await visible(page.getByRole('link', { name: 'Simwright' }));
    assert.equal(await page.locator('.topbar').count(), 0);
    const html = page.locator('html');
    assert.equal(await html.getAttribute('class'), 'dark-mode');
    await page.emulateMedia({ colorScheme: 'light' });
    await eventually(async () => ((await html.getAttribute('class')) === '' ? true : undefined));
    assert.doesNotMatch(await (await fetch(`${server.url}/docs/`)).text(), /swagger ui|fastify/i);
  });

  test('nothing was blocked, failed, or contacted another server', () => {
    assert.deepEqual(tab.broken, []);
  });
});

/* Run in the page. */
const HEIGHTS = (elements: { clientHeight: number }[]) =>
  elements.map(({ clientHeight }) => clientHeight);
const CUT = ({ scrollWidth, clientWidth }: { scrollWidth: number; clientWidth: number }) =>
  scrollWidth - clientWidth;
const WIDTH = (image: unknown) => (image as { naturalWidth: number }).naturalWidth;
/** A time in the browser's time zone. */
const EXACT = (time: unknown) => {
  const at = new Date((time as { dateTime: string }).dateTime);
  const two = (number: number) => String(number).padStart(2, '0');
  const date = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(two).join('-');
  return `${date} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')}`;
};
