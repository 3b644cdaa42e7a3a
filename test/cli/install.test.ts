// `simwright profile activation`, `profile link`, `brand` and `install-texts`.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { encodePng } from '../../src/operator/qr/png.ts';
import { ENGLISH } from '../../src/install/texts.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { commandLine } from './command.ts';
import type { CommandLine } from './command.ts';

let server: TestServer;
let simwright: CommandLine;
let profile: any;
before(async () => {
  server = await startTestServer();
  simwright = await commandLine({ SIMWRIGHT_PUBLIC_URL: server.url }, server.config.data);
  profile = await server.order({ GenerateMatchingId: 'true' });
});
after(() => server[Symbol.asyncDispose]());

const NONE = `HP${'0'.repeat(32)}`;

test('profile activation: as the API answers, or in words', async () => {
  const { json } = await server.request(`/v1/ESimProfiles/${profile.sid}/Install`);
  assert.deepEqual(await simwright.json('profile', 'activation', profile.sid), json);
  const text = await simwright.print('profile', 'activation', profile.sid);
  assert.deepEqual(
    Array.from(text.matchAll(/^(.+?) {2,}(.+)$/gm), ([, name, value]) => [name, value]),
    [
      ['eSIM Profile', profile.sid],
      ['Status', 'available'],
      ['LPA string', `LPA:${profile.activation_code}`],
      ['SM-DP+ address', 'localhost:8443'],
      ['Matching ID', profile.matching_id],
      ['Confirmation code', 'not required'],
      ['iPhone, iPad', json.apple_url],
      ['Android', json.android_url],
    ],
  );
  const failed = await server.order({ GenerateMatchingId: 'true', ProfileType: 'none' });
  assert.deepEqual(await simwright.run('profile', 'activation', failed.sid), {
    code: 1,
    stdout: '',
    stderr: `simwright: eSIM Profile ${failed.sid} has no activation code: it is failed\n`,
  });
});

test('profile link: is made, serves its page, is listed, and revoked', async () => {
  const text = await simwright.print('profile', 'link', 'create', profile.sid);
  const [, sid, url] = /^Link SID +(IL\S{32})\nPage +(\S+)\nExpires +\S+Z\n$/.exec(text)!;
  assert.equal((await server.request(url!, { as: null })).status, 200);
  const made = await simwright.json(
    'profile',
    'link',
    'create',
    profile.sid,
    '--expires-in',
    '12h',
  );
  assert.equal(Date.parse(made.date_expires) - Date.parse(made.date_created), 12 * 3_600_000);
  assert.match(made.page_url, /\/i\/[a-z2-9]{26}$/);

  const path = `/v1/ESimProfiles/${profile.sid}/InstallLinks`;
  const { install_links: links } = (await server.request(path)).json;
  assert.deepEqual(await simwright.json('profile', 'link', 'list', profile.sid), links);
  const revoke = () => simwright.print('profile', 'link', 'revoke', profile.sid, sid!);
  assert.equal(await revoke(), `${sid} is revoked\n`);
  assert.equal(await revoke(), `${sid} was already revoked\n`);
  assert.equal((await server.request(url!, { as: null })).status, 404);
  assert.match(
    await simwright.print('profile', 'link', 'list', profile.sid),
    new RegExp(
      `^SID +STATE +CREATED +EXPIRES +REVOKED\n${made.sid} +active .+ -\n${sid} +revoked `,
    ),
  );
});

test('profile link: says what is wrong', async () => {
  for (const [args, code, message] of [
    [['create', NONE], 1, `There is no eSIM Profile ${NONE} in account`],
    [
      ['create', profile.sid, '--expires-in', '91d'],
      1,
      'expected a time between a minute and 90 days',
    ],
    [['create', profile.sid, '--expires-in', 'soon'], 2, "such as 30m, 12h or 7d; got 'soon'"],
    [['create', profile.sid, '--expires-in', '1d', '--expires-at', '2026-01-01'], 2, 'not both'],
    [['revoke', profile.sid, `IL${'0'.repeat(32)}`], 1, 'has no install link IL000'],
  ] as [string[], number, string][]) {
    const outcome = await simwright.run('profile', 'link', ...args);
    assert.equal(outcome.code, code, outcome.stderr);
    assert.ok(outcome.stderr.includes(message), outcome.stderr);
  }
});

test('brand: is set part by part, shown, and removed', async () => {
  const logo = join(server.config.data, 'logo.png');
  await writeFile(logo, encodePng(8, [Uint8Array.of(0xaa)]));
  const set = ['brand', 'set', '--name', 'Example Mobile', '--accent-color', '#0B6E4F'];
  await simwright.print(...set, '--logo', logo, '--support-url', 'mailto:help@example.com');
  const { json } = await server.request('/v1/Account/Brand');
  assert.deepEqual(await simwright.json('brand', 'show'), json);
  assert.match(json.logo, /^data:image\/png;base64,/);
  const text = await simwright.print('brand', 'set', '--logo', '', '--support-text', 'Ask us');
  assert.match(text, /\nName +Example Mobile\nAccent colour +#0b6e4f\nSupport text +Ask us\n/);
  assert.match(text, /\nLogo +-\n/);
  assert.equal(await simwright.print('brand', 'show'), text);
});

test('brand: says what is wrong, and changes nothing', async () => {
  const earlier = await simwright.json('brand', 'show');
  for (const [args, code, message] of [
    [[], 2, 'Give at least one part of it'],
    [
      ['--accent-color', 'green'],
      1,
      "--accent-color: expected a colour such as #3450c8; got 'green'",
    ],
    [['--name', 'x', '--support-url', 'help'], 1, '--support-url: expected https://…, mailto:…'],
    [['--logo', 'nothing.png'], 1, 'nothing.png cannot be read'],
  ] as [string[], number, string][]) {
    const outcome = await simwright.run('brand', 'set', ...args);
    assert.equal(outcome.code, code, outcome.stderr);
    assert.ok(outcome.stderr.includes(message), outcome.stderr);
  }
  assert.deepEqual(await simwright.json('brand', 'show'), earlier);
});

test('install-texts: the English texts, as a translation begins', async () => {
  assert.deepEqual(JSON.parse(await simwright.print('install-texts')), ENGLISH);
});
