// `simwright batch`, beside a server.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort } from '../postgres.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { commandLine } from './command.ts';
import type { CommandLine } from './command.ts';

const EID = '89049032123451234512345678901235';
let server: TestServer;
let simwright: CommandLine;
let file: string;
before(async () => {
  server = await startTestServer({ stock: 8 });
  simwright = await commandLine({}, server.config.data);
  file = join(server.config.data, 'devices.csv');
  await writeFile(file, `EID;Confirmation code\n${EID};\n;2580\nx;\n`);
});
after(() => server[Symbol.asyncDispose]());

const batch = (...words: string[]) => simwright.json('batch', ...words);

describe('batch', () => {
  test('create --count --wait prints what became of it; show, list and result, too', async () => {
    const created = await batch('create', '--count', '3', '--matching-id', '--wait');
    assert.deepEqual(
      [created.status, created.ordered, created.esim_profiles.available],
      ['completed', 3, 3],
    );
    const { json } = await server.request(`/v1/ESimProfiles/Batches/${created.sid}`);
    assert.deepEqual(await batch('show', created.sid), { ...created, url: created.url });
    assert.equal(json.ordered, 3);
    const [listed] = await batch('list', '--limit', '1');
    assert.equal(listed.sid, created.sid);
    const { stdout } = await simwright.run('batch', 'show', created.sid);
    assert.match(stdout, /^Status +completed$/m);
    assert.match(stdout, /^eSIM Profiles +3 available$/m);
    assert.match((await simwright.run('batch', 'list')).stdout, /completed +3 +3 +0/);
    const result = await simwright.run(
      'batch',
      'result',
      created.sid,
      '--columns',
      'item,state,lpa',
    );
    const { esim_profiles: profiles } = (
      await server.request(`/v1/ESimProfiles?BatchSid=${created.sid}`)
    ).json;
    const lines = profiles
      .toReversed()
      .map(
        ({ activation_code: code }: any, index: number) => `${index + 1},ordered,LPA:${code}\r\n`,
      );
    assert.equal(result.stdout, `item,state,lpa\r\n${lines.join('')}`);
    const output = join(server.config.data, 'result.jsonl');
    await simwright.run('batch', 'result', created.sid, '--format', 'jsonl', '--output', output);
    assert.equal((await readFile(output, 'utf8')).split('\n').length, 4);
    const own = await simwright.json('profile', 'list', '--batch', created.sid);
    assert.equal(own.length, 3);
  });

  test('create --wait says so if no server is there to carry it out', async () => {
    const env = { SIMWRIGHT_PUBLIC_URL: `http://127.0.0.1:${await freePort()}` };
    const elsewhere = await commandLine(env, server.config.data);
    const words = ['--count', '200', '--matching-id', '--profile-type', 'none', '--wait'];
    const { stderr } = await elsewhere.run('batch', 'create', ...words);
    assert.match(
      stderr,
      /^Nothing listens at .*: start the server with: simwright start\nA server carries the batch out\.$/m,
    );
  });

  test('create FILE.csv: what is wrong with a line is recorded, and told by the exit code', async () => {
    const { code, stdout } = await simwright.run(
      'batch',
      'create',
      file,
      '--matching-id',
      '--wait',
      '--json',
    );
    assert.equal(code, 1);
    const { sid, ordered, refused } = JSON.parse(stdout);
    assert.deepEqual([ordered, refused], [2, 1]);
    const found = await simwright.run(
      'batch',
      'result',
      sid,
      '--state',
      'refused',
      '--columns',
      'item,error',
    );
    assert.equal(
      found.stdout,
      "item,error\r\n3,Invalid parameter Eid: expected 32 hexadecimal digits; got 'x' (line 4 of the file)\r\n",
    );
    const watched = await simwright.run('batch', 'watch', sid);
    assert.equal(watched.code, 1);
  });

  test('create --dry-run says what the stock can give; --all-or-nothing refuses a file with an error', async () => {
    const known = (await batch('list')).length;
    const { code, stdout } = await simwright.run(
      'batch',
      'create',
      file,
      '--matching-id',
      '--dry-run',
    );
    assert.equal(code, 0);
    assert.equal(
      stdout,
      '3 items, 2 valid; 2 can be ordered now\nany profile type: 2 wanted, 3 in stock\n' +
        "item 3: Invalid parameter Eid: expected 32 hexadecimal digits; got 'x' (line 4 of the file)\n",
    );
    const all = await simwright.run('batch', 'create', file, '--matching-id', '--all-or-nothing');
    assert.equal(all.code, 1);
    assert.match(all.stderr, /Nothing was ordered\nitem 3: Invalid parameter Eid/);
    assert.equal((await batch('list')).length, known);
  });

  test('create FILE.csv in another encoding is refused, since its letters would be lost', async () => {
    const latin = `${file}.latin1.csv`;
    await writeFile(latin, Buffer.from('FriendlyName\nM\u00fcnchen\n', 'latin1'));
    const { code, stderr } = await simwright.run(
      'batch',
      'create',
      latin,
      '--matching-id',
      '--dry-run',
    );
    assert.equal(code, 1);
    assert.match(stderr, /latin1\.csv cannot be read: expected UTF-8; got another encoding/);
  });

  test('cancel: what has ended is refused; an unknown batch, and a command line that names nothing, too', async () => {
    const [{ sid }] = await batch('list');
    const ended = await simwright.run('batch', 'cancel', sid as string);
    assert.deepEqual([ended.code, ended.stdout], [1, '']);
    assert.match(ended.stderr, /is completed; a batch can be cancelled while it is running/);
    const unknown = await simwright.run('batch', 'show', `BT${'0'.repeat(32)}`);
    assert.match(unknown.stderr, /There is no batch BT0/);
    const nothing = await simwright.run('batch', 'create', '--matching-id');
    assert.deepEqual(
      [nothing.code, nothing.stderr.includes('Name a CSV file, or how many')],
      [2, true],
    );
    const unclaimed = await simwright.run('batch', 'create', '--count', '2');
    assert.deepEqual([unclaimed.code, unclaimed.stderr.includes('Give --eid')], [2, true]);
  });
});
