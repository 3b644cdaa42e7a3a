// `simwright device`: virtual phones with the real server.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { startSmds } from '../smds/smds.ts';
import { ciOf } from '../smds/smds-certificates.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { commandLine } from './command.ts';
import type { CommandLine } from './command.ts';

let server: TestServer;
let simwright: CommandLine;
before(async () => {
  server = await startTestServer({ stock: 5, es9: true });
  const env = { SIMWRIGHT_SMDP_ADDRESS: server.config.smdpAddress };
  simwright = await commandLine(env, server.config.data);
});
after(() => server[Symbol.asyncDispose]());

async function statusOf(sid: string): Promise<unknown> {
  const { json } = await server.request(`/v1/ESimProfiles/${sid}`);
  return (json as { status: unknown }).status;
}

describe('device', () => {
  test('download, enable, disable and delete, with an activation code', async () => {
    const created = await simwright.json('device', 'create');
    assert.equal(created.name, 'phone');
    const order = await server.order({ GenerateMatchingId: 'true' });
    const printed = await simwright.print('device', 'download', `LPA:${order.activation_code}`);
    assert.match(printed, /^initiateAuthentication +TLS/);
    assert.match(printed, new RegExp(`Installed ${order.iccid}`));
    assert.equal(await statusOf(order.sid), 'installed');
    const shown = await simwright.json('device', 'show');
    assert.deepEqual(
      shown.profiles.map(({ iccid, state }: Record<string, string>) => [iccid, state]),
      [[order.iccid, 'disabled']],
    );
    // As written by modems and cards.
    const filled = `${order.iccid.slice(0, 4)} ${order.iccid.slice(4)}F`;
    assert.match(await simwright.print('device', 'enable', filled), /^\d{19} is enabled/);
    const refused = await simwright.run('device', 'delete', order.iccid);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /disable it first/);
    assert.match(await simwright.print('device', 'disable', `${order.iccid}f`), /is disabled/);
    assert.match(await simwright.print('device', 'delete', `${order.iccid}F`), /is deleted/);
    const found = await simwright.json('profile', 'list', '--iccid', `${order.iccid}F`);
    assert.deepEqual(
      found.map(({ sid }: any) => sid),
      [order.sid],
    );
    const odd = await simwright.run('device', 'enable', '8.94944E+18');
    assert.equal(odd.code, 2);
    assert.match(odd.stderr, /Expected an ICCID, 18 to 20 digits beginning with 89/);
    assert.deepEqual(await simwright.json('device', 'notifications'), []);
    const again = await simwright.run('device', 'download', order.activation_code);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /Matching ID: Refused \(8\.2\.6\/3\.8\)/);
  });

  test('download with the confirmation code of the order, given on stdin', async () => {
    const order = await simwright.json(
      'profile',
      'order',
      '--matching-id',
      '--confirmation-code',
      '4711-abc',
      '--wait',
    );
    assert.match(order.activation_code, /^1\$localhost:\d+\$[^$]+\$\$1$/);
    const download = ['device', 'download', order.activation_code, '--confirmation-code'];
    const wrong = await simwright.run(...download, '4711-abd');
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /8\.2\.7\/3\.8/);
    const right = simwright.start(...download, '-');
    right.stdout!.resume();
    right.stdin!.end('4711-abc\n');
    const [stderr, [code]] = await Promise.all([text(right.stderr!), once(right, 'close')]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(await statusOf(order.sid), 'installed');
  });

  test('download by EID, on brainpoolP256r1, in ASN.1', async () => {
    const { eid } = await simwright.json('device', 'create', 'bp', '--brainpool');
    const order = await server.order({ Eid: eid });
    const { iccid } = await simwright.json(
      'device',
      'download',
      '--device',
      'bp',
      '--binding',
      'asn1',
    );
    assert.equal(iccid, order.iccid);
    assert.equal(await statusOf(order.sid), 'installed');
  });

  test('§3.6.2 discover: what waits at the root SM-DS, downloaded without a code', async () => {
    await using smds = await startSmds({ ci: ciOf(server) });
    const created = await simwright.json('device', 'create', 'ds', '--smds', smds.address);
    assert.equal(created.root_smds_address, smds.address);
    const discover = ['device', 'discover', '--device', 'ds'];
    assert.match(await simwright.print(...discover), /Nothing waits/);
    const order = await server.order({ Eid: created.eid, GenerateMatchingId: 'true' });
    const { matching_id: eventId, smdp_plus_address: rspServerAddress } = order;
    await smds.register({ eid: created.eid, eventId, rspServerAddress });
    assert.deepEqual(await simwright.json(...discover), [
      { event_id: eventId, rsp_server_address: rspServerAddress },
    ]);
    const printed = await simwright.print(...discover, '--download');
    assert.match(printed, new RegExp(`Installed ${order.iccid}, event ${eventId}`));
    assert.equal(await statusOf(order.sid), 'installed');
  });

  test('§5.7.3 discover: a device without a root SM-DS says so, and one can be named', async () => {
    const none = await simwright.run('device', 'discover', '--device', 'phone');
    assert.deepEqual([none.code, /no root SM-DS/.test(none.stderr)], [1, true]);
    const smdp = ['--smds', server.config.smdpAddress];
    const other = await simwright.run('device', 'discover', '--device', 'phone', ...smdp);
    assert.deepEqual([other.code, /is not an SM-DS/.test(other.stderr)], [1, true]);
    for (const command of [['create', 'other'], ['discover']]) {
      const wrong = await simwright.run('device', ...command, '--smds', 'https://smds');
      assert.deepEqual([wrong.code, /Expected a host, or host:port/.test(wrong.stderr)], [2, true]);
    }
  });

  test('asks which device is meant', async () => {
    const { stderr, code } = await simwright.run('device', 'show');
    assert.equal(code, 1);
    assert.match(stderr, /bp, ds, phone/);
    assert.match((await simwright.run('device', 'show', 'other')).stderr, /no device 'other'/);
    assert.match((await simwright.run('device', 'create', 'bp')).stderr, /already/);
  });

  test("apdu passes the user's answer to an LPA's preview, or No if there is none", async () => {
    const lpa = `
      console.log(JSON.stringify({ type: 'progress', payload: { message: 'preview' } }));
      process.stdin.once('data', (letter) => {
        console.log('got ' + JSON.stringify(String(letter)));
        process.exit(3);
      });`;
    for (const [typed, got] of [
      ['y\n', 'y'],
      ['', 'n'],
    ] as const) {
      const child = simwright.start('device', 'apdu', 'phone', '--', process.execPath, '-e', lpa);
      child.stdin!.end(typed);
      const [stdout, [code]] = await Promise.all([text(child.stdout!), once(child, 'close')]);
      assert.match(stdout, new RegExp(`got "${got}"`));
      assert.equal(code, 3);
    }
  });

  test('shows no keys', async () => {
    for (const command of [['list'], ['show', 'phone']]) {
      assert.doesNotMatch(await simwright.print('device', ...command, '--json'), /privateKey|MIG/);
    }
  });
});
