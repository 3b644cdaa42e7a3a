// The console's list of eSIM Profiles: search, printing, and the phone layout.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { newEid, newPhone } from '../es9plus/phone.ts';
import { decodeQr, findCode, readSvg } from '../qr-decoder.ts';
import { eventually, startTestServer } from '../server.ts';
import type { Credentials, TestServer } from '../server.ts';
import {
  barriers,
  buildConsole,
  closeTabs,
  followLink,
  launchBrowser,
  overhang,
  signedIn,
  skip,
} from './browser.ts';
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
  /** As a link does: what was not in the address of the list, such as a selection, stays. */
  const visit = (path: string) => followLink(page, `${server.url}/console${path}`);
  const heading = (name: string) => visible(page.getByRole('heading', { name }));
  /** Searches without the pause after typing. */
  async function search(text: string): Promise<void> {
    await page.keyboard.insertText(text);
    await page.keyboard.press('Enter');
  }
  /** Clears the search, and stays in its field. */
  async function showAll(): Promise<void> {
    await page.getByRole('searchbox').fill('');
    await page.keyboard.press('Enter');
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
    await closeTabs(browser);
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
      await search(text);
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
      await search(text);
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

  test('is told if too many match, and goes on to all whose name begins with it', async () => {
    await page.route('**/v1/ESimProfiles?Search=*', (route) =>
      route.fulfill({
        status: 400,
        json: {
          code: 20001,
          message: "Invalid parameter Search: more than 1000 eSIM Profiles match '8999'",
          status: 400,
        },
      }),
    );
    await visit('/profiles?q=8999');
    await heading('Too many profiles match');
    await page.getByRole('button', { name: 'Show all whose name begins with it' }).click();
    await page.waitForURL('**/profiles?name=8999');
    await heading('No profiles match');
    await page.unroute('**/v1/ESimProfiles?Search=*');
    tab.broken.splice(0);
  });

  test('sees the next rows when all of a page have left the list', async () => {
    const name = (of: any[], FriendlyName: string) =>
      Promise.all(
        of.map(({ sid }) => server.request(`/v1/ESimProfiles/${sid}`, { form: { FriendlyName } })),
      );
    await name(available, 'Returned');
    await visit('/profiles?size=20&name=ret');
    await shown(20);
    await name(available.slice(0, 20), '');
    await shown(COUNT - 20);
    await name(available.slice(20), '');
    await heading('No profiles match');
  });

  const dock = (name: string) => page.getByRole('region', { name });
  const boxes = () => page.locator('[data-row-select]');
  const dialog = (name: string) => page.getByRole('dialog', { name });
  const codes = (of: any[]) => of.map(({ activation_code: code }) => `LPA:${code}`);
  /** Opens the export menu of the whole list, or of the selection. */
  async function exportOf(what: 'list' | 'selection', choice: string): Promise<void> {
    const menu = what === 'list' ? page.locator('.page-head') : dock('Selection');
    await menu.getByText('Export', { exact: true }).click();
    await menu.getByText(choice).click();
  }
  /** The codes on the QR sheet that the dialog links to. */
  async function labels(): Promise<string[]> {
    const link = dialog('QR sheet').getByRole('link', { name: 'Open QR sheet' });
    const { text } = await server.request((await link.getAttribute('href'))!);
    await page.keyboard.press('Escape');
    return Array.from(text.matchAll(/<svg [^]*?<\/svg>/g), ([svg]) =>
      decodeQr(findCode(readSvg(svg)).modules),
    );
  }
  /** The file that a click on this saves. */
  async function saved(click: () => Promise<void>): Promise<string> {
    const [download] = await Promise.all([page.waitForEvent('download'), click()]);
    return readFileSync(await download.path(), 'utf8');
  }

  test('prints the usable codes of the whole filter, not only of one page', async () => {
    await visit('/profiles?size=20');
    await shown(20);
    await exportOf('list', 'QR sheet');
    assert.deepEqual(await labels(), codes(available));
    await visit('/profiles?status=available,installed,failed');
    await visible(rows());
    await exportOf('list', 'QR sheet');
    await visible(dialog('QR sheet').getByText('no code that can be used'));
    assert.deepEqual(await labels(), codes(available));
    await visit(`/profiles?q=${available[3].matching_id}`);
    await shown(1);
    await exportOf('list', 'QR sheet');
    assert.deepEqual(await labels(), codes([available[3]]));
    await visit('/profiles?status=installed');
    await shown(1);
    await exportOf('list', 'QR sheet');
    await visible(dialog('QR sheet').getByText('None of these profiles has a code'));
    await page.keyboard.press('Escape');
  });

  test('exports the list as its filter and columns are', async () => {
    const file = await saved(() => exportOf('list', 'CSV, the columns shown'));
    assert.equal(
      file,
      'sid,friendly_name,status,iccid,eid,matching_id,date_created\r\n' +
        `${installed.sid},,installed,${installed.iccid},${await eidOf(installed)},${installed.matching_id},${installed.date_created}\r\n`,
    );
  });
  const eidOf = async ({ sid }: any) =>
    (await server.request(`/v1/ESimProfiles/${sid}`)).json.eid as string;

  test('selects rows, and ranges with Shift, which stay selected on other pages and under other filters', async () => {
    await open('/profiles?size=20&status=available');
    await shown(20);
    await boxes().nth(1).click();
    await boxes()
      .nth(4)
      .click({ modifiers: ['Shift'] });
    await visible(dock('Selection').getByText('4 selected'));
    await page.getByRole('button', { name: 'Next' }).click();
    await shown(COUNT - 20);
    await page.getByLabel(`Select ${available[22].iccid}`).check();
    await visible(dock('Selection').getByText('5 selected'));
    await page.getByRole('button', { name: 'available', exact: true }).click();
    await shown(20);
    // An order that arrives above does not move the selection to another row.
    const { sid } = await server.order({ GenerateMatchingId: 'true', ProfileType: 'none' });
    await visible(rows().locator(`a[href$="${sid}"]`));
    for (const row of available.slice(1, 5)) {
      assert.ok(await page.getByLabel(`Select ${row.iccid}`).isChecked());
    }
    assert.equal(await page.locator('[data-row-select]:checked').count(), 4);
  });

  test('exports and prints what is selected, in the order of the list', async () => {
    const chosen = [...available.slice(1, 5), available[22]];
    await exportOf('selection', 'QR sheet');
    assert.deepEqual(await labels(), codes(chosen));
    await exportOf('selection', 'JSON Lines');
    const link = dialog('Export as JSON Lines').getByRole('link');
    const lines = (await saved(() => link.click())).trim().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).sid),
      chosen.map(({ sid }) => sid),
    );
    await page.keyboard.press('Escape');
    await exportOf('selection', 'Microsoft Intune');
    await visible(page.getByText('Intune takes only the full name of a host'));
    await page.keyboard.press('Escape');
  });

  test('selects by keyboard', async () => {
    await page.keyboard.press('Escape');
    await dock('Selection').waitFor({ state: 'hidden' });
    for (const key of ['j', 'x', 'j', 'j', 'X']) await page.keyboard.press(key);
    await visible(dock('Selection').getByText('3 selected'));
    await page.keyboard.press('.');
    await page.keyboard.press('Enter');
    await visible(page.getByRole('button', { name: 'Cancel orders…' }));
    // Esc closes the menu, and only then clears the selection.
    await page.keyboard.press('Escape');
    assert.equal(await dock('Selection').count(), 1);
    await page.keyboard.press('a');
    await visible(dock('Selection').getByText('20 selected'));
    await page.keyboard.press(']');
    await page.waitForURL(/token=/);
    await page.keyboard.press('Escape');
    for (const key of ['g', 'c']) await page.keyboard.press(key);
    await page.waitForURL(/\/callbacks$/);
  });

  /** Opens the dialog of an action for the selection. */
  async function ask(choice: string): Promise<Locator> {
    await dock('Selection').getByText('Change', { exact: true }).click();
    await page.getByRole('button', { name: choice }).click();
    return dialog(choice.replace('…', ''));
  }
  const statuses = async () =>
    Object.fromEntries(
      (await server.request('/v1/ESimProfiles?PageSize=1000')).json.esim_profiles.map(
        ({ sid, status }: any) => [sid, status],
      ),
    );
  const job = () => dock('Changes in progress');

  test('finds no barriers in the selection and its dialogs, in light at a desk and in dark on a phone', async () => {
    async function noBarriers(): Promise<void> {
      const found: string[] = [];
      for (const [width, colorScheme] of [
        [390, 'dark'],
        [1280, 'light'],
      ] as const) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        found.push(...(await barriers(page)));
        if ((await overhang(page)) > 0) found.push(`wider than ${width}`);
      }
      assert.deepEqual(found, []);
    }
    // Few rows, since each costs time.
    await open('/profiles?status=installed');
    await boxes().check();
    await visible(dock('Selection'));
    await noBarriers();
    const asked = await ask('Bind to a device…');
    await visible(asked.getByText('installed on a device'));
    await noBarriers();
    await page.keyboard.press('Escape');
  });

  test('sees before a change how many it is possible for, and why not for the others; may undo it', async () => {
    await open('/profiles?size=20');
    await shown(20);
    const were = await statuses();
    await page.locator('th.select').click();
    await page.getByRole('button', { name: /^Select all .*profiles$/ }).click();
    await page.getByLabel(`Select ${available[0].iccid}`).uncheck();
    await visible(dock('Selection').getByText('that match but 1'));
    const asked = await ask('Cancel orders…');
    const plan = asked.locator('.plan li');
    await visible(plan);
    assert.deepEqual(
      (await plan.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' ')),
      [
        `${COUNT - 1} available ends; its subscription returns to stock`,
        `${Object.values(were).filter((status) => status === 'failed').length} failed has ended`,
        '1 installed installed on a device',
      ],
    );
    await asked.getByRole('button', { name: `Cancel ${COUNT - 1} orders` }).click();
    await visible(job().getByText('nothing has been sent yet'));
    await job().getByRole('button', { name: 'Undo' }).click();
    await job().waitFor({ state: 'hidden' });
    assert.deepEqual(await statuses(), were);
  });

  test('changes many orders, and undoes it', async () => {
    const chosen = available.slice(5, 8);
    for (const { iccid } of chosen) await page.getByLabel(`Select ${iccid}`).check();
    const asked = await ask('Set when they expire…');
    await asked.getByLabel('Expire at').fill('2020-01-01T00:00');
    await asked.getByRole('button', { name: 'Change 3 orders' }).click();
    await visible(asked.getByText('Choose a time in the future.'));
    await asked.getByLabel('Expire at').fill('2099-01-01T00:00');
    await asked.getByRole('button', { name: 'Change 3 orders' }).click();
    await visible(job().getByText('3 orders changed'));
    const times = async () =>
      Promise.all(
        chosen.map(
          async ({ sid }) => (await server.request(`/v1/ESimProfiles/${sid}`)).json.expires_at,
        ),
      );
    assert.deepEqual(new Set((await times()).map((time) => time?.slice(0, 4))).size, 1);
    await job().getByRole('button', { name: 'Undo' }).click();
    await visible(job().getByText('Undo: 3 orders changed'));
    assert.deepEqual(await times(), [undefined, undefined, undefined]);
  });

  test('a change goes on where it was stopped, also after a reload, and tells what failed', async () => {
    await job().getByRole('button', { name: 'Close' }).click();
    const chosen = available.slice(10, 20);
    await open('/profiles?size=50');
    for (const { iccid } of chosen) await page.getByLabel(`Select ${iccid}`).check();
    // One is cancelled elsewhere meanwhile; the connection breaks after two requests.
    let count = 0;
    await page.route('**/Cancel', async (route) => {
      if (++count === 1)
        await server.request(`/v1/ESimProfiles/${chosen[5].sid}/Cancel`, { form: {} });
      // One that is pending when the page is left is ended by that.
      return count <= 2 ? route.fallback() : route.abort().catch(() => {});
    });
    const asked = await ask('Cancel orders…');
    await asked.getByRole('button', { name: 'Cancel 10 orders' }).click();
    await job().getByRole('button', { name: 'Start now' }).click();
    await visible(job().getByText('paused: The server cannot be reached.'));
    await page.unroute('**/Cancel');
    await page.reload();
    await visible(job().getByText('The page was left before it was done.'));
    await job().getByRole('button', { name: 'Continue' }).click();
    await visible(job().getByText('9 orders cancelled'));
    await job().getByRole('button', { name: 'What failed' }).click();
    await visible(dialog('What failed').getByText('is failed (83590: The order was cancelled)'));
    const now = await statuses();
    assert.ok(chosen.every(({ sid }) => now[sid] === 'failed'));
    assert.equal(Object.values(now).filter((status) => status === 'available').length, COUNT - 10);
    await page.keyboard.press('Escape');
    await job().getByRole('button', { name: 'Close' }).click();
    tab.broken.splice(0);
  });

  test('labels many orders, finds them again by it, and sees beside each list how many there are', async () => {
    await open('/profiles?size=20&status=available');
    const total = () => page.locator('.total').innerText();
    const counted = (text: string) =>
      eventually(async () => ((await total()) === text ? true : undefined));
    await counted(String(COUNT - 10));
    await page.locator('th.select').click();
    await page
      .getByRole('button', { name: `Select all ${COUNT - 10} that match` })
      .waitFor({ state: 'hidden' });
    await page.getByLabel(`Select ${available[0].iccid}`).uncheck();
    const asked = await ask('Name and label…');
    await asked.getByLabel('Name').fill('Pilot');
    await asked.getByLabel('Metadata key').fill('~');
    await asked.getByRole('button', { name: 'Label' }).click();
    await visible(asked.getByText('expected keys of'));
    await asked.getByLabel('Metadata key').fill('site');
    await asked.getByLabel('Value').fill('Berlin');
    await asked.getByRole('button', { name: `Label ${COUNT - 11} orders` }).click();
    await visible(job().getByText('orders labelled'));
    await job().getByRole('button', { name: 'Close' }).click();

    await page.getByRole('link', { name: 'site=Berlin' }).first().click();
    await page.waitForURL(/\/profiles\?meta=site%3DBerlin$/);
    await shown(COUNT - 11);
    await counted(String(COUNT - 11));
    await page.getByRole('button', { name: 'site = Berlin' }).click();
    await page.getByText('More filters').click();
    await page.getByLabel('Name begins with').fill('pil');
    await page.getByLabel('Profile type').selectOption('default');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/\/profiles\?type=default&name=pil$/);
    await shown(COUNT - 11);
    // A profile that loses its name disappears at once.
    const { sid } = available[1];
    await server.request(`/v1/ESimProfiles/${sid}`, { form: { FriendlyName: '' } });
    await shown(COUNT - 12);
    await counted(String(COUNT - 12));
    for (const path of ['sims', 'callbacks']) {
      await followLink(page, `${server.url}/console/${path}`);
      await counted(path === 'sims' ? String(COUNT + 1) : '0');
    }
  });

  test('saves a filter under a name, and comes back to it', async () => {
    await open('/profiles?status=failed&from=2020-01-01');
    await visible(rows());
    const menu = page.locator('.filters .menu');
    await menu.getByText('Saved filters').click();
    await page.getByLabel('Name of this filter').fill('To order again');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.waitForURL(/\/profiles$/);
    await page.reload();
    await menu.getByText('Saved filters').click();
    await page.getByRole('link', { name: 'To order again' }).click();
    await page.waitForURL(/\/profiles\?status=failed&from=2020-01-01$/);
    await menu.getByText('Saved filters').click();
    assert.deepEqual(await barriers(page), []);
    await page.getByRole('button', { name: 'Delete the filter To order again' }).click();
    assert.equal(await page.getByRole('link', { name: 'To order again' }).count(), 0);
  });

  test('sees in the list why an order failed', async () => {
    await visit('/profiles?status=failed');
    const row = rows().first();
    await visible(row.getByText('No eSIM Profiles are available'));
    assert.equal(await row.getByText('–').count(), 0);
  });

  test('sees relative or exact times, and the other form on hover', async () => {
    await visit('/profiles?status=installed');
    const date = installed.date_created;
    const time = rows().first().locator(`time[datetime="${date}"]`);
    await visible(time);
    const exact = await time.evaluate(EXACT);
    assert.equal(await time.getAttribute('title'), `${exact} (${date})`);
    assert.notEqual(await time.innerText(), exact);
    await page.getByRole('button', { name: 'Times: relative' }).click();
    assert.equal(await time.innerText(), exact);
    assert.match((await time.getAttribute('title'))!, / \(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)$/);
    await page.reload();
    assert.equal(await time.innerText(), exact);
    await page.getByRole('button', { name: 'Times: exact' }).click();
    assert.match(await time.innerText(), /^(just now|.* ago) \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    await page.getByRole('button', { name: 'Times: both' }).click();
  });

  test('has rows of two lines on a phone, whatever their content', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    for (const path of ['/profiles', '/sims', '/keys']) {
      if (path === '/keys')
        await server.request('/v1/Keys', { form: { FriendlyName: 'x'.repeat(60) } });
      await visit(path);
      const cards = page.locator('.two-lines tbody tr');
      await visible(cards);
      const heights = await cards.evaluateAll(HEIGHTS);
      assert.ok(Math.max(...heights) <= 20 + 2 * 30 + 2, `${path}: ${heights.join()}`);
      assert.ok((await overhang(page)) <= 0, path);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('sees the stock beside the order button, and is warned before ordering if it is empty', async () => {
    await visit('/order');
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
    await reader.page.goto(`${server.url}/console/profiles`);
    for (const path of ['/profiles', '/sims', '/stock']) {
      await followLink(reader.page, `${server.url}/console${path}`);
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
    await visit('/connect');
    await visible(page.getByLabel('example for curl', { exact: true }));
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 844 });
      for (const language of await page.locator('.program .chip').allInnerTexts()) {
        await page.getByRole('button', { name: language, exact: true }).click();
        const code = page.getByLabel(`example for ${language}`, { exact: true });
        assert.ok((await code.evaluate(CUT)) <= 0, `${language} at ${width}`);
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('searches Sims, and sees clearly if there are none', async () => {
    await visit('/sims');
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
    await visit(`/profiles?q=${newEid()}`);
    await heading('No profiles match');
  });

  test('/docs has our name and icon, in light and dark, and contacts no other server', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.goto(`${server.url}/docs`);
    await page.getByRole('link', { name: 'Callbacks' }).click();
    await visible(page.getByText('Send many callbacks again'));
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
