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

test('a range of EIDs is created, listed, changed and deleted, and its onboarding written', async () => {
  const range = await simwright.json('eim', 'range', 'create', '89049032', '--limit', '500');
  assert.match(range.sid, /^ER[0-9a-f]{32}$/);
  const file = join(server.config.data, 'eim.ber');
  const written = await simwright.print('eim', 'range', 'onboarding', range.sid, '--output', file);
  assert.match(written, /eimId +localhost/);
  const { eimConfigurationDataList: known } = AddInitialEimRequest.decode(
    Uint8Array.from(await readFile(file)),
  );
  assert.deepEqual([known.length, known[0]!.counterValue, known[0]!.associationToken], [1, 0, -1]);
  const changed = await simwright.print('eim', 'range', 'update', range.sid, '--limit', '0');
  assert.match(changed, /EIDs +89049032…\nRegistered +0 of 0\n/);
  assert.match(await simwright.print('eim', 'range', 'list'), /89049032… +0 +0\n/);
  await simwright.print('eim', 'range', 'delete', range.sid);
  assert.deepEqual(await simwright.json('eim', 'range', 'list'), []);
  const entries = await simwright.json('audit', 'list', '--subject', range.sid);
  assert.deepEqual(
    entries.map(({ operation }: any) => operation),
    ['eim range delete', 'eim range update', 'eim range create'],
  );
  const wrong = await simwright.run('eim', 'range', 'create', '8904', '--limit', '1');
  assert.match(wrong.stderr, /Expected 8 to 32 digits; got '8904'/);
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
