// `simwright eim`, beside a server on which it takes effect.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AddInitialEimRequest } from '../../src/rsp/definitions/iot-functions.ts';
import { unzipSync } from 'fflate';
import { Ipa, packageFor } from '../esipa/ipa.ts';
import { eventually, startTestServer } from '../server.ts';
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
  const named = ['--name', 'Pump 7', '--group', 'Bremen', '--metadata', 'site=north'];
  const { sid } = await simwright.json('eim', 'register', ipa.eid, ...named);
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

  const data = await packageFor(ipa);
  await ipa.provide(ipa.dataFor(data));
  const iccid = '89882110000000000014';
  const asked = await simwright.json('eim', 'ask', ipa.eid, 'enable', '--iccid', iccid);
  const request = await packageFor(ipa);
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
  const shown = await simwright.print('eim', 'show', sid);
  assert.match(shown, /Group +Bremen\nMetadata +{"site":"north"}\nStatus +associated/);
  const listed = new RegExp(`${ipa.eid} +Pump 7 +associated`);
  const found = ['--search', ipa.eid.slice(-6), '--metadata', 'site=north', '--limit', '1'];
  assert.match(await simwright.print('eim', 'list', ...found), listed);
  assert.deepEqual(await simwright.json('eim', 'list', '--metadata', 'site=south'), []);
  assert.match(await simwright.print('eim', 'rotate-key'), /^Made key 2/);
  const other = new Ipa(server);
  assert.equal((await simwright.json('eim', 'register', other.eid)).key, 2);
  await simwright.print('eim', 'remove', sid);
  const entries = await simwright.json('audit', 'list', '--limit', '1000');
  const operations = entries.map(({ operation }: any) => operation);
  // The group is one of its own.
  const registered = ['register', 'register'];
  const expected = ['remove', 'register', 'rotate-key', 'cancel', 'ask', 'ask', ...registered];
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
  const data = await packageFor(ipa);
  await ipa.provide(ipa.dataFor(data));
  const commands = '[{"kind":"getRAT"},{"kind":"listProfileInfo"}]';
  const asked = await simwright.json('eim', 'ask', sid, 'package', '--commands', commands);
  const request = await packageFor(ipa);
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
  const disable = await packageFor(ipa);
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
  const one = await simwright.print('eim', 'operation', sid, failing.sid);
  assert.match(one, /Parameters +{"iccid":"89882110000000000014"}\nStatus +failed\n/);
  assert.match(
    one,
    /Error code +iccidOrAidNotFound\nError message +The eUICC answered disable with/,
  );
  const filtered = await simwright.json('eim', 'operations', sid, '--status', 'failed');
  assert.deepEqual(
    filtered.map(({ sid: found }: any) => found),
    [failing.sid],
  );
  const dry = ['eim', 'ask', sid, 'package', '--commands', commands, '--dry-run'];
  assert.match(
    await simwright.print(...dry),
    /^EuiccPackageSigned ::= \{\n[^]*counterValue 3,[^]*psmoList : \{\n +getRAT/,
  );
  assert.equal((await simwright.json('eim', 'operations', sid)).length, 3);
  const wrong = await simwright.run('eim', 'ask', sid, 'package', '--commands', '[]');
  assert.match(wrong.stderr, /package needs --commands/);
  const missing = await simwright.run('eim', 'ask', sid, 'enable', '--dry-run');
  assert.match(missing.stderr, /enable needs --iccid, that of a profile on the eUICC/);
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
  const data = await packageFor(ipa);
  await ipa.provide(ipa.dataFor(data));
  await simwright.print('eim', 'rotate-key');
  await simwright.print('eim', 'ask', sid, 'updateEim');
  const request = await packageFor(ipa);
  await ipa.provide(ipa.resultOf(request, [{ updateEimResult: 0 }]));
  assert.equal((await simwright.json('eim', 'show', sid)).key, key + 1);
});

test('many are imported from a file, moved between groups, and onboarded by one archive', async () => {
  const [one, two] = [new Ipa(server), new Ipa(server)];
  const file = join(server.config.data, 'devices.csv');
  await writeFile(
    file,
    `EID;Friendly name;Metadata.site\n${one.eid};Pump 7;north\n${two.eid};;\nx;;\n`,
  );
  const planned = await simwright.run('eim', 'import', file, '--group', 'Berlin', '--dry-run');
  assert.match(planned.stdout, /^Would be registered +2$/m);
  const imported = await simwright.run('eim', 'import', file, '--group', 'Berlin');
  assert.equal(imported.code, 1);
  assert.match(imported.stdout, /^Registered +2$[^]*^item 3: .*\(line 4 of the file\)$/m);
  assert.match(await simwright.print('eim', 'group', 'show', 'Berlin'), /^eUICCs +2 registered$/m);
  assert.match(await simwright.print('eim', 'group', 'list'), / Berlin +2 +2 +0 +0 /);
  await simwright.print('eim', 'update', two.eid, '--group', 'Hamburg', '--name', 'Pump 8');
  assert.match(
    await simwright.print('eim', 'list', '--group', 'Hamburg'),
    new RegExp(`${two.eid} +Pump 8`),
  );
  assert.equal((await simwright.json('eim', 'list', '--group', 'Berlin')).length, 1);
  const archive = join(server.config.data, 'berlin.zip');
  const written = await simwright.print(
    'eim',
    'group',
    'onboarding',
    'Berlin',
    '--output',
    archive,
  );
  assert.match(written, /1 file for 1 eUICCs/);
  const files = unzipSync(await readFile(archive));
  assert.deepEqual(Object.keys(files), ['onboarding-1.ber', 'index.csv']);
  AddInitialEimRequest.decode(files['onboarding-1.ber']!);
  assert.equal(
    Buffer.from(files['index.csv']!).toString(),
    `eid,friendly_name,file\r\n${one.eid},Pump 7,onboarding-1.ber\r\n`,
  );
  const refused = await simwright.run('eim', 'group', 'delete', 'Berlin');
  assert.match(refused.stderr, /There are eUICCs in the group 'Berlin'/);
});

test('a bulk operation is created, watched, paused, resumed, cancelled, and its result written', async () => {
  const ipas = [new Ipa(server), new Ipa(server)];
  for (const { eid } of ipas) {
    await simwright.print('eim', 'register', eid, '--group', 'Bonn');
  }
  const planned = await simwright.print(
    'eim',
    'bulk',
    'create',
    'listEim',
    '--group',
    'Bonn',
    '--dry-run',
  );
  assert.match(planned, /^2 eUICCs, 2 valid/);
  const create = ['eim', 'bulk', 'create', 'listEim', '--dry-run'];
  const listed = await simwright.run(...create, '--eid', ipas[0]!.eid, '--status', 'left');
  assert.deepEqual([listed.code, /go with --group or --all/.test(listed.stderr)], [2, true]);
  const having = [...create, '--group', 'Bonn', '--having', 'site=north'];
  assert.match(await simwright.print(...having), /^0 eUICCs, 0 valid/);
  const late = await simwright.run(...create, '--all', '--expires-at', '2020-01-01');
  assert.deepEqual([late.code, /within the next 60 days/.test(late.stderr)], [1, true]);
  const canaries = ['listEim', '--group', 'Bonn', '--canary', '2', '--canary-approval'];
  const { sid } = await simwright.json('eim', 'bulk', 'create', ...canaries);
  assert.match(
    await simwright.print('eim', 'bulk', 'show', sid),
    /^Canaries +2, under way, then it pauses$/m,
  );
  await eventually(async () => {
    const { counts } = await simwright.json('eim', 'bulk', 'show', sid);
    return counts.queued === 2 ? true : undefined;
  });
  assert.equal((await simwright.json('eim', 'bulk', 'pause', sid)).status, 'paused');
  assert.match((await simwright.run('eim', 'bulk', 'watch', sid)).stdout, /^Status +paused$/m);
  assert.equal((await simwright.json('eim', 'bulk', 'resume', sid)).status, 'running');
  assert.match(await simwright.print('eim', 'bulk', 'cancel', sid), /^Status +cancelled$/m);
  const watched = await simwright.run('eim', 'bulk', 'watch', sid);
  assert.match(watched.stdout, /^Cancelled +2$/m);
  const result = await simwright.print('eim', 'bulk', 'result', sid, '--columns', 'item,eid,state');
  const lines = ipas.toReversed().map(({ eid }, index) => `${index + 1},${eid},cancelled\r\n`);
  assert.equal(result, `item,eid,state\r\n${lines.join('')}`);
  assert.match(await simwright.print('eim', 'bulk', 'list'), /cancelled +listEim +2/);
  const wrong = await simwright.run(
    'eim',
    'bulk',
    'create',
    'delete',
    '--group',
    'Bonn',
    '--profile',
    'disabled',
  );
  assert.match(
    wrong.stderr,
    /Nothing is done: \d{32} and 1 more: What is on the eUICC is not known[^\n]*\n$/,
  );
});
