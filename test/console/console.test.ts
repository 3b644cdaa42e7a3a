// The console as a user sees it: a real browser, a real server, a real download.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { commandLine } from '../cli/command.ts';
import { newEid, newPhone } from '../es9plus/phone.ts';
import { startReceiver } from '../receiver.ts';
import { freePort } from '../postgres.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import {
  barriers,
  buildConsole,
  closeTabs,
  followLink,
  launchBrowser,
  launchWhole,
  openTab,
  overhang,
  signedIn,
  skip,
  skipWhole,
  UNAUTHORISED,
} from './browser.ts';
import type { Tab } from './browser.ts';

const ROOT = join(import.meta.dirname, '../..');
const BUILT = join(ROOT, 'dist/console/app');

before(buildConsole);

test('the first load is smaller than 32 KiB', () => {
  const page = readFileSync(join(BUILT, 'index.html'), 'utf8');
  const named = Array.from(
    page.matchAll(/(?:src|href)="\/console\/([^"]+)"/g),
    ([, name]) => name!,
  );
  assert.ok(
    named.some((name) => name.endsWith('.js')) && named.some((name) => name.endsWith('.css')),
  );
  const bytes = ['index.html', ...named]
    .map((name) => readFileSync(join(BUILT, `${name}.br`)).length)
    .reduce((sum, length) => sum + length, 0);
  assert.ok(bytes < 32 * 1024, `${bytes} bytes`);
});

test('files that compression makes smaller are stored compressed', () => {
  const files = readdirSync(BUILT, { recursive: true }).map(String);
  for (const file of files.filter((name) => /\.(css|html|js|svg)$/.test(name))) {
    assert.ok(files.includes(`${file}.br`) && files.includes(`${file}.gz`), file);
  }
});

describe('a user of the console', { skip }, () => {
  let server: TestServer;
  let browser: Browser;
  let tab: Tab;
  let page: Page;
  /** SID of the profile in these tests. */
  let sid: string;

  before(async () => {
    // The same port after a restart, as the page expects.
    const env = { SIMWRIGHT_PORT: String(await freePort()) };
    server = await startTestServer({ stock: 30, es9: true, env });
    browser = await launchBrowser();
    tab = await openTab(browser, server.url);
    page = tab.page;
    await page.goto(await ticketLink());
    await heading('eSIM Profiles');
  });
  after(async () => {
    await closeTabs(browser);
    await server?.[Symbol.asyncDispose]();
  });

  const at = (path: string) => `${server.url}/console${path}`;
  const visit = (path: string) => followLink(page, at(path));
  const rows = () => page.getByRole('region', { name: 'eSIM Profiles' }).locator('tbody tr');
  const status = (name: string) => page.locator('.page-head').getByText(name, { exact: true });
  const visible = (locator: Locator) => locator.first().waitFor({ state: 'visible' });
  /** Waits until the table has `count` rows. */
  const shown = (count: number) =>
    eventually(async () => ((await rows().count()) === count ? true : undefined));
  const heading = (name: string) => visible(page.getByRole('heading', { name, level: 1 }));

  async function ticketLink(): Promise<string> {
    await using simwright = await commandLine({}, server.config.data);
    const ticket = /#ticket=\S+/.exec(await simwright.print('console'));
    assert.ok(ticket);
    return at(`/${ticket[0]}`);
  }

  test('signs in with a link, which leaves no trace in the address bar', () => {
    assert.equal(page.url(), at('/profiles'));
  });

  test('learns how to order if there is no profile yet', async () => {
    await visible(page.getByRole('heading', { name: 'No profiles yet' }));
    await visible(page.getByText('-d GenerateMatchingId=true'));
  });

  test('sees in words what is wrong with an order', async () => {
    await page.keyboard.press('n');
    await heading('Order a profile');
    await page.getByLabel('One device, by its EID').check();
    await page.getByLabel('EID', { exact: true }).fill('1234');
    await page.getByLabel('Callback URL').fill('example.com');
    await page.getByRole('button', { name: 'Order', exact: true }).click();
    await visible(page.getByText('An EID has 32 digits; this one has 4.'));
    await visible(page.getByText('Enter a full URL'));
    const right = newEid();
    const wrong = `${right.slice(0, -1)}${(Number(right.at(-1)) + 1) % 10}`;
    await page.getByLabel('EID', { exact: true }).fill(wrong);
    await visible(page.getByText('A digit seems to be wrong'));
    await page.getByLabel('Callback URL').fill('');
    await page.getByRole('button', { name: 'Order', exact: true }).click();
    const field = page.getByLabel('EID', { exact: true });
    await visible(page.locator('.field-problem', { hasText: 'expected check digits' }));
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    tab.broken.splice(0);
  });

  test('orders a profile, and sees it become available without reloading the page', async () => {
    await using receiver = await startReceiver();
    await page.goto(at('/order'));
    await page.getByLabel('Callback URL').fill(`${receiver.url}/status`);
    await page.getByLabel('Matching ID (optional)').fill('too short');
    await page.getByRole('button', { name: 'Order', exact: true }).click();
    await visible(page.locator('.field-problem', { hasText: 'expected 8 to 128 capital letters' }));
    tab.broken.splice(0);
    await page.getByLabel('Matching ID (optional)').fill('CONSOLE-0001');
    await page.getByRole('button', { name: 'Order', exact: true }).click();
    await page.waitForURL(/\/console\/profiles\/HP[0-9a-f]{32}$/);
    await page.evaluate('window.isSamePage = true');
    await visible(status('available'));
    await visible(page.getByText('CONSOLE-0001').first());
    assert.equal(await page.evaluate('window.isSamePage'), true);
    sid = /HP[0-9a-f]{32}/.exec(page.url())![0];
    await receiver.next();
  });

  test('scans the QR code, or copies the activation code', async () => {
    const { json } = await server.request(`/v1/ESimProfiles/${sid}`);
    const qr = page.getByRole('img', { name: `QR code of LPA:${json.activation_code}` });
    await visible(qr);
    assert.ok(await page.evaluate("document.querySelector('.qr').decode().then(() => true)"));
    await page.getByRole('button', { name: 'Copy activation code' }).click();
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), json.activation_code);
    await page.getByRole('button', { name: 'Copy LPA address' }).click();
    assert.equal(
      await page.evaluate('navigator.clipboard.readText()'),
      `LPA:${json.activation_code}`,
    );
    await visible(page.getByText(`npx simwright device download 'LPA:${json.activation_code}'`));
  });

  test('sees a device download and install it', async () => {
    const { json } = await server.request(`/v1/ESimProfiles/${sid}`);
    await newPhone(server).download(json.activation_code);
    await visible(status('installed'));
    assert.equal(await page.evaluate('window.isSamePage'), true);
    const steps = page.getByRole('region', { name: 'Life cycle' }).getByRole('listitem');
    assert.equal(await steps.last().getAttribute('aria-current'), 'step');
    await visible(page.getByText('bound profile package delivered'));
    await visible(page.getByText('installed on the device'));
  });

  test('reads the messages between device and server', async () => {
    await page.getByRole('heading', { name: /RSP log/ }).waitFor();
    const call = page.locator('.disclosure', { hasText: 'getBoundProfilePackage' });
    await call.locator('summary').click();
    await visible(call.getByText('value PrepareDownloadResponse ::='));
    await visible(call.getByText('Executed-Success'));
  });

  test('finds why a callback failed, and sends it again', async () => {
    let isBroken = true;
    await using receiver = await startReceiver((_call, _request, response) => {
      response.writeHead(isBroken ? 400 : 204).end(isBroken ? 'not today' : undefined);
    });
    const profile = await server.order({
      GenerateMatchingId: 'true',
      CallbackUrl: `${receiver.url}/status`,
    });
    await receiver.next();
    await visit(`/profiles/${profile.sid}`);
    const card = page.locator('section', { has: page.getByRole('heading', { name: /Callbacks/ }) });
    const callback = card.locator('.disclosure').first();
    await callback.locator('summary', { hasText: '400' }).click();
    await visible(callback.getByText('not today'));
    await visible(callback.getByText(profile.iccid as string));
    isBroken = false;
    const sent = receiver.calls.length;
    await callback.getByRole('button', { name: 'Retry' }).click();
    await visible(callback.locator('summary', { hasText: 'delivered' }));
    assert.ok(receiver.calls.length > sent);
  });

  test('sees why an order has failed', async () => {
    const failed = await server.order({ GenerateMatchingId: 'true', ProfileType: 'none' });
    await visit(`/profiles/${failed.sid}`);
    await visible(status('failed'));
    await visible(page.getByText(failed.error_message as string));
  });

  test('sees new orders appear on top of the list, and rows change', async () => {
    await visit('/profiles');
    await visible(rows());
    const { json } = await server.request('/v1/ESimProfiles', {
      form: { GenerateMatchingId: 'true' },
    });
    const row = rows().filter({ has: page.locator(`a[href$="${json.sid}"]`) });
    await visible(row.getByText('available'));
    assert.equal(await rows().first().locator(`a[href$="${json.sid}"]`).count(), 1);
  });

  test('filters by several statuses; the address contains the filter, and Back removes it', async () => {
    await page.getByRole('button', { name: 'failed', exact: true }).click();
    await page.getByRole('button', { name: 'installed', exact: true }).click();
    await page.waitForURL(at('/profiles?status=installed,failed'));
    await shown(2);
    await page.reload();
    await shown(2);
    await page.goBack();
    await shown(1);
    assert.equal(page.url(), at('/profiles?status=failed'));
  });

  test('filters by the days of the orders, in local time', async () => {
    await page.goto(at('/profiles'));
    await visible(rows());
    const all = await rows().count();
    const day = (later: number) => {
      const date = new Date(Date.now() + later * 86_400_000);
      return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
        .map((part) => String(part).padStart(2, '0'))
        .join('-');
    };
    const none = page.getByRole('heading', { name: 'No profiles match' });
    await page.getByLabel('Created from').fill(day(1));
    await visible(none);
    await page.getByLabel('Created from').fill(day(-1));
    await shown(all);
    // The day itself is included.
    await page.getByLabel('to', { exact: true }).fill(day(0));
    await page.waitForURL(at(`/profiles?from=${day(-1)}&to=${day(0)}`));
    await shown(all);
    await page.getByLabel('Created from').fill('');
    await page.getByLabel('to', { exact: true }).fill(day(-1));
    await visible(none);
    await page.getByRole('button', { name: 'Clear' }).click();
    await shown(all);
    assert.equal(page.url(), at('/profiles'));
  });

  test('goes from row to row by j and k, and opens one by Enter', async () => {
    await page.goto(at('/profiles'));
    await visible(rows());
    const link = (row: number) => rows().nth(row).locator('[data-row-link]');
    const focused = async (row: number) =>
      assert.equal(
        await page.evaluate("document.activeElement.getAttribute('href')"),
        await link(row).getAttribute('href'),
      );
    for (const [key, row] of [
      ['j', 0],
      ['j', 1],
      ['k', 0],
      ['k', 0],
      ['j', 1],
    ] as const) {
      await page.keyboard.press(key);
      await focused(row);
    }
    const href = await link(1).getAttribute('href');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${server.url}${href}`);
    await page.keyboard.press('?');
    const keys = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await page.setViewportSize({ width: 390, height: 844 });
    await visible(keys.getByText('j', { exact: true }));
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.keyboard.press('Escape');
    await keys.waitFor({ state: 'hidden' });
  });

  test('chooses the theme, which the browser remembers', async () => {
    await page.emulateMedia({ colorScheme: 'light' });
    const ground = (colour: string) =>
      page.waitForFunction(
        `getComputedStyle(document.documentElement).backgroundColor === '${colour}'`,
      );
    const light = 'rgb(247, 248, 250)';
    const dark = 'rgb(15, 17, 22)';
    await ground(light);
    await page.getByRole('button', { name: 'Theme: system' }).click();
    await page.getByRole('button', { name: 'Theme: light' }).click();
    await visible(page.getByRole('button', { name: 'Theme: dark' }));
    await ground(dark);
    await page.reload();
    await visible(page.getByRole('button', { name: 'Theme: dark' }));
    await ground(dark);
    await page.getByRole('button', { name: 'Theme: dark' }).click();
    await visible(page.getByRole('button', { name: 'Theme: system' }));
    await ground(light);
  });

  test('sees in words that a profile, or a page of the list, does not exist', async () => {
    await visit(`/profiles/HP${'0'.repeat(32)}`);
    await visible(page.getByRole('heading', { name: 'Profile not found' }));
    await visit('/profiles?token=XX');
    await page.getByRole('link', { name: 'Show the first page' }).click();
    await visible(rows());
    assert.equal(page.url(), at('/profiles'));
    tab.broken.splice(0);
  });

  test('finds a profile by any identifier', async () => {
    const { json } = await server.request(`/v1/ESimProfiles/${sid}`);
    await page.goto(at('/profiles'));
    await visible(rows());
    const all = await rows().count();
    await page.keyboard.press('/');
    for (const text of [
      json.sid,
      json.eid,
      json.iccid,
      json.sim_sid,
      json.matching_id,
      `LPA:${json.activation_code}`,
    ] as string[]) {
      await page.keyboard.insertText(text);
      await page.keyboard.press('Enter');
      await shown(1);
      await visible(rows().locator(`a[href$="${sid}"]`));
      await page.getByRole('searchbox').fill('');
      await page.keyboard.press('Enter');
      await shown(all);
    }
    for (const unknown of [`HP${'0'.repeat(32)}`, 'no identifier!']) {
      await visit(`/profiles?q=${encodeURIComponent(unknown)}`);
      await visible(page.getByRole('heading', { name: 'No profiles match' }));
    }
    tab.broken.splice(0);
  });

  test('pages through the list both ways', async () => {
    for (let count = 0; count < 22; count++) {
      await server.request('/v1/ESimProfiles', { form: { GenerateMatchingId: 'true' } });
    }
    await page.goto(at('/profiles?size=20'));
    await visible(page.getByText('Page 1, 20 rows'));
    const top = await rows().first().locator('a').first().getAttribute('href');
    await page.getByRole('button', { name: 'Next' }).click();
    await visible(page.getByText(/Page 2, \d rows/));
    await page.waitForFunction('scrollY === 0');
    assert.equal(await page.getByRole('button', { name: 'Next' }).isDisabled(), true);
    await page.getByRole('button', { name: 'Previous' }).click();
    await visible(page.getByText('Page 1, 20 rows'));
    assert.equal(await rows().first().locator('a').first().getAttribute('href'), top);
  });

  test(
    'moves quickly from page to page, and sees live updates after going back',
    { skip: skipWhole },
    async () => {
      const whole = await launchWhole();
      try {
        const { page: other } = await signedIn(whole, server, server.account);
        const paths = ['/profiles', '/stock', '/keys', '/connect', '/sims', '/order', '/profiles'];
        for (const path of paths) {
          await Promise.all([other.waitForRequest('**/v1/Events*'), other.goto(at(path))]);
        }
        await other.evaluate('window.isSamePage = true');
        await other.goto(at('/stock'));
        // goBack() would wait for a load event, which does not come.
        await other.evaluate('history.back()');
        const { json } = await server.request('/v1/ESimProfiles', {
          form: { GenerateMatchingId: 'true' },
        });
        await visible(other.locator(`tbody tr a[href$="${json.sid}"]`));
        assert.equal(await other.evaluate('window.isSamePage'), true);
      } finally {
        await whole.close();
      }
    },
  );

  test('chooses columns, which the browser remembers', async () => {
    await page.goto(at('/profiles'));
    await visible(rows());
    await page.getByText('Columns', { exact: true }).click();
    await page.getByLabel('SM-DP+').check();
    await page.reload();
    await visible(page.getByRole('columnheader', { name: 'SM-DP+' }));
  });

  test('names a Sim and activates it', async () => {
    const { json } = await server.request(`/v1/ESimProfiles/${sid}`);
    await visit(`/sims?q=${json.iccid}`);
    await page.getByRole('button', { name: `Edit Sim ${json.iccid}` }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit Sim' });
    await dialog.getByLabel('Unique name').fill('meter-1');
    await dialog.getByLabel('Status').selectOption('active');
    await dialog.getByRole('button', { name: 'Save' }).click();
    const table = page.getByRole('region', { name: 'Sims' });
    await visible(table.getByText('meter-1'));
    await visible(table.getByText('active', { exact: true }));
  });

  test('is warned when the stock is low, and imports a file', async () => {
    await page.goto(at('/stock'));
    const card = page.getByRole('region', { name: 'Profile type default' });
    await visible(card.getByText('running low'));
    const key = '465B5CE8B199B49FAA5F0A2EE238A6BC';
    const head = 'iccid,imsi,ki,opc,profile_type\n';
    const choose = (text: string) =>
      page
        .getByLabel('File', { exact: true })
        .setInputFiles({ name: 'stock.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await choose(`${head}8999901,999010000099999,${key},${key},fresh\n`);
    await page.getByRole('button', { name: 'Check only' }).click();
    const problems = page.getByRole('region', { name: 'Problems in the file' });
    const problem = problems.getByRole('row').last();
    assert.match(await problem.innerText(), /^2\s+iccid\s+expected 18 to 20 digits/);
    tab.broken.splice(0);
    const sample = page.getByRole('link', { name: 'Download a sample' });
    await choose(decodeURIComponent((await sample.getAttribute('href'))!.replace(/^[^,]*,/, '')));
    await page.getByRole('button', { name: 'Check only' }).click();
    await visible(page.getByText('an import would add 1 subscription.'));
    const available = await card.locator('strong').innerText();
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await visible(page.getByText('Imported 1 subscription.'));
    await visible(card.locator('strong', { hasText: String(Number(available) + 1) }));
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await visible(page.getByText('1 subscription already in stock'));
  });

  test('sees how the columns of a file are interpreted, without its keys, and changes them', async () => {
    await page.goto(at('/stock'));
    const [ki, opc] = ['00112233445566778899AABBCCDDEEFF', 'FFEEDDCCBBAA99887766554433221100'];
    const text =
      'sep=;\r\nCard number;IMSI;Ki;OPC;KIC1;Label;\r\n' +
      `="8949440000009000074";999700000900007;${ki};${opc};${ki};van 7;\r\n`;
    const buffer = Buffer.from(`\uFEFF${text}`, 'utf16le');
    const file = { name: 'cards.txt', mimeType: 'text/plain', buffer };
    await page.getByLabel('File', { exact: true }).setInputFiles(file);
    const columns = page.getByRole('region', { name: 'Columns in the file' });
    await visible(columns);
    await visible(page.getByText('Header on line 2, fields separated by semicolons'));
    await visible(page.getByText('expected a column for iccid, by its name or by a mapping'));
    const taken = () =>
      columns.locator('select').evaluateAll((selects) => selects.map(({ value }: any) => value));
    const guessed = ['ignore', 'imsi', 'ki', 'opc', 'kic1', 'ignore', 'ignore'];
    assert.deepEqual(await taken(), guessed);
    assert.deepEqual(await barriers(page), []);

    const choose = (name: string, field: string) =>
      page.getByLabel(`What column ${name}`, { exact: true }).selectOption(field);
    await choose('1 is: Card number', 'iccid');
    await visible(columns.getByText('8949440000009000074', { exact: true }));
    await choose('6 is: Label', 'profile_type');
    await visible(columns.getByText('van 7'));
    assert.deepEqual(await taken(), ['iccid', ...guessed.slice(1, 5), 'profile_type', 'ignore']);
    assert.equal(await page.getByText('in the first rows').count(), 0);
    // Whatever the mapping, possible keys are not shown.
    await choose('5 is: KIC1', 'profile_type');
    await eventually(async () => ((await taken())[5] === 'ignore' ? true : undefined));
    await visible(columns.getByText('32 hexadecimal digits'));
    const seen = await page.locator('body').innerText();
    assert.ok(!seen.includes(ki) && !seen.includes(opc));
    await choose('5 is: KIC1', 'kic1');
    await choose('6 is: Label', 'ignore');
    await eventually(async () => ((await taken())[4] === 'kic1' ? true : undefined));
    await page.setViewportSize({ width: 390, height: 800 });
    assert.ok((await overhang(page)) <= 0);
    await page.setViewportSize({ width: 1280, height: 800 });

    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await visible(page.getByText('Imported 1 subscription; ignored: Label.'));
    const { store } = server.server.context;
    const row = await store.subscriptions.find(server.account.username, '8949440000009000074');
    assert.equal(row?.profile_type, 'default');
  });

  test('finds a profile and a Sim by an ICCID as written by cards and modems', async () => {
    const { iccid } = await server.order({ GenerateMatchingId: 'true' });
    for (const written of [`${iccid}F`, `${iccid.slice(0, 4)} ${iccid.slice(4)}f`]) {
      await visit('/profiles');
      await page.getByRole('searchbox').fill(written);
      await page.keyboard.press('Enter');
      await shown(1);
      await visible(rows().getByText(iccid as string));
      await page.getByRole('link', { name: 'Sims' }).click();
      await page.getByRole('searchbox').fill(written);
      await page.keyboard.press('Enter');
      const sims = page.getByRole('region', { name: 'Sims' }).locator('tbody tr');
      await eventually(async () => ((await sims.count()) === 1 ? true : undefined));
      await visible(sims.getByText(iccid as string));
    }
  });

  test('reloads the stock once after many orders, not after each', async () => {
    let counts = 0;
    await page.route('**/v1/Stock', (route) => {
      counts++;
      return route.continue();
    });
    const counted = (least: number) => eventually(async () => (counts >= least ? true : undefined));
    await page.goto(at('/stock'));
    await visible(page.getByRole('region', { name: 'Profile type default' }));
    const first = counts;
    for (let order = 0; order < 10; order++) {
      await server.order({ GenerateMatchingId: 'true', ProfileType: 'none' });
    }
    await counted(first + 1);
    assert.ok(counts < first + 10, `${counts - first} times`);
    await page.unroute('**/v1/Stock');
  });

  test('creates an API key, whose secret is shown once, and revokes it', async () => {
    await visit('/keys');
    await page.getByRole('button', { name: 'Create a key' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('billing');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    const username = await dialog.getByLabel('key SID', { exact: true }).innerText();
    const password = await dialog.getByLabel('secret', { exact: true }).innerText();
    const ask = () => server.request('/v1/ESimProfiles', { as: { username, password } });
    assert.equal((await ask()).status, 200);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByText(password).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Revoke billing' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
    await visible(page.getByText('revoked', { exact: true }));
    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByRole('searchbox', { name: 'Search the audit log' }).fill('DeleteKey');
    const entry = page.getByRole('row').filter({ hasText: `DeleteKey` }).first();
    await entry.locator('summary').click();
    await visible(entry.locator('del', { hasText: 'billing' }));
  });

  test('cannot change anything with a read-only key', async () => {
    const { json } = await server.request('/v1/Keys', { form: { Scope: 'read' } });
    const other = await openTab(browser, server.url);
    await other.page.goto(at('/keys'));
    await other.page.getByLabel('Account SID').fill(json.sid);
    await other.page.getByLabel('Auth token').fill(json.secret);
    await other.page.getByRole('button', { name: 'Sign in' }).click();
    await visible(other.page.getByText('read only', { exact: true }));
    await visible(other.page.getByRole('region', { name: 'API keys' }));
    assert.equal(await other.page.getByRole('link', { name: 'Order a profile' }).count(), 0);
    assert.equal(await other.page.getByRole('button', { name: /Create|Revoke/ }).count(), 0);
    await other.page.context().close();
  });

  test('reads how to point an SDK at this server', async () => {
    await visit('/connect');
    await page.getByRole('button', { name: 'Python' }).click();
    await visible(page.getByText(`client.supersim.base_url = '${server.url}'`));
  });

  /** Every page, and an element that appears once it has loaded. */
  const pages = (): [path: string, ready: Locator][] => [
    ['/profiles?status=installed,failed', rows()],
    [`/profiles/${sid}`, page.locator('.disclosure')],
    ['/order', page.locator('option', { hasText: 'left' })],
    ['/account', page.getByRole('region', { name: 'Release again' })],
    ['/sims', page.getByRole('region', { name: 'Sims' })],
    ['/euiccs', page.getByText('This server has no eIM')],
    ['/callbacks', page.locator('.disclosure')],
    ['/stock', page.getByRole('region', { name: 'Profile type default' })],
    ['/keys', page.getByRole('region', { name: 'API keys' })],
    ['/audit', page.getByRole('region', { name: 'Audit log' })],
    ['/connect?sdk=go', page.getByRole('button', { name: 'Copy SM-DP+ address' })],
    ['/nowhere', page.getByText('Page not found')],
  ];

  test('finds no accessibility barriers on any page, in light at a desk and in dark on a phone, and no horizontal scrolling', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    for (const [path, ready] of pages()) {
      await visit(path);
      await ready.first().waitFor({ state: 'attached' });
      for (const [width, colorScheme] of [
        [1280, 'light'],
        [390, 'dark'],
      ] as const) {
        await page.setViewportSize({ width, height: 844 });
        await page.emulateMedia({ colorScheme });
        assert.ok((await overhang(page)) <= 0, path);
        assert.deepEqual(await barriers(page), [], `${path} at ${width} in ${colorScheme}`);
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('is warned when the server is gone, and sees updates once it is back', async () => {
    await page.goto(at('/profiles?size=20'));
    await visible(rows());
    await server.server[Symbol.asyncDispose]();
    await visible(page.getByText('No live updates'));
    await page.getByRole('button', { name: 'Next' }).click();
    await visible(page.getByText('The server cannot be reached.'));
    // Rows of the previous page would be mistaken for those of this one.
    await shown(0);
    await page.goBack();
    await visible(rows());
    await server.restart();
    await page.getByText('No live updates').waitFor({ state: 'hidden' });
    const { json } = await server.request('/v1/ESimProfiles', {
      form: { GenerateMatchingId: 'true' },
    });
    await visible(rows().locator(`a[href$="${json.sid}"]`));
    tab.broken.splice(0);
  });

  test('signs out, and must sign in again on any page', async () => {
    await page.goto(at('/stock'));
    await page.getByRole('button', { name: 'Sign out' }).click();
    await heading('Sign in to Simwright');
    assert.deepEqual(await barriers(page), []);
    const answer = await page.request.get(`${server.url}/v1/ESimProfiles`);
    assert.equal(answer.status(), 401);
    await page.goto(at('/keys'));
    await heading('Sign in to Simwright');
  });

  test('signs in with SID and token, and returns to where the session ended', async () => {
    await page.getByLabel('Account SID').fill(server.account.username);
    await page.getByLabel('Auth token').fill('0'.repeat(32));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await visible(page.getByText('This SID and token don’t match.'));
    await page.getByLabel('Auth token').fill(server.account.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await heading('API keys');
  });

  test('switches between accounts; another tab shows nothing of either until it follows', async () => {
    const other = await server.addAccount(3);
    const { sid: theirs } = await server.order({ GenerateMatchingId: 'true' }, other);
    const second = await page.context().newPage();
    await second.goto(at(`/profiles/${sid}`));
    await visible(second.getByText('installed on the device'));

    await page.locator('.account summary').click();
    await page.getByRole('link', { name: 'Add an account' }).click();
    await page.getByLabel('Account SID').fill(other.username);
    await page.getByLabel('Auth token').fill(other.password);
    assert.deepEqual(await barriers(page), []);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await visible(rows().locator(`a[href$="${theirs}"]`));
    await shown(1);

    await visible(second.getByRole('heading', { name: 'This browser has switched to Another' }));
    assert.equal(await second.getByText('installed on the device').count(), 0);
    // In the background, its timers wait.
    await second.bringToFront();
    assert.deepEqual(await barriers(second), []);
    await second.getByRole('button', { name: 'Switch back to First account' }).click();
    await visible(second.getByRole('region', { name: 'eSIM Profiles' }));
    assert.equal(await second.locator(`a[href$="${theirs}"]`).count(), 0);

    await page.getByRole('button', { name: 'Continue in First account' }).click();
    await visible(rows().nth(1));
    await page.locator('.account summary').click();
    assert.deepEqual(await barriers(page), []);
    await page.getByRole('button', { name: 'Another' }).click();
    await shown(1);
    await second.close();
    await page.locator('.account summary').click();
    await page.getByRole('button', { name: 'Sign out of all accounts' }).click();
    await heading('Sign in to Simwright');
    assert.equal(await page.getByRole('button', { name: 'Continue as' }).count(), 0);
  });

  test('nothing was blocked, failed, or contacted another server', () => {
    assert.deepEqual(
      tab.broken.filter((text) => text !== UNAUTHORISED),
      [],
    );
  });
});
