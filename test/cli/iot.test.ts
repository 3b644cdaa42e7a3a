// `simwright device` with virtual IoT devices and the real eIM, and `simwright demo --iot`.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { DeviceStore } from '../../src/device/device-store.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { commandLine } from './command.ts';
import type { CommandLine } from './command.ts';
import { runInProcess } from './in-process.ts';

let server: TestServer;
let simwright: CommandLine;
before(async () => {
  server = await startTestServer({ stock: 10, es9: true, env: { SIMWRIGHT_ESIPA_PORT: '0' } });
  const { smdpAddress, eimFqdn } = server.server.context.config;
  const env = {
    SIMWRIGHT_SMDP_ADDRESS: smdpAddress,
    SIMWRIGHT_ESIPA_PORT: '8445',
    SIMWRIGHT_EIM_FQDN: eimFqdn,
  };
  simwright = await commandLine(env, server.config.data);
});
after(() => server[Symbol.asyncDispose]());

const file = (name: string) => join(server.config.data, name);

/** A device that knows the eIM, and which the eIM knows. @returns its EID */
async function onboarded(name: string): Promise<string> {
  const { eid, kind } = await simwright.json('device', 'create', '--iot', name);
  assert.equal(kind, 'iot');
  await simwright.json('eim', 'register', eid, '--name', name);
  await simwright.print('eim', 'onboarding', eid, '--output', file(`${name}.ber`));
  await simwright.print('device', 'onboard', file(`${name}.ber`), '--device', name);
  return eid;
}

const ask = (eid: string, ...words: string[]) => simwright.json('eim', 'ask', eid, ...words);
const poll = (name: string, ...words: string[]) =>
  simwright.print('device', 'poll', name, ...words);
/** No eIM is polled to the end. @returns what it printed */
async function pollInVain(name: string, ...words: string[]): Promise<string> {
  const { code, stdout } = await simwright.run('device', 'poll', name, ...words);
  assert.equal(code, 1);
  return stdout;
}
const show = (name: string) => simwright.json('device', 'show', name);

async function operationOf(eid: string, { sid }: { sid: string }) {
  const { json } = await server.request(`/v1/Euiccs/${eid}/Operations/${sid}`);
  return json as { status: string; error_code: string | null };
}

/** Once the eIM has made a download of an order. */
async function orderFor(eid: string): Promise<string> {
  const { iccid } = await server.order({ Eid: eid });
  await eventually(async () => {
    const { json } = await server.request(`/v1/Euiccs/${eid}/Operations`);
    return json.operations.some((one: any) => one.kind === 'download' && one.status === 'queued')
      ? true
      : undefined;
  });
  return iccid;
}

describe('device --iot', () => {
  test('create, onboard and poll: what was ordered for the EID is downloaded, installed and enabled', async () => {
    const created = await simwright.print('device', 'create', '--iot');
    assert.match(created, /Kind +IoT device[^]*simwright eim register 89049032\d+/);
    const [, eid = ''] = /EID +(\d+)/.exec(created) ?? [];
    const lost = await simwright.run('device', 'poll');
    assert.match(lost.stderr, /'meter' knows no eIM\. Give it one: simwright eim onboarding/);
    await simwright.print('eim', 'register', eid);
    await simwright.print('eim', 'onboarding', eid, '--output', file('meter.ber'));
    const onboardedTo = await simwright.print('device', 'onboard', file('meter.ber'));
    assert.match(onboardedTo, /localhost +localhost:\d+ +0 +1/);
    assert.match(
      await poll('meter'),
      /Z {2}localhost {2}told .*, associationToken, .*, ipaCapabilities\n$/,
    );
    assert.equal(await poll('meter'), 'Nothing waits.\n');
    const iccid = await orderFor(eid);
    const steps = (await poll('meter', '--until', 'enabled', '--every', '1s', '--json'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    assert.deepEqual(
      steps.map(({ eim_id, step, what }) => [eim_id, step, what]),
      [
        ['localhost', 'download', `installed ${iccid}`],
        ['localhost', 'euiccPackage', `enable ${iccid}: ok`],
      ],
    );
    const shown = await show('meter');
    assert.deepEqual(
      shown.profiles.map(({ iccid: one, state }: any) => [one, state]),
      [[iccid, 'enabled']],
    );
    assert.deepEqual(shown.unacknowledged_results, []);
    assert.equal(shown.eims[0].counter, 1);
    const known = await simwright.print('eim', 'show', eid);
    assert.match(known, /^Features of the IPA +indirectRspServerCommunication$/m);
    const text = await simwright.print('device', 'show', 'meter');
    assert.match(text, /eIMs\n[^]*localhost +localhost:\d+ +1 +1\n[^]*Results not acknowledged +0/);
    assert.match(await simwright.print('device', 'list'), /meter +IoT device +89049032/);
  });

  test('a phone polls no eIM, and no user commands an IoT device', async () => {
    const refused = await simwright.run('device', 'enable', '8999901000000000013');
    assert.deepEqual(
      [refused.code, /no user commands it, but its eIM/.test(refused.stderr)],
      [1, true],
    );
    await simwright.json('device', 'create', 'phone');
    const phone = await simwright.run('device', 'poll', 'phone');
    assert.deepEqual([phone.code, /is a phone, which has no IPA/.test(phone.stderr)], [1, true]);
  });

  test('listen: what the eIM sends by itself is carried out as soon as it is there', async () => {
    const eid = await onboarded('listening');
    const pem = file('listening.pem');
    const words = ['--port', '0', '--until', 'enabled', '--certificate', pem];
    const listening = simwright.start('device', 'listen', 'listening', ...words);
    const printed = readText(listening.stdout!);
    const exited = once(listening, 'exit');
    let shownUrl = '';
    listening.stdout!.on('data', (chunk: Buffer) => {
      shownUrl += chunk.toString();
    });
    const [, url = ''] = await eventually(
      () => /Listening on (https:\/\/127\.0\.0\.1:\d+)\n/.exec(shownUrl) ?? undefined,
    );
    const changed = await simwright.print(
      'eim',
      'update',
      eid,
      '--ipa-url',
      url,
      '--ipa-binding',
      'json',
      '--ipa-ca',
      pem,
    );
    assert.match(
      changed,
      /IPA +listens at https:\/\/127\.0\.0\.1:\d+\/ \(json, under CAs of its own\)/,
    );
    const { iccid } = await server.order({ Eid: eid });
    const [code] = await exited;
    assert.equal(code, 0);
    assert.match(await printed, new RegExp(`installed ${iccid}\n[^]*enable ${iccid}: ok\n`));
    assert.match(await simwright.print('eim', 'show', eid), /IPA +listens at/);
    const again = await simwright.run('device', 'listen', 'phone-less');
    assert.equal(again.code, 1);
    const named = await simwright.run('device', 'listen', '--device', 'phone-less');
    assert.deepEqual([named.code, named.stderr], [1, again.stderr]);
    const wrong = await simwright.run('eim', 'update', eid, '--ipa-url', 'http://pump.example.com');
    assert.deepEqual(
      [wrong.code, /expected an https URL .*; got 'http:/.test(wrong.stderr)],
      [1, true],
    );
    await simwright.print('eim', 'update', eid, '--ipa-url', '');
    assert.match(await simwright.print('eim', 'show', eid), /IPA +polls/);
  });

  test('SGP.32 §3.2.3.1 --direct: the IPA calls the SM-DP+ itself, and says so to the eIM', async () => {
    const eid = await onboarded('direct');
    await poll('direct', '--direct');
    const { json: euicc } = await server.request(`/v1/Euiccs/${eid}`);
    assert.deepEqual(euicc.capabilities.ipa_features, ['directRspServerCommunication']);
    const iccid = await orderFor(eid);
    const text = await poll('direct', '--direct');
    assert.match(text, new RegExp(`installed ${iccid}\n.*enable ${iccid}: ok\n`));
    const { json } = await server.request(`/v1/Euiccs/${eid}/Operations`);
    assert.deepEqual(
      json.operations.map(({ kind, status }: any) => `${kind} ${status}`),
      ['enable completed', 'download completed', 'euiccData completed'],
    );
    assert.equal(
      (await server.request(`/v1/ESimProfiles?Eid=${eid}`)).json.esim_profiles[0].status,
      'installed',
    );
  });

  test('SGP.32 §5.9.4 onboard: a second file, and one that is none, change nothing', async () => {
    await onboarded('twice');
    const known = await show('twice');
    const again = await simwright.run('device', 'onboard', file('twice.ber'), '--device', 'twice');
    assert.deepEqual([again.code, /it knows localhost already/.test(again.stderr)], [1, true]);
    await writeFile(file('none.ber'), 'text');
    const none = await simwright.run('device', 'onboard', file('none.ber'), '--device', 'twice');
    assert.deepEqual([none.code, /is no AddInitialEimRequest/.test(none.stderr)], [1, true]);
    assert.deepEqual(await show('twice'), known);
    assert.deepEqual(await simwright.json('device', 'show', '--device', 'twice'), known);
    const both = await simwright.run('device', 'show', 'meter', '--device', 'twice');
    assert.deepEqual(
      [both.code, /Name one device; got 'meter' and --device 'twice'/.test(both.stderr)],
      [2, true],
    );
  });

  test('SGP.32 §3.4.1 --without-connectivity: enabled with Rollback, the device goes back', async () => {
    const eid = await onboarded('rolls');
    const kept = await orderFor(eid);
    await poll('rolls', '--until', 'enabled', '--every', '1s');
    const { iccid, activation_code: code } = await server.order({ GenerateMatchingId: 'true' });
    await ask(eid, 'download', '--activation-code', code);
    await poll('rolls');
    const enable = await ask(eid, 'enable', '--iccid', iccid, '--rollback');
    const printed = await poll('rolls', '--without-connectivity', iccid);
    assert.match(printed, new RegExp(`enable ${iccid} with rollback: ok`));
    assert.match(printed, new RegExp(`went back to ${kept}: The profile ${iccid} has no`));
    const { status, error_code } = await operationOf(eid, enable);
    assert.deepEqual([status, error_code], ['failed', 'rollback']);
  });

  test('--lose-answers: the result is kept, and given to the eIM with the next poll', async () => {
    const eid = await onboarded('loses');
    await poll('loses');
    const asked = await ask(eid, 'setDefaultDpAddress', '--address', 'smdp.example.com');
    assert.match(await pollInVain('loses', '--lose-answers', '3'), /answer of the eIM was lost/);
    assert.equal((await operationOf(eid, asked)).status, 'completed');
    assert.equal((await show('loses')).unacknowledged_results.length, 1);
    await poll('loses');
    assert.deepEqual((await show('loses')).unacknowledged_results, []);
  });

  test('--wrong-signature and --refuse-packages: the eIM believes what is signed, and nothing else', async () => {
    const eid = await onboarded('lies');
    await poll('lies');
    const asked = await ask(eid, 'listEim');
    assert.match(await pollInVain('lies', '--wrong-signature'), /undefinedError/);
    assert.equal((await operationOf(eid, asked)).status, 'sent');
    assert.match(
      await poll('lies', '--refuse-packages', 'invalidEid'),
      /refused the package: invalidEid/,
    );
    const { status, error_code } = await operationOf(eid, asked);
    assert.deepEqual([status, error_code], ['failed', 'invalidEid']);
  });

  test('cancel: one that was sent only with --give-up', async () => {
    const eid = await onboarded('slow');
    await poll('slow');
    const asked = await ask(eid, 'listEim');
    const cancel = (...words: string[]) => simwright.run('eim', 'cancel', eid, asked.sid, ...words);
    await pollInVain('slow', '--wrong-signature');
    const refused = await cancel();
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /The operation is sent, .*; --give-up ends it all the same/);
    assert.equal((await cancel('--give-up')).stdout, `Gave up ${asked.sid}\n`);
    assert.equal((await operationOf(eid, asked)).error_code, 'noResult');
    const ended = await cancel('--give-up');
    assert.match(ended.stderr, /The operation is failed; only one that has not ended/);
    const other = await ask(eid, 'getRAT');
    assert.equal(
      await simwright.print('eim', 'cancel', eid, other.sid),
      `Cancelled ${other.sid}\n`,
    );
  });

  test('SGP.32 §2.11.1.1.2 a device that is moved delivers what its former eIM has not acknowledged', async () => {
    const eid = await onboarded('moves');
    await poll('moves');
    const asked = await ask(eid, 'deleteEim', '--eim-id', 'localhost');
    const store = new DeviceStore(server.config.data);
    await pollInVain('moves', '--lose-answers', '3');
    assert.equal((await operationOf(eid, asked)).status, 'completed');
    assert.equal(store.find('moves')!.ipa!.formerEims.length, 1);
    assert.deepEqual((await show('moves')).eims, []);
    assert.equal(await poll('moves'), 'Nothing waits.\n');
    assert.equal(store.find('moves')!.ipa!.formerEims.length, 0);
  });

  test('poll says when the eIM cannot go on with a download, and not that nothing waits', async () => {
    const eid = await onboarded('patient');
    await ask(eid, 'download', '--activation-code', '1$127.0.0.1:1$ABC-123');
    assert.match(await pollInVain('patient'), /HTTP status 503\); poll again in \d+ s\.\n$/);
  });

  test('poll --every ends with a signal, and --until not without what it waits for', async () => {
    const eid = await onboarded('waits');
    for (const [words, expected] of [
      [['--every', '1h'], 0],
      [['--until', 'installed'], 1],
    ] as const) {
      await ask(eid, 'listEim');
      const child = simwright.start('device', 'poll', 'waits', ...words, '--json');
      child.stdout!.once('data', () => child.kill('SIGTERM'));
      const [code] = await once(child, 'close');
      assert.equal(code, expected);
    }
  });
});

test('apdu --vpcd puts the card into a reader while a program runs, and says if there is none', async () => {
  await simwright.json('device', 'create', '--iot', 'card');
  const reader = createServer().listen(0, '127.0.0.1');
  await once(reader, 'listening');
  const address = `127.0.0.1:${(reader.address() as AddressInfo).port}`;
  reader.once('connection', (vpcd) => {
    // It powers the card, and looks twice whether it is there.
    vpcd.write(Buffer.from('000101000104000104', 'hex'));
    vpcd.resume();
  });
  const program = [process.execPath, '-e', 'process.exit(3)'];
  const apdu = ['device', 'apdu', '--device', 'card', '--vpcd', address];
  assert.equal((await simwright.runAlone(...apdu, '--', ...program)).code, 3);
  reader.close();
  const { code, stderr } = await simwright.run(...apdu);
  assert.deepEqual([code, /There is no reader at 127\.0\.0\.1/.test(stderr)], [1, true]);
  const wrong = await simwright.run('device', 'apdu', 'card', '--vpcd', 'a:b');
  assert.deepEqual([wrong.code, /Expected a host, or host:port/.test(wrong.stderr)], [2, true]);
});

test('demo --iot: ordered by EID, installed, enabled, switched, rolled back, and moved to another eIM', async () => {
  const { code, stdout, stderr } = await runInProcess(['demo', '--iot'], {}, server.config.data);
  assert.equal(code, 0, stderr);
  const steps = [
    /pump 3 +told euiccInfo1/,
    /callback +HP\w+: downloaded → installed[^]*callback[^]*callback/,
    /pump 2 +installed \d+ \(eim\.example\.com\)/,
    /history +HP\w+: .*, installed on the device, enabled by a signed eUICC package, enabled on the device/,
    /eUICC +pump 1: \d+ enabled, \d+ disabled/,
    /pump 2 +went back to \d+/,
    /callback +EU\w+: registered → associated/,
    /callback +EO\w+: enable sent → failed, rollback/,
    /operation +enable: failed, rollback/,
    /status +pump 3 has left eim\.example\.com/,
    /pump 3 +listProfileInfo: ok \(eim\.example\.org\)/,
  ];
  for (const step of steps) assert.match(stdout, step);
});
