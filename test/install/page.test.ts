// Install pages: what a person sees of a profile in each state, over real HTTP.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { pino } from 'pino';
import { assemble } from '../../src/assembly.ts';
import type { Assembly } from '../../src/assembly.ts';
import { buildApi } from '../../src/api/routes.ts';
import { registerInstallPages } from '../../src/install/routes.ts';
import { changeStatus } from '../../src/operator/esim-profile.ts';
import { createInstallLink } from '../../src/operator/install/install-link.ts';
import { checkOrder, placeOrder } from '../../src/operator/placeOrder.ts';
import { StoreUnavailable } from '../../src/store/errors.ts';
import type { Store } from '../../src/store/store.ts';
import { openTestData } from '../data.ts';
import type { TestData } from '../data.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { stepsOf } from '../es9plus/calls.ts';
import { newPhone } from '../es9plus/phone.ts';
import { decodeQr, findCode, readPng } from '../qr-decoder.ts';
import { eventually, startTestServer } from '../server.ts';
import type { Reply } from '../server.ts';
import { unitAt } from '../unit.ts';

const CODE = { GenerateMatchingId: 'true' };
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
const PIXEL =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36';
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0';

/** The page's own style and script, as its policy names them. */
function policyOf(page: string): string {
  const hashes = (tag: string) =>
    Array.from(
      page.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs')),
      ([, content]) => `'sha256-${hash('sha256', content!, 'base64')}'`,
    ).join(' ');
  return (
    `default-src 'none'; style-src ${hashes('style')}; script-src ${hashes('script')}; img-src data:; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  );
}

function assertHeaders({ headers, text }: Reply): void {
  const expected = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-language': 'en',
    'content-security-policy': policyOf(text),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-robots-tag': 'noindex, nofollow, noarchive',
    vary: 'Accept-Language, User-Agent',
  };
  for (const [name, value] of Object.entries(expected)) {
    assert.equal(headers.get(name), value, name);
  }
  assert.equal(headers.get('access-control-allow-origin'), null);
  assert.match(text, /<meta name="robots" content="noindex, nofollow">/);
  assert.match(text, /<meta name="referrer" content="no-referrer">/);
}

const hrefsOf = (text: string) =>
  Array.from(text.matchAll(/<a class="button[^"]*" href="([^"]*)"/g), ([, href]) => href);
const headingOf = (text: string) => /<h1>(.*?)<\/h1>/.exec(text)![1];

function qrOf(text: string): string {
  const [, png] = /<img src="data:image\/png;base64,([^"]+)" width="\d+"/.exec(text)!;
  return decodeQr(findCode(readPng(Buffer.from(png!, 'base64'))).modules);
}

onEachDatabase('an install page', (database) => {
  const env = { SIMWRIGHT_TRUSTED_PROXIES: '127.0.0.1' };
  const server = serverOn(database, { es9: true, stock: 20, env });
  let visitors = 0;

  /** Each time from another network. */
  const visit = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
    server().request(url, {
      method,
      as: null,
      headers: { 'X-Forwarded-For': `198.51.100.${++visitors}`, ...headers },
    });
  const link = async (sid: string, form = {}): Promise<any> =>
    (await server().request(`/v1/ESimProfiles/${sid}/InstallLinks`, { method: 'POST', form })).json;
  const ordered = async (form = {}) => {
    const profile = await server().order({ ...CODE, ...form });
    return { profile, url: (await link(profile.sid)).page_url as string };
  };

  test('has the QR code, the links and the codes, the visitor’s system first', async () => {
    const { profile, url } = await ordered();
    const { sid, activation_code: code, matching_id: matchingId } = profile;
    const { apple_url: apple, android_url: android } = (
      await server().request(`/v1/ESimProfiles/${sid}/Install`)
    ).json;
    for (const [userAgent, hrefs] of [
      [IPHONE, [apple, android]],
      [PIXEL, [android, apple]],
      [WINDOWS, [`LPA:${code}`, apple, android]],
      ['curl/8', [apple, android]],
    ] as const) {
      const answer = await visit(url, { 'User-Agent': userAgent });
      assert.equal(answer.status, 200);
      assertHeaders(answer);
      assert.equal(headingOf(answer.text), 'Install your eSIM');
      assert.deepEqual(hrefsOf(answer.text), hrefs);
      assert.equal(qrOf(answer.text), `LPA:${code}`);
      const codes = Array.from(
        answer.text.matchAll(/<code dir="ltr">(.*?)<\/code>/g),
        ([, text]) => text!,
      );
      const byHand: string[] = [profile.smdp_plus_address, matchingId];
      assert.deepEqual(codes.toSorted(), [`LPA:${code}`, ...byHand].toSorted());
      assert.equal(answer.headers.get('refresh'), null);
      assert.doesNotMatch(answer.text, /confirmation code/);
    }
  });

  test('says that a confirmation code will be asked for, never which', async () => {
    const { url } = await ordered({ ConfirmationCode: '8426-xyz' });
    const { text } = await visit(url);
    assert.match(text, /You will need your confirmation code/);
    assert.match(text, /Enter these two and your confirmation code/);
    assert.match(qrOf(text), /\$\$1$/);
    assert.doesNotMatch(text, /8426-xyz/);
  });

  test('once downloaded, is for the device that has it; once installed, has no code', async () => {
    const { profile, url } = await ordered();
    const steps = stepsOf(server(), profile.matching_id);
    const result = await steps.install();
    const downloaded = await visit(url);
    assert.deepEqual([downloaded.status, headingOf(downloaded.text)], [200, 'Almost done']);
    assert.match(downloaded.text, /only that device can finish/);
    assert.equal(qrOf(downloaded.text), `LPA:${profile.activation_code}`);
    await steps.notify(result);
    const installed = await visit(url);
    assert.equal(installed.status, 200);
    assertHeaders(installed);
    assert.equal(headingOf(installed.text), 'Your eSIM is installed');
    assertNoCode(installed.text, profile);
  });

  function assertNoCode(text: string, profile: any): void {
    const { smdp_plus_address: address, matching_id: matchingId, iccid, sid } = profile;
    for (const secret of ['LPA:', 'carddata', '<img', address, matchingId, iccid, sid]) {
      assert.ok(!text.includes(secret), `${secret} is on the page`);
    }
  }

  test('of a failed profile has no code', async () => {
    const { profile, url } = await ordered();
    const { store, now } = server().server.context;
    await store.transaction(async (tables) => {
      const row = await tables.esimProfiles.find(server().account.username, profile.sid);
      await changeStatus(row!, 'failed', {}, { cause: 'cancelled' }, unitAt(tables, now()));
    });
    const { status, text } = await visit(url);
    assert.deepEqual([status, headingOf(text)], [200, 'This eSIM cannot be installed']);
    assertNoCode(text, profile);
  });

  test('404, the same for an unknown, an expired and a revoked link, and for less than a link', async () => {
    const { profile, url } = await ordered();
    const expired = await link(profile.sid);
    const revoked = await link(profile.sid);
    await server().request(revoked.url, { method: 'DELETE' });
    const { store } = server().server.context;
    await store.transaction(async (tables) => {
      const { username } = server().account;
      const row = await tables.installLinks.find(username, profile.sid, expired.sid);
      await tables.installLinks.delete(row!);
      await tables.installLinks.insert({ ...row!, date_expires: store.now().toISOString() });
    });
    const unknown = url.slice(0, -1) + (url.endsWith('a') ? 'b' : 'a');
    const answers = await Promise.all(
      [
        unknown,
        expired.page_url,
        revoked.page_url,
        '/i',
        '/i/',
        '/i/x/y',
        `/i/${'a'.repeat(5_000)}`,
        '/i/%00',
        '/i/..%2f..',
        `${url}%0a`,
      ].map((wrong: string) => visit(wrong)),
    );
    for (const answer of answers) {
      const isPage = answer.headers.get('content-type')!.startsWith('text/html');
      assert.equal(answer.status, 404);
      if (!isPage) continue;
      assertHeaders(answer);
      assert.equal(answer.text, answers[0]!.text);
    }
    assert.equal(headingOf(answers[0]!.text), 'This link does not work');
    assert.equal(answers.filter(({ json }) => json === undefined).length, answers.length - 1);
    assert.equal((await visit(url)).status, 200);
  });

  test('has a head without a body, and no other method', async () => {
    const { url } = await ordered();
    const get = await visit(url);
    const head = await visit(url, {}, 'HEAD');
    assert.deepEqual([head.status, head.text], [200, '']);
    for (const name of ['content-type', 'content-length', 'cache-control', 'x-robots-tag']) {
      assert.equal(head.headers.get(name), get.headers.get(name));
    }
    assert.equal((await visit(url, {}, 'POST')).status, 404);
  });

  test('needs no credentials, and gives nothing to a signed-in browser’s other pages', async () => {
    const { url } = await ordered();
    const origin = { Origin: 'https://evil.example' };
    const { headers } = await visit(url, origin);
    const cors = Array.from(headers.keys()).filter((name) => name.startsWith('access-control-'));
    assert.deepEqual(cors, []);
  });

  test('is not found by search engines', async () => {
    const { status, text } = await server().request('/robots.txt', { as: null });
    assert.deepEqual([status, text], [200, 'User-agent: *\nDisallow: /\n']);
  });

  test('leaves no token in the log, however it is asked for', async () => {
    const { profile, url } = await ordered();
    const token = url.slice(-26);
    for (const path of [
      `/i/${token}`,
      `/%69/${token}`,
      `${server().url}//i/${token}`,
      `/%69/${token}%ff`,
    ]) {
      for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) await visit(path, {}, method);
    }
    await visit(`/I/${token}?lang=de`);
    await visit(`/i/${token}%ff`);
    assert.ok(server().logged.some((line) => line.includes('GET /i/…')));
    const leaks = server().logged.filter((line) => line.includes(token));
    assert.deepEqual(leaks, []);
    const { events } = (await server().request(`/v1/ESimProfiles/${profile.sid}/Events`)).json;
    assert.ok(!JSON.stringify(events).includes(token));
  });

  test('has the brand of the account: name, colour, support line', async () => {
    const { url } = await ordered();
    const form = { Name: 'Löwe & Söhne', AccentColor: '#ffd400', SupportText: 'Ask us' };
    const body = { ...form, SupportUrl: 'https://example.com/help?a=1&b=2' };
    await server().request('/v1/Account/Brand', { body });
    const branded = await visit(url);
    assertHeaders(branded);
    assert.match(branded.text, /<header class="brand"><bdi>Löwe &amp; Söhne<\/bdi><\/header>/);
    assert.match(branded.text, /<title>Install your eSIM · Löwe &amp; Söhne<\/title>/);
    assert.match(branded.text, /--accent: #ffd400; --on-accent: #000000;/);
    assert.match(
      branded.text,
      /<a href="https:\/\/example\.com\/help\?a=1&amp;b=2"><bdi>Ask us<\/bdi><\/a>/,
    );
    const png =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==';
    await server().request('/v1/Account/Brand', { body: { Logo: png } });
    const { text } = await visit(url);
    assert.ok(text.includes(`<img src="data:image/png;base64,${png}" alt="Löwe &amp; Söhne">`));
    assert.doesNotMatch((await visit('/i/x')).text, /Löwe/);
  });

  test('takes nothing of a brand for markup', async () => {
    const { url } = await ordered();
    const evil = `"'></style></title><script>alert(1)</script><img src=x onerror=alert(1)>`;
    for (const value of [evil, '</bdi>&lt;', '${x}{date}$&', "' onload='x"]) {
      const form = { Name: value, SupportText: value, SupportUrl: '', Logo: '' };
      assert.equal((await server().request('/v1/Account/Brand', { form })).status, 200);
      const answer = await visit(url);
      assertHeaders(answer);
      const shown = value
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&#39;');
      assert.equal(answer.text.split(shown).length - 1, 3, 'title, head and foot');
      assert.equal(answer.text.match(/<script/g)!.length, 1);
      assert.equal(answer.text.match(/<img/g)!.length, 1);
      assert.doesNotMatch(answer.text, /<[^>]*\son\w+=/);
    }
    await server().request('/v1/Account/Brand', { form: { Name: '', SupportText: '' } });
  });

  test('429 with Retry-After for a network that tries links; others go on', async () => {
    const { url } = await ordered();
    const from = (address: string) => ({ 'X-Forwarded-For': address });
    const wrong = Array.from(
      { length: 30 },
      (_, at) => `/i/${'abcdefghjk'.repeat(3).slice(at % 4, 26 + (at % 4))}`,
    );
    for (const [index, path] of wrong.entries()) {
      const address = `2001:db8:1:2::${(index + 1).toString(16)}`;
      assert.equal((await visit(path, from(address))).status, 404);
    }
    // However slow the machine is: every two seconds, one may be tried again.
    const refused = await eventually(async () => {
      const answers = [];
      for (const path of [wrong[0]!, url]) {
        answers.push(await visit(path, from('2001:db8:1:2:ffff::1')));
      }
      return answers.every(({ status }) => status === 429) ? answers : undefined;
    });
    for (const answer of refused) {
      assertHeaders(answer);
      assert.equal(headingOf(answer.text), 'Please try again in a moment');
      const seconds = Number(answer.headers.get('retry-after'));
      assert.ok(seconds >= 1 && seconds <= 2, `${seconds} s`);
    }
    assert.equal((await visit(url, from('2001:db8:1:3::1'))).status, 200);
    for (let count = 0; count < 40; count++) {
      assert.equal((await visit(url, from('192.0.2.1'))).status, 200);
    }
  });
});

onEachDatabase('the page of a profile that is being prepared', (database) => {
  let data: TestData;
  let assembly: Assembly;
  let stop: (() => Promise<void>) | undefined;
  before(async () => {
    data = await openTestData(database);
    const { config } = data;
    const secrets = { masterKey: undefined, account: undefined, hsmPin: {}, traceHeaders: {} };
    assembly = await assemble({ ...config, es9Port: 0 }, secrets, data, pino({ level: 'silent' }));
  });
  after(async () => {
    await stop?.();
    await assembly.api.close();
    await data[Symbol.asyncDispose]();
  });

  test('reloads by itself, until the eSIM can be installed', async () => {
    const { api, context, firstAccount } = assembly;
    const { accountSid } = firstAccount!;
    const order = { accountSid, generateMatchingId: true, cause: { cause: 'ordered by a test' } };
    const { token } = await context.transact(async (unit) => {
      const { sid } = await placeOrder(
        checkOrder(order, { eidCheckDigits: true, now: context.now() }),
        context.masterKey,
        unit,
      );
      return createInstallLink(accountSid, sid, undefined, unit);
    });
    const visit = () => api.inject({ url: `/i/${token}` });
    const early = await visit();
    assert.equal(early.statusCode, 200);
    assert.equal(early.headers['refresh'], '5');
    assert.equal(headingOf(early.body), 'Your eSIM is being prepared');
    assert.match(early.body, /<a class="button" href="">Check again<\/a>/);
    assert.doesNotMatch(early.body, /LPA:|<img/);
    stop = assembly.startJobs();
    await eventually(async () => {
      const { body, headers } = await visit();
      return headingOf(body) === 'Install your eSIM' && headers['refresh'] === undefined
        ? true
        : undefined;
    });
  });
});

describe('without a database', () => {
  test('503 with Retry-After, in words for people; any other error is left to the API', async () => {
    await using server = await startTestServer({ stock: 0 });
    const { context } = server.server;
    for (const [failure, status, heading] of [
      [new StoreUnavailable('away'), 503, 'Please try again in a moment'],
      [new Error('secret'), 500, undefined],
    ] as const) {
      const installLinks = { findByToken: () => Promise.reject(failure) };
      const store = { ...context.store, installLinks } as unknown as Store;
      const app = await buildApi(context, []);
      registerInstallPages(app, { ...context, store });
      const answer = await app.inject({ url: `/i/${'a'.repeat(26)}` });
      assert.equal(answer.statusCode, status);
      assert.equal(/<h1>(.*?)<\/h1>/.exec(answer.body)?.[1], heading);
      assert.equal(answer.headers['retry-after'], status === 503 ? '5' : undefined);
      assert.doesNotMatch(answer.body, /secret|away/);
      await app.close();
    }
  });
});

describe('the device of a test', () => {
  test('installs by what the page says', async () => {
    await using server = await startTestServer({ es9: true, stock: 1 });
    const { sid } = await server.order(CODE);
    const path = `/v1/ESimProfiles/${sid}/InstallLinks`;
    const { page_url: url } = (await server.request(path, { method: 'POST' })).json;
    const { text } = await server.request(url, { as: null });
    await newPhone(server).download(qrOf(text));
    assert.equal(
      headingOf((await server.request(url, { as: null })).text),
      'Your eSIM is installed',
    );
  });
});
