// `simwright profile qr` and `qr-sheet`: on a terminal, in files.
import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { decodeQr, findCode, readPng, readSvg } from '../qr-decoder.ts';
import type { Bitmap } from '../qr-decoder.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { commandLine } from './command.ts';
import type { CommandLine } from './command.ts';

let server: TestServer;
let simwright: CommandLine;
let profile: any;
before(async () => {
  server = await startTestServer({ stock: 40 });
  simwright = await commandLine({}, server.config.data);
  profile = await server.order({ GenerateMatchingId: 'true' });
});
after(() => server[Symbol.asyncDispose]());

const path = (name: string) => join(server.config.data, name);

/** Decodes half-block characters. */
function drawn(text: string): Bitmap {
  const lines = text.split('\n').filter((line) => /[▀▄█]|^ +$/.test(line));
  return lines.flatMap((line) => [
    Array.from(line, (block) => '▀█'.includes(block)),
    Array.from(line, (block) => '▄█'.includes(block)),
  ]);
}
const inverted = (bitmap: Bitmap) => bitmap.map((row) => row.map((pixel) => !pixel));

describe('profile qr', () => {
  test('prints the code, light on dark, with its quiet zone, and its content', async () => {
    const text = await simwright.print('profile', 'qr', profile.sid);
    const payload = `LPA:${profile.activation_code}`;
    assert.ok(text.endsWith(`\n\n${payload}\n`));
    const { modules, margins } = findCode(inverted(drawn(text)));
    assert.equal(decodeQr(modules), payload);
    assert.ok(Math.min(...margins) >= 4);
    const light = await simwright.print('profile', 'qr', profile.sid, '--invert');
    assert.equal(decodeQr(findCode(drawn(light)).modules), payload);
  });

  test('with colours, it is black on white, whatever the theme', async () => {
    const terminal = await commandLine({ FORCE_COLOR: '1' }, server.config.data);
    const text = await terminal.print('profile', 'qr', profile.sid);
    const [first] = text.split('\n');
    assert.equal(first, `\u001B[30m\u001B[107m${' '.repeat(41)}\u001B[49m\u001B[39m`);
    const { modules } = findCode(drawn(stripVTControlCharacters(text)));
    assert.equal(decodeQr(modules), `LPA:${profile.activation_code}`);
  });

  test('--output writes the same as the API returns', async () => {
    for (const [name, size] of [
      ['code.svg', 320],
      ['code.PNG', 600],
    ] as const) {
      const file = path(name);
      const text = await simwright.print(
        'profile',
        'qr',
        profile.sid,
        '--output',
        file,
        '--size',
        String(size),
      );
      assert.equal(text, `${file}: LPA:${profile.activation_code}\n`);
      const format = name.slice(-3).toLowerCase();
      const url = `/v1/ESimProfiles/${profile.sid}/QrCode?Format=${format}&Size=${size}`;
      assert.deepEqual(await readFile(file), (await server.request(url)).bytes);
    }
    assert.equal(readPng(await readFile(path('code.PNG'))).length, 600);
  });

  test('says what is wrong', async () => {
    const { sid: none } = await server.order({ Eid: '89049032123451234512345678901235' });
    const bad: [string[], number, string][] = [
      [[profile.sid, '--output', 'a.gif'], 2, "ends with .svg or .png; got 'a.gif'"],
      [[profile.sid, '--size', '63'], 2, "Expected 64 to 2048; got '63'"],
      [[profile.sid, '--size', '640'], 2, '--size is for an image: name one with --output'],
      [[profile.sid, '--output', '/none/a.svg'], 1, 'simwright: /none/a.svg cannot be written: '],
      [[none], 1, `eSIM Profile ${none} has no activation code: it is available`],
    ];
    for (const [args, expected, message] of bad) {
      const { code, stdout, stderr } = await simwright.run('profile', 'qr', ...args);
      assert.deepEqual([code, stdout], [expected, ''], stderr);
      assert.ok(stderr.includes(message), stderr);
    }
  });
});

describe('profile qr-sheet', () => {
  const codesIn = async (file: string) =>
    Array.from((await readFile(file, 'utf8')).matchAll(/<svg [^]*?<\/svg>/g), ([svg]) =>
      decodeQr(findCode(readSvg(svg)).modules),
    );
  const codesOf = (profiles: any[]) =>
    profiles.map(({ activation_code }) => `LPA:${activation_code}`);

  test('writes a label for each available profile, newest first', async () => {
    const profiles = [profile];
    for (let count = 0; count < 22; count++) {
      profiles.unshift(await server.order({ GenerateMatchingId: 'true' }));
    }
    const file = path('sheet.html');
    const text = await simwright.print('profile', 'qr-sheet', '--output', file);
    // The other was ordered for an EID.
    const leftOut = 'Left out: 1 eSIM Profile without an activation code';
    assert.equal(text, `${file}: 23 labels on 2 pages\n${leftOut}\n`);
    assert.deepEqual(await codesIn(file), codesOf(profiles));
    assert.equal((await stat(file)).mode & 0o777, 0o600);

    const one = path('one.html');
    const search = ['--search', profile.matching_id.replaceAll('-', '')];
    await simwright.print('profile', 'qr-sheet', ...search, '--output', one);
    assert.deepEqual(await codesIn(one), codesOf([profile]));

    const [second, first] = profiles;
    const two = path('two.html');
    await simwright.print('profile', 'qr-sheet', first.sid, second.sid, '--output', two);
    assert.deepEqual(await codesIn(two), codesOf([first, second]));
  });

  test('on failure, the file is left unchanged', async () => {
    const file = path('kept.html');
    await writeFile(file, 'kept');
    const unknown = `HP${'0'.repeat(32)}`;
    const bad: [string[], number, string][] = [
      [[profile.sid, unknown], 1, `simwright: There is no eSIM Profile ${unknown}\n`],
      [['--status', 'downloaded'], 1, 'simwright: No eSIM Profiles to print\n'],
      [['--search', '12'], 1, 'simwright: --search: expected 4 or more characters'],
      [['--created-after', '2999-01-01'], 1, 'No eSIM Profiles to print'],
      [['--status', 'installed'], 2, 'Allowed choices are available, downloaded.'],
      [['HP1'], 2, "Expected HP and 32 hexadecimal digits; got 'HP1'"],
    ];
    for (const [args, expected, message] of bad) {
      const { code, stderr } = await simwright.run(
        'profile',
        'qr-sheet',
        '--output',
        file,
        ...args,
      );
      assert.equal(code, expected, stderr);
      assert.ok(stderr.includes(message), stderr);
    }
    assert.equal(await readFile(file, 'utf8'), 'kept');
    assert.deepEqual(
      (await readdir(server.config.data)).filter((name) => name.endsWith('.part')),
      [],
    );
    assert.equal((await simwright.run('profile', 'qr-sheet')).code, 2);
  });
});
