// The console's page of callbacks.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { FunctionExecutionError } from '../../src/rsp/function-execution-error.ts';
import { reportStep, warnedOf } from '../../src/smdp/download/progress.ts';
import { createOperator } from '../../src/smdp/operators/operators.ts';
import { startReceiver } from '../receiver.ts';
import type { Receiver } from '../receiver.ts';
import { eventually, startTestServer } from '../server.ts';
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

describe('a user of the callbacks page', { skip }, () => {
  let server: TestServer;
  let browser: Browser;
  let tab: Tab;
  let page: Page;
  let receiver: Receiver;
  let status = 500;
  let failed: any;

  const rows = () => page.locator('.callbacks .disclosure');
  const visible = (locator: Locator) => locator.first().waitFor({ state: 'visible' });
  const shown = (count: number) =>
    eventually(async () => ((await rows().count()) === count ? true : undefined));
  /** Waits until `count` callbacks are in a state. */
  const settled = (state: string, count: number) =>
    eventually(async () => {
      const { json } = await server.request(`/v1/Callbacks?State=${state}`);
      return json.callbacks.length === count ? true : undefined;
    });
  const open = (query = '') => page.goto(`${server.url}/console/callbacks${query}`);

  before(async () => {
    buildConsole();
    server = await startTestServer({ stock: 10, es9: true });
    receiver = await startReceiver((_call, _request, response) => {
      response.writeHead(status).end(status === 500 ? 'the database is on fire' : undefined);
    });
    browser = await launchBrowser();
    tab = await signedIn(browser, server, server.account);
    page = tab.page;
  });
  after(async () => {
    await closeTabs(browser);
    await receiver?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  test('learns when callbacks are sent, before there are any', async () => {
    await open();
    await visible(page.getByRole('heading', { name: 'No callbacks yet' }));
  });

  test('sees them appear, with their content, their profile, and why they failed', async () => {
    const order = { GenerateMatchingId: 'true' };
    failed = await server.order({ ...order, CallbackUrl: `${receiver.url}/status#rc=0` });
    await settled('failed', 2);
    await shown(2);
    const summary = rows().first().locator('summary');
    await visible(summary.getByText('answered 500; expected 2xx'));
    await visible(summary.getByText('available', { exact: true }));
    await summary.click();
    await visible(rows().first().getByText('the database is on fire'));
    assert.equal(
      await rows().first().getByRole('link', { name: failed.sid }).getAttribute('href'),
      `/console/profiles/${failed.sid}`,
    );
  });

  test('filters by state; the address contains the filter', async () => {
    status = 204;
    await server.order({ GenerateMatchingId: 'true', CallbackUrl: `${receiver.url}/status` });
    await settled('delivered', 2);
    await shown(4);
    await page.getByRole('button', { name: 'failed', exact: true }).click();
    await page.waitForURL(/\?state=failed$/);
    await shown(2);
    await page.getByRole('button', { name: 'pending', exact: true }).click();
    await page.waitForURL(/\?state=pending,failed$/);
    await page.getByRole('button', { name: 'failed', exact: true }).click();
    await visible(page.getByRole('heading', { name: 'No callbacks match' }));
    await page.getByRole('link', { name: 'Show all' }).click();
    await shown(4);
  });

  test('finds no accessibility barriers, and rows of two lines on a phone', async () => {
    await open();
    await rows().first().locator('summary').click();
    for (const [width, colorScheme] of [
      [1280, 'light'],
      [390, 'dark'],
    ] as const) {
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      assert.ok((await overhang(page)) <= 0);
      assert.deepEqual(await barriers(page), []);
    }
    const heights = await page.locator('.callbacks summary').evaluateAll(HEIGHTS);
    assert.ok(Math.max(...heights) < 3 * 20 + 16, heights.join());
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('sees the callback of a change that is not of the status', async () => {
    const order = { GenerateMatchingId: 'true', CallbackUrl: `${receiver.url}/status` };
    const { sid } = await server.order(order);
    await settled('delivered', 4);
    await open();
    await shown(6);
    await server.request(`/v1/ESimProfiles/${sid}`, { form: { ExpiresAt: '2099-01-01' } });
    await shown(7);
    await rows().first().locator('summary').click();
    await visible(rows().first().getByText('Changed', { exact: true }));
  });

  test('tests a receiver, and reads what it answered', async () => {
    await page.getByRole('button', { name: 'Test a receiver' }).click();
    const dialog = page.getByRole('dialog', { name: 'Test a receiver' });
    await dialog.getByRole('button', { name: 'Send the test' }).click();
    await visible(dialog.getByText('Enter a URL.'));
    const sent = receiver.calls.length;
    await dialog.getByLabel('Callback URL').fill(`${receiver.url}/test`);
    await dialog.getByRole('button', { name: 'Send the test' }).click();
    await visible(dialog.getByRole('status'));
    assert.match(await dialog.getByRole('status').innerText(), /eceived: answered \d+/);
    assert.equal(receiver.calls[sent]!.parameters['Test'], 'true');
    assert.deepEqual(await barriers(page), []);
    await dialog.locator('.form-actions').getByRole('button', { name: 'Close' }).click();
    receiver.calls.splice(sent);
  });

  test('retries all failed ones at once, and sees how many', async () => {
    const sent = receiver.calls.length;
    await page.getByRole('button', { name: 'Retry all failed' }).click();
    const dialog = page.getByRole('dialog', { name: 'Retry all failed callbacks' });
    assert.deepEqual(await barriers(page), []);
    await dialog.getByRole('button', { name: 'Retry', exact: true }).click();
    await visible(dialog.getByText('2 callbacks are being sent again.'));
    await dialog.locator('.form-actions').getByRole('button', { name: 'Close' }).click();
    await settled('delivered', 7);
    assert.equal(receiver.calls.length, sent + 2);
    await open('?state=failed');
    await visible(page.getByRole('heading', { name: 'No callbacks match' }));
  });

  test('follows a link from a callback to its Sim', async () => {
    const path = `/v1/Sims/${failed.sim_sid}`;
    await server.request(path, { form: { Status: 'active', CallbackUrl: receiver.url } });
    await settled('delivered', 8);
    await open();
    await rows().first().locator('summary').click();
    await rows().first().getByRole('link', { name: failed.sim_sid }).click();
    await visible(page.getByRole('region', { name: 'Sims' }).getByText(failed.iccid));
    assert.equal(await page.getByRole('region', { name: 'Sims' }).locator('tbody tr').count(), 1);
  });

  test('sees on a profile whether the order had a callback URL', async () => {
    const { sid } = await server.order({ GenerateMatchingId: 'true' });
    await page.goto(`${server.url}/console/profiles/${sid}`);
    await visible(page.getByText('This order has no callback URL.'));
  });

  test('cannot retry with a read-only key', async () => {
    const { json } = await server.request('/v1/Keys', { form: { Scope: 'read' } });
    const key = { username: json.sid, password: json.secret };
    const reader = await signedIn(browser, server, key);
    await reader.page.goto(`${server.url}/console/callbacks`);
    await reader.page.locator('.callbacks summary').first().click();
    await reader.page.getByText('Parameters').waitFor();
    assert.equal(await reader.page.getByRole('button', { name: /Retry/ }).count(), 0);
    await reader.page.context().close();
  });

  test('rehearses with a virtual phone, and sees each step', async () => {
    await open('');
    await page.getByRole('button', { name: 'Rehearse', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Rehearse with a virtual phone' });
    await using own = await startReceiver();
    await dialog.getByLabel('Callback URL').fill(own.url);
    await dialog.getByRole('button', { name: 'Rehearse', exact: true }).click();
    await visible(dialog.getByText('4 of 4 callbacks delivered'));
    assert.equal(await dialog.locator('.steps-done > li').count(), 18);
    await page.setViewportSize({ width: 390, height: 844 });
    assert.deepEqual(await barriers(page), []);
    await page.setViewportSize({ width: 1280, height: 800 });
    await dialog.locator('.form-actions').getByRole('button', { name: 'Close' }).click();
  });

  test('sees the operators over ES2+, their certificates, and what they were told; sends it again', async () => {
    await page.goto(`${server.url}/console/operators`);
    await visible(page.getByRole('heading', { name: 'No operators yet' }));
    await tellOperator(server);
    await page.reload();
    await visible(page.getByRole('row', { name: /Example Mobile.*[0-9A-F]{8} 7\d\d days left/ }));
    await shown(1);
    await rows().first().locator('summary').click();
    await visible(rows().first().getByText('confirmation code wrong: the order goes on'));
    await visible(rows().first().getByText('8.2.7/3.8: The confirmation code is wrong'));
    assert.deepEqual(await barriers(page), []);
    await rows().first().getByRole('button', { name: 'Send again' }).click();
    await visible(
      rows().first().getByText('Attempt 1: the operator is revoked, or has no address'),
    );
    await page.setViewportSize({ width: 390, height: 844 });
    assert.ok((await overhang(page)) <= 0);
    assert.deepEqual(await barriers(page), []);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole('button', { name: 'kept' }).click();
    await shown(1);
    await page.getByRole('button', { name: 'Send all unsent' }).click();
    const dialog = page.getByRole('dialog', { name: 'Send all unsent reports' });
    await dialog.getByRole('button', { name: 'Retry', exact: true }).click();
    await visible(dialog.getByText('1 report is being sent again.'));
    await dialog.locator('.form-actions').getByRole('button', { name: 'Close' }).click();
  });

  test('is told that a rented SM-DP+ has the stock and the operators', async () => {
    await page.route('**/v1/Account', async (route) => {
      const response = await route.fetch();
      const json = { ...((await response.json()) as object), smdp_plus: 'rented' };
      await route.fulfill({ response, json });
    });
    for (const [path, title, said] of [
      ['stock', 'Stock', 'The stock is at the SM-DP+'],
      ['operators', 'Operators', 'Operators order at the SM-DP+'],
    ] as const) {
      await page.goto(`${server.url}/console/${path}`);
      await visible(page.getByRole('heading', { name: title, exact: true }));
      await visible(page.getByRole('heading', { name: said }));
      assert.equal(await page.getByRole('main').getByRole('button').count(), 0, path);
    }
    await page.goto(`${server.url}/console/dashboard`);
    await visible(page.getByRole('heading', { name: 'Callbacks, now' }));
    await page.getByRole('heading', { name: 'Stock, now' }).waitFor({ state: 'detached' });
    await page.unroute('**/v1/Account');
  });

  test('nothing was blocked, failed, or contacted another server', () => {
    assert.deepEqual(tab.broken, []);
  });
});

/** Runs in the page. */
const HEIGHTS = (elements: { clientHeight: number }[]) =>
  elements.map(({ clientHeight }) => clientHeight);

/** A report to an operator that has no address for it. */
async function tellOperator({ server, account }: TestServer): Promise<void> {
  const { context } = server;
  const { operator } = await createOperator(
    {
      accountSid: account.username,
      friendlyName: 'Example Mobile',
      requesterIdentifier: null,
      progressUrl: null,
      progressCa: null,
    },
    undefined,
    context,
  );
  const [profile] = await context.store.subscriptions.list(account.username, { limit: 1 });
  const failure = new FunctionExecutionError('8.2.7', '3.8', 'The confirmation code is wrong');
  await context.transact((unit) =>
    reportStep(
      { ...profile!, operator_sid: operator.sid },
      { point: 'confirmationFailure', status: warnedOf(failure) },
      unit,
    ),
  );
}
