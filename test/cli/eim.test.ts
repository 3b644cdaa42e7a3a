// `simwright eim`, beside a server on which it takes effect.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AddInitialEimRequest } from '../../src/rsp/definitions/iot-functions.ts';
import { Ipa } from '../esipa/ipa.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { commandLine } from './command.ts';
import type { CommandLine } from './command.ts';

let server: TestServer;
let simwright: CommandLine;
before(async () => {
  server = await startTestServer({ stock: 1, env: { SIMWRIGHT_ESIPA_PORT: '0' } });
  const env = { SIMWRIGHT_SMDP_ADDRESS: 'localhost:8443', SIMWRIGHT_ESIPA_PORT: '8445' };
  simwright = await commandLine(env, server.config.data);
});
after(() => server[Symbol.asyncDispose]());

test('an eUICC is registered, asked, shown and removed, and its packages are readable', async () => {
  const ipa = new Ipa(server);
  const { sid } = await simwright.json('eim', 'register', ipa.eid, '--name', 'Pump 7');
  assert.match(sid, /^EU[0-9a-f]{32}$/);
  const file = join(server.config.data, 'onboarding.ber');
  assert.match(
    await simwright.print('eim', 'onboarding', sid, '--output', file),
    /eimId +localhost/,
  );
  const [configuration] = AddInitialEimRequest.decode(
    Uint8Array.from(await readFile(file)),
  ).eimConfigurationDataList;
  assert.equal(configuration!.eimFqdn, 'localhost:8445');

  const data = await ipa.poll();
  assert.ok(data instanceof Uint8Array);
  await ipa.provide(ipa.dataFor(data));
  const iccid = '89882110000000000014';
  const asked = await simwright.json('eim', 'ask', ipa.eid, 'enable', '--iccid', iccid);
  const request = await ipa.poll();
  assert.ok(request instanceof Uint8Array);
  await ipa.provide(ipa.resultOf(request, [{ enableResult: 2 }]));
  assert.match(
    await simwright.print('eim', 'operations', sid),
    /enable +failed .*profileNotInDisabledState/,
  );
  const packages = await simwright.print('eim', 'packages', sid, asked.sid);
  assert.match(packages, /EuiccPackageRequest ::= \{[^]*EuiccPackageResult ::= /);
  assert.match(packages, /resolved, sent once/);

  const again = await simwright.json('eim', 'ask', sid, 'listProfileInfo');
  assert.match(await simwright.print('eim', 'cancel', sid, again.sid), /^Cancelled EO/);
  assert.match(await simwright.print('eim', 'show', sid), /Status +associated/);
  assert.match(await simwright.print('eim', 'list'), new RegExp(`${ipa.eid} +Pump 7 +associated`));
  assert.match(await simwright.print('eim', 'rotate-key'), /^Made key 2/);
  const other = new Ipa(server);
  assert.equal((await simwright.json('eim', 'register', other.eid)).key, 2);
  await simwright.print('eim', 'remove', sid);
  const entries = await simwright.json('audit', 'list', '--limit', '1000');
  const operations = entries.map(({ operation }: any) => operation);
  const expected = ['remove', 'register', 'rotate-key', 'cancel', 'ask', 'ask', 'register'];
  assert.deepEqual(
    operations.filter((name: string) => name.startsWith('eim ')),
    expected.map((name) => `eim ${name}`),
  );
  assert.equal(await ipa.poll(), 2);
});

test('an operation is followed until it has ended; an eUICC gets a name and a URL, and a package has several commands', async () => {
  const ipa = new Ipa(server);
  const callback = ['--callback-url', 'https://hook:secret@example.com/a'];
  const { sid } = await simwright.json('eim', 'register', ipa.eid, ...callback);
  const data = await ipa.poll();
  assert.ok(data instanceof Uint8Array);
  await ipa.provide(ipa.dataFor(data));
  const commands = '[{"kind":"getRAT"},{"kind":"listProfileInfo"}]';
  const asked = await simwright.json('eim', 'ask', sid, 'package', '--commands', commands);
  const request = await ipa.poll();
  assert.ok(request instanceof Uint8Array);
  const listProfileInfoResult = { profileInfoListOk: [] };
  await ipa.provide(ipa.resultOf(request, [{ getRATResult: [] }, { listProfileInfoResult }]));
  const watched = await simwright.print('eim', 'watch', sid, asked.sid);
  assert.match(watched, /EO\w+ {2}package {2}queued\n.*queued → sent\n.*sent → completed\n$/);
  const failing = await simwright.json(
    'eim',
    'ask',
    sid,
    'disable',
    '--iccid',
    '89882110000000000014',
  );
  const disable = await ipa.poll();
  assert.ok(disable instanceof Uint8Array);
  await ipa.provide(ipa.resultOf(disable, [{ disableResult: 1 }]));
  const ended = await simwright.run('eim', 'watch', sid, failing.sid, '--json');
  assert.equal(ended.code, 1);
  const [, , last] = ended.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual([last.status, last.error_code], ['failed', 'iccidOrAidNotFound']);
  const shown = await simwright.print('eim', 'show', sid);
  assert.match(shown, /Callback +POST https:\/\/\*\*\*:\*\*\*@example\.com\/a\n/);
  assert.match(shown, /Listed +20/);
  const updated = await simwright.json(
    'eim',
    'update',
    sid,
    '--name',
    'Pump 8',
    '--callback-url',
    '',
  );
  assert.deepEqual([updated.friendly_name, updated.callback_url], ['Pump 8', null]);
  const wrong = await simwright.run('eim', 'ask', sid, 'package', '--commands', '[]');
  assert.match(wrong.stderr, /package needs Commands/);
});

test('updateEim is signed with the key that the eUICC trusts, and the next package with the new one', async () => {
  const ipa = new Ipa(server);
  const { sid, key } = await simwright.json('eim', 'register', ipa.eid);
  const data = await ipa.poll();
  assert.ok(data instanceof Uint8Array);
  await ipa.provide(ipa.dataFor(data));
  await simwright.print('eim', 'rotate-key');
  await simwright.print('eim', 'ask', sid, 'updateEim');
  const request = await ipa.poll();
  assert.ok(request instanceof Uint8Array);
  await ipa.provide(ipa.resultOf(request, [{ updateEimResult: 0 }]));
  assert.equal((await simwright.json('eim', 'show', sid)).key, key + 1);
});
