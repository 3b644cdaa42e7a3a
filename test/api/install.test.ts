// FetchEsimProfileInstall, and the links to install pages.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { forgetInstallLinks } from '../../src/operator/install/install-link.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { newEid, newPhone } from '../es9plus/phone.ts';
import { unitAt } from '../unit.ts';

const CODE = { GenerateMatchingId: 'true' };
const DAY_MS = 24 * 60 * 60 * 1_000;
const TOKEN = /^[a-km-np-z2-9]{26}$/;

onEachDatabase('FetchEsimProfileInstall', (database) => {
  const server = serverOn(database, { es9: true });
  const install = (sid: string, as = server().account) =>
    server().request(`/v1/ESimProfiles/${sid}/Install`, { as });

  test('has the LPA string, its parts, and the links of Apple and Android', async () => {
    const { sid, activation_code, matching_id: matchingId } = await server().order(CODE);
    const address = server().server.context.config.smdpAddress;
    const { status, headers, json } = await install(sid);
    assert.equal(status, 200);
    assert.equal(headers.get('cache-control'), 'private, max-age=0, must-revalidate');
    const carddata = `LPA%3A1%24${address.replace(':', '%3A')}%24${matchingId}`;
    const url = `${server().url}/v1/ESimProfiles/${sid}`;
    assert.deepEqual(json, {
      esim_profile_sid: sid,
      account_sid: server().account.username,
      status: 'available',
      lpa: `LPA:${activation_code}`,
      smdp_plus_address: address,
      matching_id: matchingId,
      confirmation_code_required: false,
      apple_url: `https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=${carddata}`,
      android_url: `https://esimsetup.android.com/esim_qrcode_provisioning?carddata=${carddata}`,
      url: `${url}/Install`,
      links: { qr_code: `${url}/QrCode`, install_links: `${url}/InstallLinks` },
    });
    const carried = new URL(json.apple_url).searchParams.get('carddata');
    assert.equal(carried, `LPA:${activation_code}`);
  });

  test('says that a confirmation code will be asked for, never which', async () => {
    const { sid } = await server().order({ ...CODE, ConfirmationCode: '8426-xyz' });
    const { json, text } = await install(sid);
    assert.equal(json.confirmation_code_required, true);
    assert.match(json.lpa, /\$\$1$/);
    assert.doesNotMatch(text, /8426-xyz/);
  });

  test('409/20409 without a code, and once it can no longer be used; 404 for others', async () => {
    const byEid = await server().order({ Eid: newEid() });
    assert.equal(
      (await install(byEid.sid)).json.message,
      `eSIM Profile ${byEid.sid} has no activation code: it is available`,
    );
    const profile = await server().order(CODE);
    await newPhone(server()).download(profile.activation_code);
    const { status, json } = await install(profile.sid);
    assert.deepEqual(
      [status, json.code, json.message],
      [
        409,
        20409,
        `The activation code of eSIM Profile ${profile.sid} can no longer be used: it is installed`,
      ],
    );
    assert.equal((await install(profile.sid, await server().addAccount(0))).status, 404);
    assert.equal((await install(`HP${'0'.repeat(32)}`)).status, 404);
  });
});

onEachDatabase('an install link', (database) => {
  const server = serverOn(database, { es9: true, stock: 20 });
  const linksOf = (sid: string) => `/v1/ESimProfiles/${sid}/InstallLinks`;
  const create = (sid: string, form: Record<string, string> = {}, as = server().account) =>
    server().request(linksOf(sid), { method: 'POST', form, as });
  const revoke = (url: string, as = server().account) =>
    server().request(url, { method: 'DELETE', as });

  test('CreateInstallLink, FetchInstallLink: is made for a week, and shows the URL of its page once', async () => {
    const { sid } = await server().order(CODE);
    const { status, headers, json } = await create(sid);
    assert.equal(status, 201);
    assert.equal(headers.get('cache-control'), 'no-store');
    const { page_url: pageUrl, ...link } = json;
    assert.match(link.sid, /^IL[0-9a-f]{32}$/);
    assert.deepEqual(link, {
      sid: link.sid,
      account_sid: server().account.username,
      esim_profile_sid: sid,
      state: 'active',
      date_created: link.date_created,
      date_expires: link.date_expires,
      date_revoked: null,
      url: `${server().url}${linksOf(sid)}/${link.sid}`,
    });
    assert.equal(Date.parse(link.date_expires) - Date.parse(link.date_created), 7 * DAY_MS);
    const [, token] = pageUrl.split(`${server().url}/i/`);
    assert.match(token, TOKEN);
    assert.deepEqual((await server().request(link.url)).json, link);
    assert.deepEqual((await server().request(linksOf(sid))).json.install_links, [link]);
  });

  test('is stored as the hash of its token alone', async () => {
    const { sid } = await server().order(CODE);
    const { page_url: pageUrl, sid: linkSid } = (await create(sid)).json;
    const token = pageUrl.slice(-26);
    const { store } = server().server.context;
    const row = await store.installLinks.find(server().account.username, sid, linkSid);
    assert.equal(row!.token_hash, hash('sha256', token, 'hex'));
    assert.doesNotMatch(JSON.stringify(row), new RegExp(token));
    if (database.name !== 'SQLite') return;
    const { data } = server().config;
    for (const file of await readdir(data)) {
      const bytes = await readFile(join(data, file));
      assert.ok(!bytes.includes(token), file);
    }
  });

  test('may end at a given time, or after a given number of seconds, within 90 days', async () => {
    const { sid } = await server().order(CODE);
    const at = new Date(Date.now() + 3 * DAY_MS).toISOString().slice(0, 10);
    assert.equal((await create(sid, { ExpiresAt: at })).json.date_expires, `${at}T00:00:00Z`);
    assert.equal((await create(sid, { ExpiresIn: '60' })).status, 201);
    const hour = (await create(sid, { ExpiresIn: '3600' })).json;
    assert.equal(Date.parse(hour.date_expires) - Date.parse(hour.date_created), 3_600_000);
    const later = new Date(Date.now() + 91 * DAY_MS).toISOString();
    for (const [form, message] of [
      [{ ExpiresIn: '59' }, 'Invalid parameter ExpiresIn: expected at least 60; got 59'],
      [{ ExpiresIn: '7776001' }, /^Invalid parameter ExpiresIn: expected at most 7776000;/],
      [{ ExpiresAt: 'soon' }, /^Invalid parameter ExpiresAt: expected a date such as/],
      [
        { ExpiresAt: '2020-01-01' },
        'Invalid parameter ExpiresAt: expected a time between a minute and 90 days from now; got 2020-01-01T00:00:00Z',
      ],
      [{ ExpiresAt: later }, /^Invalid parameter ExpiresAt: expected a time between/],
      [{ ExpiresAt: at, ExpiresIn: '60' }, 'Expected ExpiresAt or ExpiresIn; got both'],
    ] as [Record<string, string>, string | RegExp][]) {
      const { status, json } = await create(sid, form);
      assert.deepEqual([status, json.code], [400, 20001]);
      if (typeof message === 'string') assert.equal(json.message, message);
      else assert.match(json.message, message);
    }
  });

  test('DeleteInstallLink: is revoked at once and for good, by its own account alone, and stays in the list', async () => {
    const { sid } = await server().order(CODE);
    const { url } = (await create(sid)).json;
    const other = await server().addAccount(0);
    for (const answer of [await revoke(url, other), await server().request(url, { as: other })]) {
      assert.equal(answer.status, 404);
    }
    assert.equal((await revoke(url)).status, 204);
    const { state, date_revoked: date } = (await server().request(url)).json;
    assert.equal(state, 'revoked');
    assert.equal((await revoke(url)).status, 204);
    assert.equal((await server().request(url)).json.date_revoked, date);
    assert.equal((await server().request(linksOf(sid))).json.install_links.length, 1);
    assert.equal((await revoke(`${linksOf(sid)}/IL${'0'.repeat(32)}`)).status, 404);
  });

  test('is made only where there is, or will be, something to install', async () => {
    const early = await server().request('/v1/ESimProfiles', { form: CODE });
    assert.equal((await create(early.json.sid)).status, 201);
    const byEid = await server().order({ Eid: newEid() });
    assert.equal((await create(byEid.sid)).status, 409);
    const failed = await server().order({ ...CODE, ProfileType: 'none' });
    assert.equal((await create(failed.sid)).status, 409);
    const installed = await server().order(CODE);
    await newPhone(server()).download(installed.activation_code);
    const { status, json } = await create(installed.sid);
    assert.deepEqual([status, json.code], [409, 20409]);
    assert.equal((await create(`HP${'0'.repeat(32)}`)).status, 404);
    assert.equal((await create(early.json.sid, {}, await server().addAccount(0))).status, 404);
    const { json: key } = await server().request('/v1/Keys', { form: { Scope: 'read' } });
    const as = { username: key.sid, password: key.secret };
    assert.equal((await create(early.json.sid, {}, as)).status, 403);
  });

  test('ListInstallLink: is one of at most 20 of a profile, however many are asked for at once', async () => {
    const { sid } = await server().order(CODE);
    const made = await Promise.all(Array.from({ length: 25 }, () => create(sid)));
    const statuses = Object.groupBy(made, ({ status }) => status);
    assert.equal(statuses[201]!.length, 20);
    assert.equal(
      statuses[409]![0]!.json.message,
      `eSIM Profile ${sid} has 20 install links, the most that it can have; revoke one first`,
    );
    const { url } = statuses[201]![7]!.json;
    await revoke(url);
    assert.equal((await create(sid)).status, 201);
    assert.equal((await server().request(url)).status, 404, 'it has made room');
    assert.equal((await server().request(linksOf(sid))).json.install_links.length, 20);
    const page = await server().request(`${linksOf(sid)}?PageSize=15`);
    const next = await server().request(page.json.meta.next_page_url);
    assert.equal(next.json.install_links.length, 5);
  });

  test('is forgotten a month after it has expired', async () => {
    const { sid } = await server().order(CODE);
    const { url, date_expires: expires } = (await create(sid)).json;
    const { store } = server().server.context;
    const forgetAt = (date: Date) =>
      store.transaction((tables) => forgetInstallLinks(1_000, unitAt(tables, date)));
    const ended = Date.parse(expires);
    await forgetAt(new Date(ended + 30 * DAY_MS - 1_000));
    assert.equal((await server().request(url)).status, 200);
    assert.ok((await forgetAt(new Date(ended + 30 * DAY_MS + 1_000))) > 0);
    assert.equal((await server().request(url)).status, 404);
  });
});
