// The dashboard of the console, and what the stock page says of the time ahead, in a real browser.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { lastPeriods } from '../../src/operator/statistics/periods.ts';
import type { Count } from '../../src/store/statistics.ts';
import { sidAt } from '../../src/values/sid.ts';
import { startReceiver } from '../receiver.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import {
  barriers,
  buildConsole,
  closeTabs,
  launchBrowser,
  overhang,
  signedIn,
  skip,
} from './browser.ts';
import type { Tab } from './browser.ts';

before(buildConsole);

const DAYS = 30;

/** Thirty days of an account, as they are counted: more every day, and one in ten fails. */
function counts(): Count[] {
  const days = lastPeriods('day', DAYS, new Date());
  const all = new Map<string, Count>();
  const add = (
    unit: Count['unit'],
    period: string,
    what: Count['what'],
    detail: string,
    count: number,
  ) => {
    const key = [unit, period, what, detail].join();
    const known = all.get(key)?.count ?? 0;
    all.set(key, { unit, period, what, detail, count: known + count });
  };
  for (const [day, period] of days.entries()) {
    const orders = 20 + day;
    const steps = [
      ['>new', orders],
      ['new>reserving', orders],
      ['reserving>available', orders],
      ['available>downloaded', orders - 5],
      ['downloaded>installed', orders - 10],
      ['downloaded>failed', 2],
    ] as const;
    for (const [detail, count] of steps) {
      add('day', period, 'step', detail, count);
      add('all', '', 'step', detail, count);
    }
    add('day', period, 'end', 'installed>60', orders - 12);
    add('day', period, 'end', 'installed>3600', 2);
    add('day', period, 'end', 'failed', 2);
    add('day', period, 'failure', 'downloaded>5/13', 1);
    add('day', period, 'failure', 'downloaded>8.2.7/6.4', 1);
    add('day', period, 'device', '35693803>installed', orders - 10);
    add('day', period, 'device', '35693803>5/13', 2);
    add('day', period, 'euicc', '89049032>installed', orders - 10);
    add('day', period, 'euicc', '89049032>5/13', 2);
    add('day', period, 'taken', 'default', orders);
  }
  return [...all.values()];
}

describe('a user of the dashboard', { skip }, () => {
  let server: TestServer;
  let browser: Browser;
  let tab: Tab;
  let page: Page;

  before(async () => {
    server = await startTestServer({ stock: 100 });
    browser = await launchBrowser();
    tab = await signedIn(browser, server, server.account);
    page = tab.page;
  });
  after(async () => {
    await closeTabs(browser);
    await server?.[Symbol.asyncDispose]();
  });

  const at = (path: string) => `${server.url}/console${path}`;
  const visible = (locator: Locator) => locator.first().waitFor({ state: 'visible' });
  const card = (name: string) => page.getByRole('region', { name, exact: true });

  test('learns that there is nothing to show yet', async () => {
    await page.goto(at('/profiles'));
    await page.getByRole('link', { name: 'Dashboard' }).click();
    await visible(page.getByRole('heading', { name: 'No orders yet' }));
    await visible(card('Stock').getByText('No orders in the last days.'));
  });

  test('sees what has become of the orders, each chart with its table', async () => {
    const { transact } = server.server.context;
    const { username } = server.account;
    await transact(async ({ tables }) => {
      await tables.statistics.claimMark(username);
      const to = { from: '', to: sidAt('event', new Date()) };
      await tables.statistics.add(username, counts(), to);
    });
    await page.reload();
    await visible(
      card('From available to installed').getByText('Of 1,035 that became available, 735'),
    );
    await visible(card('From available to installed').getByText('1 hour', { exact: true }));
    await visible(card('Why orders failed').getByText('installFailedDueToDataMismatch'));
    await visible(card('Downloads by device').getByText('35693803'));
    await visible(card('Stock').getByText('Runs out in about 2 days'));
    const statuses = card('Orders by status');
    await visible(statuses.getByRole('img', { name: 'Orders by status at the end of each day' }));
    await statuses.getByText('Table: Orders by status at the end of each day').click();
    const last = statuses.getByRole('row').last();
    assert.deepEqual((await last.getByRole('cell').allTextContents()).slice(2), [
      '150',
      '90',
      '735',
      '60',
    ]);
    await statuses.getByRole('button', { name: 'Copy table' }).click();
    const copied: string = await page.evaluate('navigator.clipboard.readText()');
    assert.equal(
      copied.split('\n')[0],
      'Day\tnew\treserving\tavailable\tdownloaded\tinstalled\tfailed',
    );
    assert.equal(copied.split('\n').length, DAYS + 1);
  });

  test('chooses the time that is shown', async () => {
    await page.getByRole('button', { name: '24 hours' }).click();
    await visible(page.getByRole('heading', { name: 'Orders by status, 24 hours' }));
    await visible(card('Why orders failed').getByText('None failed in this time.'));
    await page.getByRole('button', { name: '30 days' }).click();
    await visible(page.getByRole('heading', { name: 'Orders by status, 30 days' }));
  });

  test('WCAG A and AA: on a screen and on a phone, in light and dark, and not wider than that', async () => {
    const { DASHBOARD_PICTURES: folder } = process.env;
    for (const path of ['/dashboard', '/stock']) {
      for (const [width, colorScheme] of [
        [1280, 'light'],
        [390, 'dark'],
      ] as const) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 844 });
        await page.goto(at(path));
        await visible(page.getByText('Runs out in about 2 days'));
        assert.deepEqual(await barriers(page), []);
        assert.equal(await overhang(page), 0, `${path} at ${width}`);
        if (folder === undefined) continue;
        await page.screenshot({ path: `${folder}${path}-${width}.png`, fullPage: true });
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('sets when a profile type runs low, and is told why a value is wrong', async () => {
    await using receiver = await startReceiver();
    await page.goto(at('/stock'));
    const type = card('Profile type default');
    await visible(type.getByText('No threshold: nobody is told when it runs low.'));
    await type.getByRole('button', { name: 'Threshold of default' }).click();
    const dialog = page.getByRole('dialog', { name: 'When default runs low' });
    await dialog.getByLabel('Threshold').fill('12,5');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await visible(
      dialog.getByText("expected a whole number from 1 to 100000, or empty; got '12,5'"),
    );
    tab.broken.splice(0);
    await dialog.getByLabel('Threshold').fill('500');
    await dialog.getByLabel('Callback URL').fill(`${receiver.url}/stock`);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await visible(type.getByText(`Low below 500; ${receiver.url}/stock is told.`));
    assert.equal((await receiver.next()).parameters['Status'], 'low');
    await type.getByText('Table: ICCIDs in stock of default').click();
    await visible(type.getByText('8999901000000000013'));
    await page.goto(at('/callbacks'));
    await page.getByText('low', { exact: true }).click();
    await visible(page.getByText('About the stock of default'));
  });

  test('sees a page without errors, and within its security policy', () => {
    assert.deepEqual(tab.broken, []);
  });
});
