// `simwright operator`, beside a server on which it takes effect.
import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { reportStep, SUCCESS } from '../../src/smdp/download/progress.ts';
import { operatorCa } from '../es2plus/certificates.ts';
import { agentOf, call } from '../es2plus/operator.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { commandLine } from './command.ts';
import type { CommandLine } from './command.ts';

let server: TestServer;
let simwright: CommandLine;
before(async () => {
  server = await startTestServer({ stock: 3, env: { SIMWRIGHT_ES2_PORT: '0' } });
  const { SIMWRIGHT_SMDP_ADDRESS } = { SIMWRIGHT_SMDP_ADDRESS: 'localhost:8443' };
  simwright = await commandLine({ SIMWRIGHT_SMDP_ADDRESS }, server.config.data);
});
after(() => server[Symbol.asyncDispose]());

const UNKNOWN = { iccid: '8999999999999999999' };
const KNOWN = '8.2.1/3.9';

/** What a client with these files gets; it verifies the server. */
async function resultWith({
  both,
  serverCa,
}: {
  both: string;
  serverCa?: string;
}): Promise<string> {
  const pem = await readFile(both);
  const agent = agentOf({
    cert: pem,
    key: pem,
    keepAlive: false,
    ...(serverCa === undefined
      ? {}
      : { rejectUnauthorized: true, ca: await readFile(serverCa), servername: 'localhost' }),
  });
  const { result } = await call(server, 'releaseProfile', UNKNOWN, agent);
  agent.destroy();
  return result;
}

test('create makes a key and a certificate for an operator, says where they are, and they work at once', async () => {
  const created = await simwright.json('operator', 'create', '--name', 'Example Mobile');
  assert.match(created.sid, /^OP[0-9a-f]{32}$/);
  for (const file of Object.values<string>(created.files)) {
    assert.equal((await stat(file)).mode & 0o777, 0o600, file);
  }
  assert.equal((await stat(join(created.files.both, '..'))).mode & 0o777, 0o700);
  assert.equal(await resultWith(created.files), KNOWN);

  const text = await simwright.print('operator', 'create', '--output', 'keys');
  assert.match(text, /^Operator SID {7}OP/);
  assert.match(text, /curl --cert keys\/client\.pem --cacert keys\/server-ca\.pem /);
  assert.match(text, /only with SIMWRIGHT_ES2_PORT/);
});

test('list and show have the operators and their certificates, and no key', async () => {
  const created = await simwright.json('operator', 'create', '--requester', '2.999.7');
  const shown = await simwright.json('operator', 'show', created.sid);
  assert.equal(shown.requester_identifier, '2.999.7');
  assert.equal(shown.certificates.length, 1);
  assert.match(shown.certificates[0].fingerprint, /^[0-9A-F]{64}$/);
  const list = await simwright.json('operator', 'list', '--account', server.account.username);
  assert.deepEqual(list.at(-1), shown);
  assert.doesNotMatch(JSON.stringify(list), /PRIVATE/);
  const text = await simwright.print('operator', 'show', created.sid);
  assert.match(text, new RegExp(shown.certificates[0].fingerprint));
});

test('update changes the name, the identifier, and where progress is reported', async () => {
  const { sid } = await simwright.json('operator', 'create');
  const url = 'https://mno.example:9443';
  await simwright.print('operator', 'update', sid, '--name', 'New', '--progress-url', url);
  const { friendly_name: name, progress_url: shown } = await simwright.json(
    'operator',
    'show',
    sid,
  );
  assert.deepEqual([name, shown], ['New', url]);
  for (const wrong of [
    'http://mno.example',
    'https://user:secret@mno.example',
    'https://mno.example/x',
  ]) {
    const { code, stderr } = await simwright.run(
      'operator',
      'update',
      sid,
      '--progress-url',
      wrong,
    );
    assert.equal(code, 2);
    assert.match(stderr, /expected https:\/\/HOST or https:\/\/HOST:PORT/);
    assert.doesNotMatch(stderr, /secret/);
  }
  assert.equal((await simwright.run('operator', 'update', sid)).code, 2);
});

test('rotate gives a new certificate; the old one ends after the overlap', async () => {
  const created = await simwright.json('operator', 'create', '--output', 'old');
  const rotated = await simwright.json('operator', 'rotate', created.sid, '--output', 'new');
  const [old, next] = [created, rotated].map(({ files }) => ({
    both: join(simwright.data, files.both),
  }));
  for (const files of [old!, next!]) assert.equal(await resultWith(files), KNOWN);
  // Both are of the same second.
  const { certificates } = await simwright.json('operator', 'show', created.sid);
  const [first] = certificates.filter(({ date_ends: ends }: any) => ends !== null);
  const hours = (Date.parse(first.date_ends) - Date.parse(first.date_created)) / 3_600_000;
  assert.ok(Math.abs(hours - 72) < 1);
  await simwright.print('operator', 'revoke', created.sid, '--certificate', first.fingerprint);
  await eventually(async () => ((await resultWith(old!)) === '1.1/1.2' ? true : undefined));
  assert.equal(await resultWith(next!), KNOWN);
});

test('an operator’s own certificate needs its CA, which can be imported, with a CRL, and removed', async () => {
  const ca = operatorCa('CA of the command line');
  const own = ca.issue();
  const file = async (name: string, content: string | Uint8Array) => {
    await writeFile(join(simwright.data, name), content);
    return name;
  };
  const certificate = await file('own.pem', own.cert + own.key);
  const refused = await simwright.run('operator', 'create', '--certificate', certificate);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /is not trusted: .*simwright operator ca import FILE/);

  const wrong = await simwright.run('operator', 'ca', 'import', certificate);
  assert.match(wrong.stderr, /is not the certificate of a CA/);
  const imported = await simwright.print(
    'operator',
    'ca',
    'import',
    await file('ca.pem', ca.cert),
    await file('ca.crl', ca.crl([])),
  );
  assert.equal(imported, 'Imported CA of the command line\nImported 1 CRL\n');
  const created = await simwright.json('operator', 'create', '--certificate', certificate);
  assert.equal(created.files, null);
  const twice = await simwright.run('operator', 'create', '--certificate', certificate);
  assert.match(twice.stderr, /is registered already/);
  assert.equal(await resultWith({ both: join(simwright.data, certificate) }), KNOWN);
  const foreign = await file('foreign.crl', operatorCa('CA of the command line').crl([]));
  const { stderr } = await simwright.run('operator', 'ca', 'import', foreign);
  assert.match(stderr, /from none of the CAs/);

  const lost = ca.issue();
  const later = await file('later.crl', ca.crl([own, lost], 0));
  await simwright.print('operator', 'ca', 'import', later);
  const lostFile = await file('lost.pem', lost.cert);
  const revoked = await simwright.run('operator', 'create', '--certificate', lostFile);
  assert.deepEqual([revoked.code, revoked.stdout], [1, '']);
  assert.match(revoked.stderr, /was revoked by its CA/);
  const shown = await simwright.print('operator', 'show', created.sid);
  assert.match(shown, /refused: The client certificate was revoked by its CA/);
  const records = await simwright.json('operator', 'list');
  assert.deepEqual(
    records.find(({ sid }: { sid: string }) => sid === created.sid).certificates[0].refused,
    'The client certificate was revoked by its CA',
  );
  const table = await simwright.print('operator', 'list');
  assert.match(
    table.split('\n').find((line) => line.startsWith(created.sid))!,
    /no certificate/,
  );

  const older = await file('older.crl', ca.crl([], 2));
  const refusedCrl = await simwright.run('operator', 'ca', 'import', older);
  assert.match(refusedCrl.stderr, /older than the one of 20/);

  const [listed] = (await simwright.json('operator', 'ca', 'list')).slice(-1);
  assert.deepEqual([listed.generated, listed.crl_revoked], [false, 2]);
  await simwright.print('operator', 'ca', 'remove', listed.fingerprint);
  assert.equal((await simwright.json('operator', 'ca', 'list')).length, 1);
});

test('what is revoked, or was never there, is said', async () => {
  const { sid } = await simwright.json('operator', 'create');
  assert.equal(await simwright.print('operator', 'revoke', sid), `${sid} is revoked\n`);
  const again = await simwright.run('operator', 'rotate', sid);
  assert.match(again.stderr, /was revoked at 20/);
  const unknown = `OP${'0'.repeat(32)}`;
  assert.match((await simwright.run('operator', 'show', unknown)).stderr, /There is no operator/);
  assert.match((await simwright.run('operator', 'revoke', unknown)).stderr, /There is no operator/);
});

test('progress lists what operators were told, shows it with its attempts, and sends it again', async () => {
  const { sid: operator } = await simwright.json('operator', 'create', '--name', 'Told');
  const { context } = server.server;
  const account = server.account.username;
  const [profile] = await context.store.subscriptions.list(account, { limit: 1 });
  await context.transact((unit) =>
    reportStep(
      { ...profile!, operator_sid: operator, eid: '89049032000000000000000000000102' },
      { point: 'bppDownload', status: SUCCESS },
      unit,
    ),
  );
  const [report] = await simwright.json('operator', 'progress', '--operator', operator);
  assert.deepEqual(
    [report.iccid, report.notification_point_id, report.state, report.attempts, report.error],
    [profile!.iccid, 3, 'kept', 0, null],
  );
  assert.match(await simwright.print('operator', 'progress'), /3 bppDownload Executed-Success/);
  assert.equal(
    await simwright.print('operator', 'progress', 'retry', '--unsent', '--operator', operator),
    '1 report is due now\n',
  );
  const shown = await eventually(async () => {
    const found = await simwright.json('operator', 'progress', 'show', report.sid);
    return found.attempts === 1 ? found : undefined;
  });
  assert.deepEqual(
    [shown.state, shown.log[0].error, shown.request.iccid],
    ['kept', 'the operator is revoked, or has no address for reports', profile!.iccid],
  );
  assert.match(
    await simwright.print('operator', 'progress', 'show', report.sid),
    /EID +89049032000000000000000000000102/,
  );
});
