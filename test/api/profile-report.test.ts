// FetchEsimProfileReport: GET /v1/ESimProfiles/{Sid}/Report, the file for the maker of a device.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { describeMessage } from '../../src/rsp/describe.ts';
import type { MessageName } from '../../src/rsp/describe.ts';
import { codeHider } from '../../src/operator/report/hide-codes.ts';
import { commandLine } from '../cli/command.ts';
import { newPhone } from '../es9plus/phone.ts';
import { startReceiver } from '../receiver.ts';
import type { Receiver } from '../receiver.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';

const KI = '00112233445566778899AABBCCDDEEFF';
const OPC = 'FFEEDDCCBBAA99887766554433221100';
const PUK = '31415926';
const ADM = '27182818';
const STOCK = `ICCID,IMSI,Ki,OPC,PUK1,ADM1,Profile type\n8949440000009000074,999700900007,${KI},${OPC},${PUK},${ADM},secret\n`;
const CONFIRMATION_CODE = 'confirm-me-4711';
const PASSWORD = 'pass-word-of-the-receiver';
const IN_PATH = 'hook-token-in-the-path';
const IN_QUERY = 'hook-token-in-the-query';
const ECHOED = 'what-the-receiver-answers';

let server: TestServer;
let receiver: Receiver;
let order: any;
before(async () => {
  server = await startTestServer({ es9: true, stock: 1 });
  receiver = await startReceiver((_call, _request, response) => {
    response.writeHead(500).end(ECHOED);
  });
  const imported = await server.request('/v1/Stock/Imports', { csv: STOCK });
  assert.equal(imported.status, 200, imported.text);
  const url = new URL(receiver.url);
  order = await server.order({
    GenerateMatchingId: 'true',
    ProfileType: 'secret',
    ConfirmationCode: CONFIRMATION_CODE,
    CallbackUrl: `http://user:${PASSWORD}@${url.host}${url.pathname}/${IN_PATH}?key=${IN_QUERY}`,
  });
  const phone = newPhone(server);
  await assert.rejects(phone.download(order.activation_code, { confirmationCode: 'a wrong one' }));
  await phone.download(order.activation_code, { confirmationCode: CONFIRMATION_CODE });
  await eventually(() => (receiver.calls.length >= 4 ? true : undefined));
});
after(async () => {
  await receiver[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const reportOf = async (query = '') =>
  server.request(`/v1/ESimProfiles/${order.sid}/Report${query}`);

/** As text, in hexadecimal, and in base64 wherever it may begin in what is encoded. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    // Without the signs that depend on what is around.
    return text.slice(shift === 0 ? 0 : shift + 1).replace(/.{0,3}=*$/, '');
  });
  const raw = /^[0-9A-F]{16,}$/.test(secret)
    ? [Buffer.from(secret, 'hex').toString('base64').slice(0, -3)]
    : [];
  return [secret, bytes.toString('hex'), ...base64, ...raw];
}

function assertWithout(text: string, secret: string): void {
  for (const form of formsOf(secret)) {
    assert.ok(form.length >= 6, `${form} is too short to tell`);
    assert.equal(text.toLowerCase().includes(form.toLowerCase()), false, `${secret} as ${form}`);
  }
}

describe('FetchEsimProfileReport: GET /v1/ESimProfiles/{Sid}/Report', () => {
  test('has the order, its events, the callbacks’ outcomes, each ES9+ call and the certificates', async () => {
    const { status, headers, json } = await reportOf();
    assert.equal(status, 200);
    assert.match(
      headers.get('content-disposition')!,
      new RegExp(`^attachment; filename="${order.sid}-\\d{8}T\\d{6}Z\\.json"$`),
    );
    const { json: profile } = await server.request(`/v1/ESimProfiles/${order.sid}`);
    const hidden = profile.matching_id.replaceAll(/[^-]/g, '*');
    assert.deepEqual(json.esim_profile, {
      ...profile,
      matching_id: hidden,
      activation_code: profile.activation_code.replace(profile.matching_id, hidden),
    });
    assert.deepEqual(json.report.incomplete, []);
    assert.equal(json.report.server.smdp_plus_address, profile.smdp_plus_address);
    assert.deepEqual(
      json.events.map((event: any) => event.status),
      (await server.request(`/v1/ESimProfiles/${order.sid}/Events`)).json.events
        .toReversed()
        .map((event: any) => event.status),
    );
    assert.deepEqual(
      json.callbacks.map((callback: any) => [callback.receiver, callback.status, callback.state]),
      ['reserving', 'available', 'downloaded', 'installed'].map((reached) => [
        new URL(receiver.url).origin,
        reached,
        'pending',
      ]),
    );
    assert.deepEqual(Object.keys(json.callbacks[0].attempts[0]), [
      'attempt',
      'date_started',
      'duration_ms',
      'status_code',
      'error',
    ]);
    assert.equal(json.callbacks[0].attempts[0].status_code, 500);
    assert.deepEqual(
      json.calls.map((call: any) => `${call.function} ${call.status}`),
      [
        'initiateAuthentication Executed-Success',
        'authenticateClient Executed-Success',
        'getBoundProfilePackage Failed',
        'initiateAuthentication Executed-Success',
        'authenticateClient Executed-Success',
        'getBoundProfilePackage Executed-Success',
        'handleNotification Executed-Success',
      ],
    );
    const roles = (certificates: any[]) => new Set(certificates.map(({ role }) => role));
    assert.deepEqual(roles(json.certificates.server), new Set(['ci', 'dpAuth', 'dpPb', 'dpTls']));
    assert.deepEqual(roles(json.certificates.devices), new Set(['eUICC', 'EUM']));
    for (const { pem } of [...json.certificates.server, ...json.certificates.devices]) {
      assert.match(pem, /^-----BEGIN CERTIFICATE-----\n/);
    }
  });

  test('has the messages as bytes, which are what is shown in ASN.1 value notation', async () => {
    const { json } = await reportOf();
    let count = 0;
    for (const call of json.calls) {
      for (const side of ['request', 'response'] as const) {
        for (const { name, der } of call.messages[side]) {
          const text = describeMessage(name as MessageName, Buffer.from(der, 'hex'));
          assert.ok(call[side].includes(text), `${call.function} ${name}`);
          count++;
        }
      }
    }
    assert.ok(count >= 8, `${count} messages`);
    const altered = json.calls.flatMap((call: any) =>
      call.messages.request.filter((one: any) => one.altered),
    );
    assert.deepEqual(
      altered.map(({ name }: any) => name),
      ['AuthenticateServerResponse', 'AuthenticateServerResponse'],
    );
  });

  test('has no secret, in whatever encoding', async () => {
    const { text } = await reportOf();
    for (const secret of [
      server.account.password,
      KI,
      OPC,
      PUK,
      ADM,
      CONFIRMATION_CODE,
      'a wrong one',
      PASSWORD,
      IN_PATH,
      IN_QUERY,
      ECHOED,
      order.matching_id,
      order.matching_id.replaceAll('-', ''),
    ]) {
      assertWithout(text, secret);
    }
    assert.equal(text.includes('PRIVATE KEY'), false);
  });

  test('with ActivationCodes=true, is unaltered', async () => {
    const { json, text } = await reportOf('?ActivationCodes=true');
    assert.equal(json.report.activation_codes, 'shown');
    assert.equal(json.esim_profile.activation_code, order.activation_code);
    assert.equal(text.includes('"altered": true'), false);
    assert.ok(text.toLowerCase().includes(Buffer.from(order.matching_id).toString('hex')));
    for (const secret of [server.account.password, KI, CONFIRMATION_CODE, PASSWORD, IN_QUERY]) {
      assertWithout(text, secret);
    }
  });

  test('of another account is 404', async () => {
    const as = await server.addAccount();
    const { status, json } = await server.request(`/v1/ESimProfiles/${order.sid}/Report`, { as });
    assert.deepEqual([status, json.code], [404, 20404]);
  });

  test('simwright profile report writes the same', async () => {
    await using simwright = await commandLine({}, server.config.data);
    const account = ['--account', server.account.username];
    const printed = JSON.parse(await simwright.print('profile', 'report', order.sid, ...account));
    const { json } = await reportOf();
    for (const member of ['events', 'callbacks', 'calls']) {
      assert.deepEqual(printed[member].length, json[member].length, member);
    }
    assert.deepEqual(printed.calls, json.calls);
    const codes = await simwright.print(
      'profile',
      'report',
      order.sid,
      '--activation-codes',
      ...account,
    );
    assert.equal(JSON.parse(codes).esim_profile.activation_code, order.activation_code);
  });
});

test('a code is hidden wherever it is: in any letter case, without dashes, as hexadecimal digits', () => {
  const hider = codeHider(['ABCDE-FGHIJ', '']);
  const hex = Buffer.from('ABCDE-FGHIJ').toString('hex');
  assert.deepEqual(
    hider.json({ a: ['x abcde-fghij y', `${hex}00`], b: { c: 'abcdefghij', d: 1, e: null } }),
    {
      a: ['x *****-***** y', `${'*'.repeat(22)}00`],
      b: { c: '**********', d: 1, e: null },
    },
  );
  const bytes = Buffer.from([0x80, 0xff, ...Buffer.from('ABCDE-FGHIJ'), 0xfe]);
  assert.deepEqual(
    Buffer.from(hider.bytes(bytes)),
    Buffer.from([0x80, 0xff, ...Buffer.from('*****-*****'), 0xfe]),
  );
  const without = Buffer.from([1, 2, 3]);
  assert.equal(hider.bytes(without), without);
});
