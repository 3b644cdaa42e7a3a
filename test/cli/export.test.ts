// `simwright profile export` and `qr-zip`, beside a server.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { unzipSync } from 'fflate';
import { insertProfiles } from '../many-profiles.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { commandLine } from './command.ts';
import type { CommandLine } from './command.ts';

const FORM = { GenerateMatchingId: 'true' };
let server: TestServer;
let simwright: CommandLine;
let orders: any[];
before(async () => {
  server = await startTestServer({ env: { SIMWRIGHT_SMDP_ADDRESS: 'smdp.example.com' } });
  simwright = await commandLine(
    { SIMWRIGHT_SMDP_ADDRESS: 'smdp.example.com', SIMWRIGHT_PUBLIC_URL: server.url },
    server.config.data,
  );
  orders = [await server.order(FORM), await server.order(FORM)];
  await server.order({ Eid: '8904903200500888260003348912345a' });
});
after(async () => {
  await simwright[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const path = (name: string) => join(server.config.data, name);

describe('profile export', () => {
  test('prints what the API answers, in each format', async () => {
    for (const [options, query] of [
      [[], ''],
      [['--format', 'jsonl'], 'Format=jsonl'],
      [['--columns', 'iccid, sid'], 'Columns=iccid,sid'],
      [['--spreadsheet'], 'Spreadsheet=true'],
      [['--format', 'intune'], 'Format=intune'],
      [['--iccid', orders[0].iccid], `Iccid=${orders[0].iccid}`],
      [['--status', 'failed'], 'Status=failed'],
      [['--search', orders[1].iccid.slice(-7)], `Search=${orders[1].iccid.slice(-7)}`],
    ] as const) {
      const printed = await simwright.print('profile', 'export', ...options);
      const { bytes } = await server.request(`/v1/ESimProfiles/Export?${query}`);
      assert.equal(printed, bytes.toString(), query);
    }
  });

  test('says what Intune cannot use', async () => {
    const { code, stderr } = await simwright.run('profile', 'export', '--format', 'intune');
    assert.deepEqual([code, stderr], [0, 'Left out, as Intune cannot use them: 1\n']);
    const none = await simwright.run(
      'profile',
      'export',
      '--format',
      'intune',
      '--status',
      'failed',
    );
    assert.deepEqual(
      [none.code, none.stderr],
      [1, 'simwright: Intune can only use profiles that are available\n'],
    );
  });

  test('--after goes on behind an eSIM Profile', async () => {
    const { sid } = orders[1];
    const printed = await simwright.print('profile', 'export', '--columns', 'sid', '--after', sid);
    assert.equal(printed, `sid\r\n${orders[0].sid}\r\n`);
  });

  test('--output writes the whole file, for its owner only, or leaves the old one', async () => {
    const file = path('profiles.csv');
    assert.equal(await simwright.print('profile', 'export', '--output', file), '');
    const printed = await simwright.print('profile', 'export');
    assert.equal(await readFile(file, 'utf8'), printed);
    const failed = await simwright.run('profile', 'export', '--output', file, '--search', '12');
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /^simwright: --search: expected 4 or more/);
    assert.equal(await readFile(file, 'utf8'), printed);
    assert.equal(existsSync(`${file}.part`), false);
  });

  test('refuses options that exclude each other, and unknown columns', async () => {
    for (const [options, message] of [
      [['--spreadsheet', '--format', 'jsonl'], '--spreadsheet is for --format csv; got jsonl'],
      [
        ['--columns', 'sid', '--format', 'intune'],
        '--columns cannot be chosen with --format intune',
      ],
      [['--smdp-address', 'x'], '--smdp-address is for --format intune; got csv'],
      [['--columns', 'sid,ki'], "got 'ki'."],
    ] as const) {
      const { code, stderr } = await simwright.run('profile', 'export', ...options);
      assert.equal(code, 2);
      assert.ok(stderr.includes(message), stderr);
    }
  });

  test('that is interrupted leaves nothing, not even half a file', async () => {
    await using other = await startTestServer({ stock: 0 });
    await insertProfiles(other, other.account.username, 100_000);
    await using cli = await commandLine({}, other.config.data);
    const file = join(other.config.data, 'interrupted.jsonl');
    await writeFile(file, 'old');
    const child = cli.start('profile', 'export', '--format', 'jsonl', '--output', file);
    const closed = once(child, 'close');
    await eventually(() => (existsSync(`${file}.part`) ? true : undefined));
    child.kill('SIGINT');
    assert.deepEqual(await closed, [130, null]);
    assert.equal(await readFile(file, 'utf8'), 'old');
    assert.equal(existsSync(`${file}.part`), false);
  });
});

test('profile qr-zip writes the codes as files', async () => {
  const file = path('codes.zip');
  const printed = await simwright.print('profile', 'qr-zip', '--output', file, '--format', 'svg');
  assert.equal(printed, `${file}: 2 QR codes\n`);
  const names = orders.map(({ iccid }) => `${iccid}.svg`);
  assert.deepEqual(Object.keys(unzipSync(await readFile(file))), [
    ...names.toReversed(),
    'index.csv',
  ]);
  const one = path('one.zip');
  await simwright.print('profile', 'qr-zip', '--output', one, orders[0].sid);
  assert.deepEqual(Object.keys(unzipSync(await readFile(one))), [
    `${orders[0].iccid}.png`,
    'index.csv',
  ]);
  const none = await simwright.run('profile', 'qr-zip', '--output', one, '--status', 'downloaded');
  assert.deepEqual(
    [none.code, none.stderr],
    [1, 'simwright: No eSIM Profile has a code to write\n'],
  );
});
