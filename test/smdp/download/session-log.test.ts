// The log of a session, in its row: whatever is written is read again, and what a message has of the certificate is
// stored once.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { loggedMessage } from '../../../src/smdp/download/logged-message.ts';
import { decodeSessionLog, encodeSessionLog } from '../../../src/smdp/download/session-log.ts';
import type { LoggedCall } from '../../../src/smdp/download/call.ts';
import { toLogRow } from '../../../src/smdp/download/call.ts';

const certificate = randomBytes(600);
const around = Buffer.concat([randomBytes(300), certificate, randomBytes(500)]);

const call = (changes: Partial<LoggedCall> = {}): LoggedCall => ({
  account_sid: 'AC1',
  esim_profile_sid: 'HP1',
  sid: 'RL1',
  function: 'authenticateClient',
  transaction_id: 'AB',
  eid: null,
  tac: null,
  imei: null,
  lpa: null,
  address: null,
  duration_ms: 7,
  status: 'Executed-Success',
  subject_code: null,
  reason_code: null,
  message: null,
  binding: null,
  request: ['no message'],
  response: null,
  date_created: '2026-11-29T05:16:37Z',
  ...changes,
});

const sessionOf = (log: Uint8Array) => ({
  account_sid: 'AC1',
  ordered_by: 'HP1',
  transaction_id: 'AB',
  euicc_certificate: certificate.toString('base64'),
  log,
});

const encode = (...calls: LoggedCall[]) => encodeSessionLog(calls, certificate.toString('base64'));

const CALLS = [
  call({
    eid: '8904',
    tac: '35693803',
    imei: '356938035643809',
    lpa: 'gsma-rsp-lpad',
    address: '::1',
  }),
  call({ request: [], response: [''], binding: 'asn1' }),
  call({ request: ['two\nlines\n'], response: ['-- BoundProfilePackage of 3 octets --'] }),
  call({ lpa: 'quotes " and\nlines, \\ and snowmen \u2603', address: '' }),
  call({ request: loggedMessage('AuthenticateServerResponse', around) }),
  call({ request: loggedMessage('AuthenticateServerResponse', certificate) }),
  call({ request: loggedMessage('AuthenticateServerResponse', Uint8Array.of(10, 0, 10)) }),
  call({
    request: loggedMessage('EUICCInfo1', randomBytes(40)),
    response: [
      ...loggedMessage('SmdpSigned2', around),
      'text',
      ...loggedMessage('ServerSigned1', randomBytes(1)),
    ],
  }),
  call({ status: 'Failed', subject_code: '8.1', reason_code: '6.1', message: 'it is wrong' }),
];

test('every call is read as it was written, alone and after others', () => {
  for (const written of CALLS) {
    assert.deepEqual(decodeSessionLog(sessionOf(encode(written))), [toLogRow(written)]);
  }
  const log = Buffer.concat(CALLS.map((written) => encode(written)));
  assert.deepEqual(log, Buffer.from(encode(...CALLS)));
  assert.deepEqual(decodeSessionLog(sessionOf(log)), CALLS.map(toLogRow));
  assert.deepEqual(decodeSessionLog(sessionOf(new Uint8Array())), []);
});

test('the certificate of the eUICC is not in it, wherever a message has it', () => {
  const log = Buffer.from(encode(...CALLS));
  assert.equal(log.indexOf(certificate), -1);
  assert.ok(log.length < 4_000, `${log.length} octets`);
});

test('a log that ends too early is damaged, wherever that is', () => {
  const log = encode(...CALLS.slice(4, 5));
  for (let length = 1; length < log.length; length++) {
    assert.throws(() => decodeSessionLog(sessionOf(log.subarray(0, length))), `at ${length}`);
  }
});
