// IoT devices in the console: an eUICC from its registration to its end, with a virtual device that polls, in a real browser.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Browser, Download, Locator, Page } from 'playwright-core';
import { errorInWords } from '../../src/console/app/iot/error-in-words.ts';
import { KINDS } from '../../src/console/app/iot/kinds.ts';
import { Ipa as VirtualIpa } from '../../src/device/ipa/ipa.ts';
import * as shown from '../../src/console/app/iot/types.ts';
import { BULK_ITEM_STATES } from '../../src/eim/fleet/bulk-items.ts';
import { BULK_STATUSES } from '../../src/eim/fleet/bulk.ts';
import { EUICC_STATES } from '../../src/eim/fleet/groups.ts';
import { OPERATION_KINDS, OPERATION_STATUSES } from '../../src/eim/operations/operation.ts';
import * as codes from '../../src/rsp/eim-codes.ts';
import { Ipa } from '../esipa/ipa.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import {
  buildConsole,
  closeTabs,
  flawsOfDialog,
  flawsOfPage,
  launchBrowser,
  signedIn,
  skip,
} from './browser.ts';
import type { Tab } from './browser.ts';

before(buildConsole);

test('every kind of operation has words, and every error that an eUICC signs', () => {
  assert.deepEqual(shown.BULK_ITEM_STATES, BULK_ITEM_STATES);
  assert.deepEqual(shown.BULK_STATUSES, BULK_STATUSES);
  assert.deepEqual(shown.EUICC_STATES, EUICC_STATES);
  assert.deepEqual(shown.OPERATION_STATUSES, OPERATION_STATUSES);
  const known = KINDS.map(({ kind }) => kind);
  assert.deepEqual(known.toSorted(), [...OPERATION_KINDS].toSorted());
  const general = errorInWords('something else');
  const tables = [
    codes.euiccPackageErrorCodes,
    codes.enableProfileResults,
    codes.disableProfileResults,
    codes.deleteProfileResults,
    codes.profileInfoListErrors,
    codes.setFallbackAttributeResults,
    codes.unsetFallbackAttributeResults,
    codes.processingTerminatedReasons,
    codes.addEimResultCodes,
    codes.deleteEimResults,
    codes.updateEimResults,
    codes.eimPackageResultErrorCodes,
  ];
  const names = tables.flatMap((table) => Object.keys(table));
  const fine = ['ok', 'lastEimDeleted', 'undefinedError'];
  const without = names.filter((name) => !fine.includes(name) && errorInWords(name) === general);
  assert.deepEqual(without, []);
});

describe('a user with an IoT device', { skip }, () => {
  let server: TestServer;
  let browser: Browser;
  let tab: Tab;
  let page: Page;
  let device: Ipa;
  let ipa: VirtualIpa;
  let order: any;
  let fleet: Ipa[];

  before(async () => {
    const env = { SIMWRIGHT_ESIPA_PORT: '0' };
    server = await startTestServer({ stock: 3, es9: true, env });
    browser = await launchBrowser();
    tab = await signedIn(browser, server, server.account);
    page = tab.page;
    device = new Ipa(server, { isIot: true });
  });
  after(async () => {
    await closeTabs(browser);
    await server?.[Symbol.asyncDispose]();
  });

  const visible = (locator: Locator) => locator.first().waitFor({ state: 'visible' });
  /** Whose title may have the number of its records. */
  const region = (name: string) =>
    page.getByRole('region', { name: new RegExp(`^${name}( ?\\d+\\+?)?$`) });
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
  const heading = (name: string | RegExp) => page.getByRole('heading', { name });
  const dialog = () => page.getByRole('dialog');
  const inDialog = (name: string) => dialog().getByRole('button', { name, exact: true });
  const euicc = async (): Promise<any> => (await server.request(`/v1/Euiccs/${device.eid}`)).json;
  const bytesOf = async (download: Download) => readFile(await download.path());
  const pageOfDevice = async () => `${server.url}/console/euiccs/${(await euicc()).sid}`;

  const flaws = (name: string) => flawsOfPage(page, name, process.env['IOT_PICTURES']);

  test('learns what it is for, and registers its eUICC by its EID', async () => {
    await page.goto(`${server.url}/console/profiles`);
    await visible(heading('eSIM Profiles'));
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    await visible(heading('No eUICCs yet'));
    assert.deepEqual(await flaws('none'), []);
    await button('Register an eUICC').first().click();
    await page.getByLabel('EID').fill('8904');
    await inDialog('Register').click();
    await visible(page.getByText('An EID has 32 digits; this one has 4.'));
    await page.getByLabel('EID').fill(device.eid);
    await page.getByLabel('Name (optional)').fill('Pump 7');
    assert.deepEqual(await flawsOfDialog(page), []);
    await inDialog('Register').click();
    await visible(heading('Give the device the onboarding file'));
    assert.equal((await euicc()).friendly_name, 'Pump 7');
  });

  test('gives the device the onboarding file, and sees it when it has polled', async () => {
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download the onboarding file' }).first().click();
    const download = await downloading;
    assert.equal(download.suggestedFilename(), `${device.eid}.ber`);
    const request = Uint8Array.from(await bytesOf(download));
    device.onboard(request);
    ipa = new VirtualIpa(device.euicc, { transport: device.transport });
    await ipa.poll();
    await visible(heading('Order a profile for it'));
    await visible(region('Capabilities').getByText('indirectRspServerCommunication'));
  });

  test('orders a profile for it, which is pushed, installed and enabled by itself', async () => {
    await region('Orders for it').getByRole('link', { name: 'Order a profile for it' }).click();
    assert.equal(await page.getByLabel('EID', { exact: true }).inputValue(), device.eid);
    await button('Order').click();
    await page.waitForURL(/\/profiles\/HP[0-9a-f]{32}$/);
    await visible(heading('Wait for the next poll of the device'));
    const pushed = region('Pushed by the eIM');
    await visible(pushed.getByText('Download a profile'));
    assert.deepEqual(await flaws('pushed'), []);
    await ipa.poll();
    await visible(page.getByText('the eUICC has signed that it is enabled'));
    order = (await server.request(`/v1/ESimProfiles/${page.url().slice(-34)}`)).json;
    assert.equal(order.status, 'installed');
    await pushed.getByRole('link', { name: 'Pump 7' }).click();
    await visible(page.getByText(`The device uses the profile ${order.iccid}.`));
    await region('Profiles on it').getByRole('link', { name: 'its order' }).waitFor();
  });

  test('asks for an operation, cancels one, and watches the other end', async () => {
    await button('Ask for an operation').click();
    await page.getByLabel('What it shall do').selectOption('listEim');
    assert.deepEqual(await flawsOfDialog(page), []);
    await inDialog('Ask for it').click();
    await visible(heading('Wait for the next poll'));
    await button(`Disable ${order.iccid}`).click();
    await visible(dialog().getByText('has no mobile connection'));
    await inDialog('Disable a profile').click();
    await button(`Cancel: Disable ${order.iccid}`).click();
    const operations = region('Operations');
    await visible(operations.getByText('cancelled', { exact: true }));
    assert.deepEqual(await flaws('asked'), []);
    await operations.getByRole('link', { name: 'List its eIMs' }).click();
    await visible(page.getByText('Nothing was sent yet.'));
    await ipa.poll();
    await visible(heading('It is done'));
    await visible(region('What it returned').getByText('localhost'));
  });

  test('reads the packages of an operation in ASN.1, and takes their bytes', async () => {
    await region('Packages').getByText('EuiccPackageRequest').click();
    const sent = page.getByLabel('sent', { exact: true });
    await visible(sent.getByText('ecoList : {'));
    await visible(page.getByLabel('came back', { exact: true }).getByText('listEimResult'));
    assert.deepEqual(await flaws('packages'), []);
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'DER' }).last().click();
    const bytes = await bytesOf(await downloading);
    const { json } = await server.request(new URL(page.url()).pathname.replace(...TO_API));
    assert.equal(bytes.toString('base64'), json.packages[0].response_der);
  });

  test('is told why an operation has failed, and asks for it again', async () => {
    await page.goto(await pageOfDevice());
    await button(`Fallback ${order.iccid}`).click();
    await inDialog('Set the fallback profile').click();
    await visible(heading('Wait for the next poll'));
    await ipa.poll();
    await visible(heading('The profile may not be the fallback'));
    await visible(
      page.getByText('The eUICC answered setFallbackAttribute with fallbackNotAllowed'),
    );
    await page.getByRole('link', { name: 'Open the operation' }).click();
    await visible(page.getByText('This operation has failed'));
    await button('Ask for it again').click();
    await inDialog('Set the fallback profile').click();
    await eventually(async () => {
      const { json } = await server.request(`/v1/Euiccs/${device.eid}/Operations?Status=queued`);
      return json.operations.length === 1 ? true : undefined;
    });
  });

  test('stops waiting for an operation that was sent, and what waits behind it is next', async () => {
    // It takes the package, and is never heard of again.
    await new Ipa(server, { eid: device.eid }).poll();
    const { json } = await server.request(`/v1/Euiccs/${device.eid}/Operations?Status=sent`);
    await page.goto(`${await pageOfDevice()}/operations/${json.operations[0].sid}`);
    await visible(heading('Wait for the result'));
    await button('Stop waiting').click();
    await visible(dialog().getByText('The eUICC may still carry it out'));
    assert.deepEqual(await flawsOfDialog(page), []);
    await inDialog('Stop waiting').click();
    await visible(heading('The device took it, but no result has come'));
    await visible(page.getByText('It was given up before a result had come'));
    await button('Ask for it again').waitFor();
  });

  test('puts commands into one package, sees it in ASN.1 before it is sent, and says who is told', async () => {
    await page.goto(await pageOfDevice());
    await page.getByRole('button', { name: /^Callbacks/ }).click();
    await dialog().getByLabel('Nobody').check();
    assert.deepEqual(await flawsOfDialog(page), []);
    await inDialog('Save').click();
    await visible(region('Details').getByText('to nobody'));
    assert.equal((await euicc()).callback_url, 'none');
    await button('Ask for an operation').click();
    const kinds = dialog().getByLabel('What it shall do');
    await kinds.selectOption('package');
    await inDialog('Ask for it').click();
    await visible(dialog().getByText('Add a command.'));
    await inDialog('Add a command').click();
    await kinds.nth(1).selectOption('listProfileInfo');
    await inDialog('Add a command').click();
    await kinds.nth(2).selectOption('configureImmediateEnable');
    // Commands about eIMs do not go with those about profiles.
    assert.equal(await kinds.nth(2).locator('option[value=listEim]').count(), 0);
    await inDialog('Add a command').click();
    await kinds.nth(3).selectOption('getRAT');
    await inDialog('Move up command 3').click();
    await inDialog('Leave out command 3').click();
    assert.deepEqual(await flawsOfDialog(page), []);
    await inDialog('See what would be sent').click();
    await visible(dialog().getByText(/psmoList : \{\s+listProfileInfo[^]*getRAT/));
    await dialog().getByText('Callbacks', { exact: true }).click();
    await dialog().getByLabel('This URL').check();
    await dialog().getByLabel('Callback URL').fill('https://example.com/package');
    await inDialog('Ask for it').click();
    await page.waitForURL(/\/operations\/EO[0-9a-f]{32}$/);
    await visible(region('Details').getByText('https://example.com/package'));
    await visible(region('Details').getByText('Ask for its rules'));
    await ipa.poll();
    await visible(heading('It is done'));
    const { json } = await server.request(new URL(page.url()).pathname.replace(...TO_OPERATION));
    assert.deepEqual(json.parameters.commands, [{ kind: 'listProfileInfo' }, { kind: 'getRAT' }]);
  });

  test('finds it in the list, by its name, its status, and when it was seen', async () => {
    const other = new Ipa(server);
    await server.request('/v1/Euiccs', { form: { Eid: other.eid } });
    await page.getByRole('link', { name: 'IoT devices' }).first().click();
    const rows = page.getByRole('region', { name: 'IoT devices' }).locator('tbody tr');
    await visible(rows.nth(1));
    assert.deepEqual(await flaws('list'), []);
    await page.keyboard.press('/');
    await page.keyboard.type('pump');
    await visible(page.getByText('Page 1, 1 row'));
    await visible(rows.getByText(order.iccid));
    await page.getByRole('searchbox').fill(other.eid.slice(-6));
    await visible(page.getByText('never', { exact: true }));
    await page.getByRole('searchbox').fill('');
    await page.getByLabel('Last seen').selectOption('1h');
    await visible(rows.getByText('Pump 7'));
    await visible(page.getByText('Page 1, 1 row'));
    await button('left').click();
    await visible(heading('No eUICCs match'));
    await page.getByRole('link', { name: 'Show all' }).click();
    await rows.nth(1).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await visible(heading('Pump 7'));
  });

  test('renames it, has it forget this eIM, and removes it', async () => {
    await button(/^Name and group/).click();
    await page.getByLabel('Name (optional)').fill('Pump 8');
    await inDialog('Save').click();
    await visible(heading('Pump 8'));
    await button(/^Remove it/).click();
    await visible(dialog().getByText('The eUICC goes on obeying this eIM.'));
    await inDialog('Back').click();
    await button('Ask for an operation').click();
    await page.getByLabel('What it shall do').selectOption('deleteEim');
    await page.getByLabel('eimId').fill('localhost');
    await inDialog('Ask for it').click();
    await visible(dialog().getByText('Tick this if it is what you want.'));
    assert.deepEqual(await flawsOfDialog(page), []);
    await dialog().getByText('the eUICC shall obey us no longer').click();
    await inDialog('Ask for it').click();
    await visible(heading('Wait for the next poll'));
    // The device, too, may have noticed.
    await ipa.poll().catch((error: unknown) => assert.match(String(error), /eidNotFound/));
    await visible(heading('This eUICC obeys us no longer'));
    assert.equal(await button('Ask for an operation').count(), 0);
    await button('Remove it').first().click();
    await inDialog('Remove the eUICC').click();
    await visible(heading('IoT devices'));
    assert.equal((await server.request(`/v1/Euiccs/${device.eid}`)).status, 404);
    assert.deepEqual(tab.broken, []);
  });

  test('registers many into a group by pasting their EIDs, and is told what is wrong with one', async () => {
    fleet = [new Ipa(server), new Ipa(server)];
    await page.goto(`${server.url}/console/euiccs`);
    await button('Register many').click();
    const lines = [`EID;Name`, `${fleet[0]!.eid};Meter 1`, `${fleet[1]!.eid}\tMeter 2`, '8904'];
    await page.getByLabel('EIDs').fill(lines.join('\n'));
    await page.getByLabel('Group (optional)').fill('Berlin');
    await inDialog('Register 3').click();
    await visible(dialog().getByText('2 registered, 1 refused'));
    await visible(dialog().getByText(/expected 32 hexadecimal digits/));
    assert.deepEqual(await flawsOfDialog(page), []);
    await inDialog('Close').first().click();
    await page.getByLabel('Group', { exact: true }).selectOption('Berlin');
    await visible(page.getByText('Page 1, 2 rows'));
    await page.getByRole('link', { name: 'Groups', exact: true }).click();
    await visible(page.getByRole('link', { name: 'Berlin' }));
    await button('Delete Berlin').click();
    await visible(page.getByRole('alert'));
    await button('Rename Berlin').click();
    await page.getByLabel('Name', { exact: true }).fill('Hamburg');
    await inDialog('Save').click();
    await visible(page.getByRole('link', { name: 'Hamburg' }));
    const row = page.getByRole('row', { name: /Hamburg/ });
    await visible(row.getByText('2 registered'));
    assert.deepEqual(await flaws('groups'), []);
    // As it happens, without a click.
    const third = new Ipa(server);
    await server.request('/v1/Euiccs', { form: { Eid: third.eid, Group: 'Hamburg' } });
    await visible(row.getByText('3 registered'));
    await server.request(`/v1/Euiccs/${third.eid}`, { method: 'DELETE' });
    await visible(row.getByText('2 registered'));
  });

  test('asks a whole group, pauses and resumes it, and sees what has failed', async () => {
    for (const meter of fleet) {
      const request = await meter.poll();
      await meter.provide(meter.dataFor(request as Uint8Array));
    }
    await page.getByRole('link', { name: 'Ask all of it' }).click();
    const asked = page.getByLabel('Group', { exact: true }).locator('option:checked');
    await asked.filter({ hasText: 'Hamburg' }).waitFor({ state: 'attached' });
    await page.getByLabel('What it shall do').selectOption('listProfileInfo');
    await page.getByLabel('Halt when more have failed than (optional)').fill('many');
    await button('See what will happen').click();
    await visible(page.getByText('Enter a number, or a percentage such as 5%.'));
    await page.getByLabel('Halt when more have failed than (optional)').fill('50%');
    await button('See what will happen').click();
    await visible(page.getByText('2 eUICCs of 2 will be asked.'));
    assert.deepEqual(await flaws('ask-many'), []);
    await button('Ask 2 eUICCs').click();
    await page.waitForURL(/\/bulk\/BO[0-9a-f]{32}$/);
    await visible(page.getByText('0 of 2 done'));
    await visible(page.getByText('2 under way'));
    await button('Pause').click();
    await visible(page.getByText('Paused: nothing more is sent'));
    assert.equal(await fleet[0]!.poll(), 1);
    await button('Resume').click();
    await visible(page.getByText('Each device gets its operation'));
    const listed = [{ listProfileInfoResult: { profileInfoListOk: [] } }];
    const changing = [{ listProfileInfoResult: { profileInfoListError: 11 } }];
    for (const [meter, result] of [
      [fleet[0]!, listed],
      [fleet[1]!, changing],
    ] as const) {
      const request = await eventually(async () => {
        const polled = await meter.poll();
        return polled instanceof Uint8Array ? polled : undefined;
      });
      await meter.provide(meter.resultOf(request, result));
    }
    await visible(page.getByText('1 of 2 done, 1 failed'));
    await visible(region('What failed').getByText('A profile was just being changed'));
    assert.deepEqual(await flaws('bulk'), []);
    await page.getByRole('link', { name: 'Bulk operations' }).first().click();
    await visible(page.getByText('2 eUICCs (group Hamburg)'));
    assert.deepEqual(await flaws('bulks'), []);
    await page.goto(`${server.url}/console/dashboard`);
    await visible(region('IoT devices').getByRole('link', { name: 'Not seen for a day' }));
    assert.deepEqual(await flaws('dashboard'), []);
    assert.deepEqual(
      tab.broken.filter((text) => !text.includes('409')),
      [],
    );
  });

  test('who may only read is shown everything, and is offered no change', async () => {
    const key = await server.request('/v1/Keys', { form: { Scope: 'read' } });
    const reader = { username: key.json.sid, password: key.json.secret };
    const { json } = await server.request('/v1/Euiccs');
    const { page: read } = await signedIn(browser, server, reader);
    await read.goto(`${server.url}/console/euiccs/${json.euiccs.at(-1).sid}`);
    await visible(read.getByText('Give the device the onboarding file'));
    for (const name of ['Ask for an operation', 'Remove it', 'Order a profile for it']) {
      assert.equal(await read.getByText(name).count(), 0, name);
    }
  });
});

/** From the page of an operation to it in the API. */
const TO_OPERATION = [
  /^\/console\/euiccs\/(.*)\/operations\/(.*)$/,
  '/v1/Euiccs/$1/Operations/$2',
] as const;

/** From there to its packages. */
const TO_API = [
  /^\/console\/euiccs\/(.*)\/operations\/(.*)$/,
  '/v1/Euiccs/$1/Operations/$2/Packages',
] as const;
