// The console's pages of one eSIM Profile, of an order and of the account: what the owner of an order can do after placing it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { deleteProfile } from '../../src/device/deleteProfile.ts';
import { DeleteProfileRequest } from '../../src/rsp/definitions/local-functions.ts';
import { encodeIccid } from '../../src/rsp/identifiers.ts';
import { newEid, newPhone } from '../es9plus/phone.ts';
import { decodeQr, findCode } from '../qr-decoder.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import {
  barriers,
  buildConsole,
  closeTabs,
  flawsOfDialog,
  followLink,
  launchBrowser,
  overhang,
  signedIn,
  skip,
} from './browser.ts';
import type { Tab } from './browser.ts';

const ANYONE = { GenerateMatchingId: 'true' };

describe('the owner of an order', { skip }, () => {
  let server: TestServer;
  let browser: Browser;
  let tab: Tab;
  let page: Page;
  /** Is changed in these tests, and cancelled in the end. */
  let sid: string;

  before(async () => {
    buildConsole();
    server = await startTestServer({ stock: 20, es9: true });
    browser = await launchBrowser();
    const options = { reducedMotion: 'reduce' } as const;
    tab = await signedIn(browser, server, server.account, options);
    page = tab.page;
    ({ sid } = await server.order(ANYONE));
    await page.goto(`${server.url}/console/profiles/${sid}`);
    await next('Give the code to whoever installs the profile');
  });
  after(async () => {
    await closeTabs(browser);
    await server?.[Symbol.asyncDispose]();
  });

  const visible = (locator: Locator) => locator.first().waitFor({ state: 'visible' });
  const next = (title: string) =>
    visible(page.locator('.next').getByRole('heading', { name: title, exact: true }));
  const card = (name: string) => page.getByRole('region', { name });
  const dialog = () => page.getByRole('dialog');
  const press = (name: string, within: Page | Locator = page) =>
    within.getByRole('button', { name, exact: true }).first().click();
  const choose = (action: string) =>
    card('Change this order').getByRole('button', { name: action }).click();
  const closed = () => dialog().waitFor({ state: 'hidden' });
  const fetched = async (of = sid) => (await server.request(`/v1/ESimProfiles/${of}`)).json;
  const history = (text: string | RegExp) => visible(page.locator('.timeline').getByText(text));
  const visit = (path: string) => followLink(page, `${server.url}/console${path}`);
  /** Opens the page of another profile. */
  const open = async (other: string, title: string) => {
    await visit(`/profiles/${other}`);
    await next(title);
  };

  /** What is wrong with the page, at a desk in light and on a phone in dark. */
  async function flaws(): Promise<string[]> {
    const found = await barriers(page);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: 'dark' });
    found.push(...(await barriers(page, 'all')));
    const over = await overhang(page);
    if (over > 0) found.push(`${over} pixels too wide`);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1280, height: 800 });
    return found;
  }

  /** The text of a QR code that the console has drawn. */
  async function scanned(code: Locator): Promise<string> {
    const source = (await code.getAttribute('src'))!;
    const svg = decodeURIComponent(source.slice(source.indexOf(',') + 1));
    const side = Number(/viewBox="0 0 (\d+)/.exec(svg)![1]) / 10;
    const rows = Array.from({ length: side }, () => Array<boolean>(side).fill(false));
    for (const [, x, y] of svg.matchAll(/M(\d+),(\d+)h10v10h-10z/g)) {
      rows[Number(y) / 10]![Number(x) / 10] = true;
    }
    return decodeQr(findCode(rows).modules);
  }

  test('sends an install link, which is shown once, and revokes it', async () => {
    await press('Create an install link');
    await visible(dialog().getByText('whoever has the link can install the profile'));
    assert.deepEqual(await flawsOfDialog(page), []);
    await dialog().getByLabel('The link works for').selectOption('1 day');
    await press('Create the link', dialog());
    const link = await dialog().getByLabel('install link', { exact: true }).innerText();
    assert.equal(await scanned(dialog().getByRole('img')), link);
    await press('Copy the link', dialog());
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), link);
    assert.match(await (await fetch(link)).text(), /Install your eSIM/);
    assert.deepEqual(await flawsOfDialog(page), []);
    await press('Done', dialog());
    await closed();
    await visible(card('Install links').getByText('active', { exact: true }));
    assert.ok(!(await page.content()).includes(link.slice(-26)));

    await card('Install links').getByRole('button', { name: 'Revoke' }).click();
    await press('Revoke it', card('Install links'));
    await visible(card('Install links').getByText('revoked', { exact: true }));
    assert.equal((await fetch(link)).status, 404);
  });

  test('finds links that install by one tap, for an app or a mail', async () => {
    const { json } = await server.request(`/v1/ESimProfiles/${sid}/Install`);
    await page.getByText('One-tap links').click();
    for (const [what, text] of [
      ['link for iPhone', json.apple_url],
      ['link for Android', json.android_url],
      ['LPA string', json.lpa],
    ]) {
      assert.equal(await page.getByLabel(what, { exact: true }).innerText(), text);
    }
  });

  test('finds no accessibility barriers, in light and dark, and no horizontal scrolling on a phone', async () => {
    assert.deepEqual(await flaws(), []);
    for (const action of [
      'Replace the activation code',
      'Move it to another device',
      'Set a confirmation code',
      'Set when it expires',
      'Cancel the order',
    ]) {
      await choose(action);
      assert.deepEqual(await flawsOfDialog(page), [], action);
      await press('Back', dialog());
      await closed();
    }
  });

  test('replaces the activation code: the old one is dead at once, the QR code is the new one', async () => {
    const { activation_code: old } = await fetched();
    await choose('Replace the activation code');
    await visible(dialog().getByText('The old code and its QR code stop working at once'));
    await press('Replace the code', dialog());
    await closed();
    await history('new activation code; the old one no longer works');
    const { activation_code: code } = await fetched();
    assert.notEqual(code, old);
    const qr = page.getByRole('img', { name: `QR code of LPA:${code}`, exact: true });
    assert.equal(await scanned(qr), `LPA:${code}`);
    await assert.rejects(newPhone(server).download(old), /8\.2\.6/);
  });

  test('moves it to another device, and back to none', async () => {
    await choose('Move it to another device');
    await dialog().getByLabel('EID', { exact: true }).fill('1234');
    await press('Change the device', dialog());
    await visible(dialog().getByText('An EID has 32 digits; this one has 4.'));
    const eid = newEid();
    await dialog().getByLabel('EID', { exact: true }).fill(eid);
    await press('Change the device', dialog());
    await closed();
    await visible(page.getByText(`Only the device with EID ${eid} can use the code.`));
    await history(`only the device with EID ${eid} can download it`);
    await choose('Move it to another device');
    await dialog().getByLabel('Any device with the activation code').check();
    await press('Change the device', dialog());
    await closed();
    await history('any device with the code can download it');
    assert.equal((await fetched()).eid, null);
  });

  test('sets when it expires, and a confirmation code', async () => {
    await choose('Set when it expires');
    await press('7 days', dialog());
    await press('Save', dialog());
    await closed();
    await visible(card('Change this order').getByText('Now: in 7 days.'));
    const days = (Date.parse((await fetched()).expires_at) - Date.now()) / 86_400_000;
    assert.ok(Math.abs(days - 7) < 0.01, String(days));
    await choose('Set a confirmation code');
    await dialog().getByLabel('Confirmation code', { exact: true }).fill('a b');
    await press('Set the code', dialog());
    await visible(dialog().getByText('Use 4 to 64 letters'));
    await dialog().getByLabel('Confirmation code', { exact: true }).fill('2468');
    await press('Set the code', dialog());
    await closed();
    await visible(page.getByText('The device will ask for the confirmation code'));
    await history('another confirmation code');
  });

  test('is told the truth when a device is faster, and cancels what has left', async () => {
    await choose('Replace the activation code');
    const { activation_code: code } = await fetched();
    const options = { confirmationCode: '2468', sendsNotification: false };
    const phone = newPhone(server);
    await phone.download(code, options);
    await press('Replace the code', dialog());
    await visible(
      dialog().getByText('is downloaded; its matching ID can be re-issued while it is available'),
    );
    tab.broken.splice(0);
    await press('Back', dialog());
    await next('Wait for the device');
    await visible(
      card('Change this order').getByText('its code, device and expiry can’t be changed any more'),
    );
    assert.equal(await card('Change this order').getByRole('button').count(), 1);
    await choose('Cancel the order');
    await visible(dialog().getByText('nobody can call that back'));
    await press('Cancel the order', dialog());
    await next('The order was cancelled');
    await phone.sendNotifications();
    await visible(page.getByText('has installed it nevertheless'));
  });

  test('orders a failed one again; old and new lead to each other', async () => {
    await press('Order it again');
    assert.deepEqual(await flawsOfDialog(page), []);
    await press('Order it again', dialog());
    await next('Give the code to whoever installs the profile');
    const other = page.url().split('/').at(-1)!;
    assert.notEqual(other, sid);
    assert.equal((await fetched(other)).replaces_sid, sid);
    await page.locator('.next').getByRole('link').first().click();
    await next('Go on with the new order');
    assert.ok(page.url().endsWith(sid));
    const link = page.getByRole('link', { name: 'Open the new order' });
    assert.equal(await link.getAttribute('href'), `/console/profiles/${other}`);
    assert.equal(await card('Change this order').getByRole('button').count(), 0);
  });

  test('releases again what its device has deleted: the same ICCID, another code', async () => {
    const order = await server.order(ANYONE);
    const phone = newPhone(server);
    await phone.download(order.activation_code);
    await open(order.sid, 'Nothing to do here');
    deleteProfile(phone.euicc, DeleteProfileRequest.encode({ iccid: encodeIccid(order.iccid) }));
    await phone.sendNotifications();
    await next('Release it again, if it is still needed');
    await press('Release it again');
    await press('Release it again', dialog());
    await next('Give the code to whoever installs the profile');
    const again = await fetched(page.url().split('/').at(-1));
    assert.deepEqual([again.iccid, again.replaces_sid], [order.iccid, order.sid]);
    assert.notEqual(again.activation_code, order.activation_code);
    await history(`replaces`);
  });

  test('sends a report to the maker of the device, without the activation code unless wanted', async () => {
    const { sid: failed } = await server.order({ ...ANYONE, ProfileType: 'none' });
    await open(failed, 'There was no subscription left in stock');
    assert.deepEqual(await flaws(), []);
    const { sid: other, matching_id: matchingId } = await server.order(ANYONE);
    await open(other, 'Give the code to whoever installs the profile');
    for (const wanted of [false, true]) {
      await press('Report for the device maker');
      if (wanted) await dialog().getByLabel('Include the activation code').check();
      else assert.deepEqual(await flawsOfDialog(page), []);
      const begun = page.waitForEvent('download');
      await dialog().getByRole('link', { name: 'Download the report' }).click();
      const file = readFileSync(await (await begun).path(), 'utf8');
      assert.equal(JSON.parse(file).esim_profile.sid, other);
      assert.equal(file.includes(matchingId as string), wanted);
    }
  });

  test('orders with a name, metadata and an expiry, and edits what it is called', async () => {
    await visit('/order');
    await page.getByLabel('Name (optional)').fill('Truck 17');
    await press('Add a key');
    await page.getByLabel('Key 1').fill('no key!');
    await page.getByLabel('Value 1').fill('Berlin');
    await press('Order');
    await visible(page.locator('.field-problem', { hasText: 'expected keys of' }));
    tab.broken.splice(0);
    await page.getByLabel('Key 1').fill('site');
    await press('1 day');
    await visible(page.getByText(/ExpiresAt=\d{4}-/));
    await press('Order');
    await next('Give the code to whoever installs the profile');
    const ordered = page.url().split('/').at(-1);
    const { expires_at: expires, metadata } = await fetched(ordered);
    assert.ok(Math.abs(Date.parse(expires) - Date.now() - 86_400_000) < 120_000, expires);
    assert.deepEqual(metadata, { site: 'Berlin' });
    await visible(page.getByRole('heading', { name: 'Truck 17', level: 1 }));
    await visible(card('Details').getByText('default', { exact: true }));
    await card('Name and metadata').getByRole('button', { name: 'Edit' }).click();
    await dialog().getByLabel('Name (optional)').fill('Truck 18');
    await press('Remove site', dialog());
    await press('Add a key', dialog());
    await dialog().getByLabel('Key 1').fill('order');
    await dialog().getByLabel('Value 1').fill('4711');
    assert.deepEqual(await flawsOfDialog(page), []);
    await press('Save', dialog());
    await closed();
    await visible(page.getByRole('heading', { name: 'Truck 18', level: 1 }));
    await visible(card('Name and metadata').getByText('4711'));
    await history('another name; metadata changed: order, site');
    assert.deepEqual((await fetched(ordered)).metadata, { order: '4711' });
  });

  test('sets the brand of the install pages, and sees it before saving', async () => {
    await visit('/account');
    const preview = page.getByRole('figure');
    await page.getByLabel('Name', { exact: true }).fill('Alpine Mobile');
    await visible(preview.getByText('Alpine Mobile'));
    await page.getByLabel('Colour of the button', { exact: true }).fill('green');
    await press('Save');
    await visible(page.getByText('expected a colour such as #3450c8'));
    tab.broken.splice(0);
    await page.getByLabel('Colour of the button', { exact: true }).fill('#0b6e4f');
    await eventually(async () => {
      const colour = await preview.getByText('Install on iPhone').evaluate(BACKGROUND);
      return colour === 'rgb(11, 110, 79)' ? true : undefined;
    });
    // Too large as a file, and made smaller in the browser.
    const logo = Buffer.from(await page.evaluate<string>(NOISE), 'base64');
    assert.ok(logo.length > 32 * 1024);
    const file = { name: 'logo.png', mimeType: 'image/png', buffer: logo };
    await page.getByLabel('Logo', { exact: true }).setInputFiles(file);
    await visible(preview.getByRole('img', { name: 'Alpine Mobile' }));
    await press('Save');
    await eventually(async () => {
      const { json } = await server.request('/v1/Account/Brand');
      return json.logo === null ? undefined : json;
    });
    const { json } = await server.request('/v1/Account/Brand');
    assert.deepEqual([json.name, json.accent_color], ['Alpine Mobile', '#0b6e4f']);
    await press('Remove the logo');
    await press('Save');
    await eventually(async () => {
      const { json: now } = await server.request('/v1/Account/Brand');
      return now.logo === null ? true : undefined;
    });
    assert.deepEqual(await flaws(), []);
  });

  test('lets the server release again by itself', async () => {
    await page.getByLabel('When the device has deleted the profile').check();
    await eventually(async () => {
      const { json } = await server.request('/v1/Account');
      return json.release_again === 'deletion' ? true : undefined;
    });
    await page.reload();
    assert.ok(await page.getByLabel('When the device has deleted the profile').isChecked());
  });

  test('sets the callback URL of the account, which the order form then shows and can do without', async () => {
    const form = page.getByRole('form', { name: 'Callbacks' });
    const url = form.getByLabel('Default callback URL');
    await url.fill('example.com');
    await press('Save', form);
    await visible(form.getByText('Enter a full URL'));
    await url.fill('https://me:my-secret@example.com/status');
    await form.getByLabel('GET').check();
    await press('Save', form);
    await eventually(async () => {
      const { json } = await server.request('/v1/Account');
      return json.callback_method === 'GET' ? true : undefined;
    });
    await eventually(async () =>
      (await url.inputValue()) === 'https://***:***@example.com/status' ? true : undefined,
    );
    assert.deepEqual(await flaws(), []);
    await visit('/order');
    await visible(
      page.getByText('Empty: https://***:***@example.com/status, the URL of the account'),
    );
    await page.getByLabel('No callbacks for this order').check();
    assert.match(
      await page.getByRole('region', { name: 'The same with curl' }).innerText(),
      /CallbackUrl=none/,
    );
    assert.deepEqual(await flaws(), []);
    await visit('/account');
    const secret = card('Signing secret');
    await press('Show the secret', secret);
    const { json: first } = await server.request('/v1/Account/CallbackSecret');
    await visible(secret.getByText(first.secret));
    await press('Replace it…', secret);
    await press('Replace it now', secret);
    await visible(secret.getByText('The previous one signs as well until'));
    const { json: second } = await server.request('/v1/Account/CallbackSecret');
    assert.equal(second.previous_secret, first.secret);
    await visible(secret.getByText(second.secret));
    await url.fill('');
    await press('Save', form);
    await eventually(async () => {
      const { json } = await server.request('/v1/Account');
      return json.callback_url === null ? true : undefined;
    });
  });

  test('is offered nothing that a read-only key cannot do', async () => {
    const { json } = await server.request('/v1/Keys', { form: { Scope: 'read' } });
    const { sid: other } = await server.order(ANYONE);
    const as = { username: json.sid, password: json.secret };
    const reader = await signedIn(browser, server, as);
    await reader.page.goto(`${server.url}/console/profiles/${other}`);
    await visible(reader.page.getByRole('button', { name: 'Show the QR code' }));
    const named = /install link|Replace|Move|Cancel|expires|again/;
    assert.equal(await reader.page.getByRole('button', { name: named }).count(), 0);
    await followLink(reader.page, `${server.url}/console/account`);
    await visible(reader.page.getByText('This API key can’t change settings'));
    assert.ok(await reader.page.getByLabel('Name', { exact: true }).isDisabled());
    assert.ok(await reader.page.getByLabel('In both cases').isDisabled());
    assert.deepEqual(reader.broken, []);
    await reader.page.context().close();
  });

  test('nothing was blocked, failed, or contacted another server', () => {
    assert.deepEqual(tab.broken, []);
  });
});

const BACKGROUND = (element: any) => {
  const view = element.ownerDocument.defaultView;
  return view.getComputedStyle(element).backgroundColor as string;
};

/** A PNG of black and white noise, in base64. */
const NOISE = `(() => {
  const canvas = document.createElement('canvas');
  canvas.width = 1500;
  canvas.height = 300;
  const image = new ImageData(1500, 300);
  const bytes = new Uint8Array(60_000);
  const pixels = new Uint32Array(image.data.buffer);
  for (let at = 0; at < pixels.length; at++) {
    if (at % 60_000 === 0) crypto.getRandomValues(bytes);
    pixels[at] = bytes[at % 60_000] % 2 === 0 ? 0xff000000 : 0xffffffff;
  }
  canvas.getContext('2d').putImageData(image, 0, 0);
  return canvas.toDataURL().split(',')[1];
})()`;
