// Batches in the console: ordered, watched, cancelled and taken away in a real browser.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, mock, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { readBatchCsv } from '../../src/console/app/pages/batch-csv.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { buildConsole, closeTabs, flawsOfPage, launchBrowser, signedIn, skip } from './browser.ts';
import type { Tab } from './browser.ts';

before(buildConsole);

/** An empty line, a line break in quotes, an EID that is too short, and such a code. */
const FILE = `Eid;FriendlyName;ConfirmationCode

89049032005008882600033489000056;Truck 17;2580
;"Anna
Schmidt";
8904903200500888260003348900005;Truck 18;
;Berta;12
;Carl;
`;

test('a file is previewed as the server reads it, with any kind of line break', () => {
  for (const lineBreak of ['\n', '\r\n', '\r']) {
    const { names, first, count } = readBatchCsv(FILE.replaceAll('\n', lineBreak));
    assert.deepEqual(names, ['Eid', 'FriendlyName', 'ConfirmationCode']);
    assert.equal(count, 5);
    assert.deepEqual(first[1], ['', `Anna${lineBreak}Schmidt`, '']);
  }
  assert.deepEqual(readBatchCsv('').names, []);
  assert.deepEqual(readBatchCsv('Eid,,').names, ['Eid']);
});

describe('a user who orders many', { skip }, () => {
  let server: TestServer;
  let browser: Browser;
  let tab: Tab;
  let page: Page;
  let sid: string;

  const COUNT = 200;

  before(async () => {
    server = await startTestServer({ stock: COUNT + 2 });
    browser = await launchBrowser();
    tab = await signedIn(browser, server, server.account);
    page = tab.page;
  });
  after(async () => {
    await closeTabs(browser);
    await server?.[Symbol.asyncDispose]();
  });

  const visible = (locator: Locator) => locator.first().waitFor({ state: 'visible' });
  const region = (name: string) => page.getByRole('region', { name, exact: true });
  const outlook = () => region('What will happen');
  const order = (name: string) => page.getByRole('button', { name, exact: true });
  const sidOfPage = () => page.url().slice(-34);
  const batch = async (of = sid): Promise<any> =>
    (await server.request(`/v1/ESimProfiles/Batches/${of}`)).json;

  const flaws = (name: string) => flawsOfPage(page, name, process.env['BATCH_PICTURES']);

  test('finds it beside the order of one profile, and learns what will happen before it does', async () => {
    await page.goto(`${server.url}/console/order`);
    await page.getByRole('link', { name: 'Many at once' }).click();
    await order('Order').click();
    await visible(page.getByText('Enter how many profiles to order.'));
    await page.getByLabel('How many').fill('10,001');
    await visible(page.getByText('Enter a whole number from 1 to 10,000.'));
    // Enter in a hurry orders nothing that would fail.
    await page.getByLabel('How many').fill('1,000');
    await page.keyboard.press('Enter');
    await visible(outlook().getByText('1,000 orders, which are all valid.'));
    await visible(outlook().getByText(`for ${COUNT + 2} of them only: 798 orders would fail.`));
    const { json } = await server.request('/v1/ESimProfiles/Batches');
    assert.deepEqual(json.batches, []);
    await page.getByLabel('All or nothing').check();
    await visible(outlook().getByText('the batch would fail, and nothing would be ordered.'));
    await page.getByLabel('How many').fill(String(COUNT));
    await visible(outlook().getByText(`${COUNT} profiles will be ordered.`));
    await visible(outlook().getByText('The stock has enough: 202 subscriptions.'));
  });

  test('orders once by a double click, and watches the batch fill', async () => {
    await order(`Order ${COUNT} profiles`).dblclick();
    await page.waitForURL(/\/batches\/BT[0-9a-f]{32}$/);
    sid = sidOfPage();
    await visible(page.getByText(`${COUNT} of ${COUNT} ordered`));
    await visible(page.getByText('Everything is ordered.'));
    const bar = page.getByRole('progressbar', { name: 'Progress' });
    assert.equal(await bar.getAttribute('aria-valuenow'), String(COUNT));
    const { json } = await server.request('/v1/ESimProfiles/Batches');
    assert.deepEqual(
      json.batches.map(({ sid: one, all_or_nothing: all }: any) => [one, all]),
      [[sid, true]],
    );
  });

  test('takes the result as CSV with codes and links, and QR codes', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      region('Result').getByRole('link', { name: 'CSV', exact: true }).click(),
    ]);
    const [head, ...lines] = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n');
    assert.match(head!, /^item,state,error,lpa,apple_url,android_url,sid,/);
    assert.equal(lines.length, COUNT);
    for (const line of lines) {
      assert.match(line, /^\d+,ordered,,LPA:1\$[^,]+,https:\/\/[^,]+,https:\/\/[^,]+,HP/);
    }
    const [sheet] = await Promise.all([
      page.context().waitForEvent('page'),
      region('Result').getByRole('link', { name: 'QR sheet to print' }).click(),
    ]);
    await sheet.waitForLoadState();
    assert.equal(await sheet.locator('svg').count(), COUNT);
    await sheet.close();
    const [zip] = await Promise.all([
      page.waitForEvent('download'),
      region('Result').getByRole('link', { name: 'QR codes (ZIP)' }).click(),
    ]);
    assert.equal(readFileSync(await zip.path()).toString('latin1', 0, 2), 'PK');
  });

  test('goes on to its eSIM Profiles, selects them all, and back from one of them', async () => {
    await server.order({ GenerateMatchingId: 'true' });
    await region('Its eSIM Profiles').getByRole('link', { name: /Show/ }).click();
    const list = region('eSIM Profiles');
    await visible(list);
    await visible(page.getByRole('heading', { name: `eSIM Profiles${COUNT}` }));
    await visible(page.getByRole('button', { name: `Batch: …${sid.slice(-6)}` }));
    await page.keyboard.press('a');
    await page.getByRole('button', { name: `Select all ${COUNT} that match` }).click();
    await visible(region('Selection').getByText(`All ${COUNT} that match`));
    await page.keyboard.press('Escape');
    await list.locator('[data-row-link]').first().click();
    await region('Details').getByRole('link', { name: 'BT' }).click();
    await page.waitForURL(`**/batches/${sid}`);
  });

  test('orders the lines of a file, and sees on which lines it is wrong before and after', async () => {
    await page.goto(`${server.url}/console/order/many`);
    await page.getByLabel('One profile for each line of a file').check();
    await page.getByLabel('CSV file').setInputFiles({
      name: 'devices.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('Eid,Colour\n,red\n'),
    });
    await visible(page.getByText(/^Invalid CSV: .*got 'Colour'$/));
    tab.broken.splice(0);
    const dropped = await page.evaluateHandle(`(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([${JSON.stringify(FILE)}], 'mended.csv'));
      return transfer;
    })()`);
    await page.locator('.drop').dispatchEvent('drop', { dataTransfer: dropped });
    await visible(page.getByText('Chosen: mended.csv'));
    await visible(region('The first lines of the file').getByText('Truck 17'));
    await visible(outlook().getByText('3 of 5 lines are not valid; the other 2 are.'));
    const cells = region('Problems in the file').locator('tbody tr td:last-child');
    const lines = (texts: string[]) =>
      texts.map((text) => /\(line (\d+) of the file\)$/.exec(text)?.[1]);
    assert.deepEqual(lines(await cells.allTextContents()), ['4', '6', '7']);
    await page.getByLabel('All or nothing').check();
    await visible(outlook().getByText('not valid: nothing will be ordered.'));
    await visible(page.getByRole('button', { name: 'Order', exact: true, disabled: true }));
    await page.getByLabel('Order the others').check();
    assert.deepEqual(await flaws('order-many'), []);
    await order('Order 2 profiles').click();
    await visible(page.getByText('2 of 5 ordered, 3 refused'));
    await visible(page.getByText('Of the orders, 1 has failed or was cancelled.'));
    const refused = region('Problems').locator('tbody tr td:last-child');
    await visible(refused);
    assert.deepEqual(lines(await refused.allTextContents()), ['4', '6', '7']);
    // The stock had one left for two.
    await visible(region('Its eSIM Profiles').getByRole('link', { name: 'failed 1' }));
    assert.deepEqual(await flaws('batch'), []);
    const { count, ordered } = await batch(sidOfPage());
    assert.deepEqual([count, ordered], [5, 2]);
  });

  test('cancels one that is running, knowing what stays', async () => {
    // However fast the machine is, it is still running when it is cancelled.
    const held = mock.method(server.server.context.store.batches, 'listDue', async () => []);
    await page.goto(`${server.url}/console/order/many`);
    await page.getByLabel('How many').fill('10000');
    await order('Order 10,000 profiles').click();
    await page.getByRole('button', { name: 'Cancel…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cancel this batch?' });
    await visible(dialog.getByText('left, and will not be ordered.'));
    await dialog.getByRole('button', { name: 'Cancel the batch' }).click();
    await visible(page.getByText(/Cancelled: [\d,]+ were not ordered/));
    await dialog.waitFor({ state: 'detached' });
    assert.equal((await batch(sidOfPage())).status, 'cancelled');
    held.mock.restore();
  });

  test('sees all batches in a list, and narrows it by status', async () => {
    await page.getByRole('navigation', { name: 'Main' }).getByText('Batches').click();
    const rows = region('Batches').locator('tbody tr');
    await visible(rows.nth(2));
    assert.deepEqual(await rows.locator('.pill').allTextContents(), [
      'cancelled',
      'completed',
      'completed',
    ]);
    assert.deepEqual(await flaws('batches'), []);
    await page.getByRole('button', { name: 'cancelled' }).click();
    await page.waitForURL('**?status=cancelled');
    await rows.nth(1).waitFor({ state: 'detached' });
  });

  test('sees a page without errors, and within its security policy', () => {
    assert.deepEqual(tab.broken, []);
  });
});
