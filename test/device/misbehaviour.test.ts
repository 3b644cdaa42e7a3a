// The device told to misbehave: it sends what the test wanted, and only that.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCredential } from '../../src/device/credential.ts';
import { callEs10 } from '../../src/device/es10.ts';
import type { Euicc } from '../../src/device/euicc.ts';
import { EuiccError } from '../../src/device/device-error.ts';
import { Es9PlusError } from '../../src/device/es9plus.ts';
import type { MessageHooks } from '../../src/device/es9plus-transport.ts';
import type { EuiccMisbehaviour } from '../../src/device/misbehaviour.ts';
import {
  CancelSessionRequest,
  CancelSessionResponse,
} from '../../src/rsp/definitions/cancel-session.ts';
import { completeEid } from '../../src/rsp/identifiers.ts';
import { bppCommandIds, errorReasons, type ErrorReason } from '../../src/rsp/reasons.ts';
import { testEuicc, testPhone } from './phone.ts';
import { startSmallSmdp } from './small-smdp.ts';
import { testPki } from './test-pki.ts';

const pki = testPki();

async function tried(misbehaviour: EuiccMisbehaviour, hooks: MessageHooks = {}) {
  await using smdp = await startSmallSmdp({ pki });
  const euicc: Euicc = testEuicc(pki);
  Object.assign(euicc.misbehaviour, misbehaviour);
  const phone = testPhone(smdp, { euicc, hooks });
  const error = await phone.download(smdp.activationCode()).then(
    () => undefined,
    (failure: unknown) => failure,
  );
  return { error, log: smdp.log, euicc };
}

const flipped = (bytes: Uint8Array) => bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1);

describe('an eUICC that misbehaves', () => {
  const refusedByServer: [string, EuiccMisbehaviour][] = [
    ['with a wrong euiccSignature1', { signature: (_, honest) => flipped(honest) }],
    [
      'with another challenge, signed',
      { euiccSigned1: (it) => ({ ...it, serverChallenge: flipped(it.serverChallenge) }) },
    ],
    [
      'with another server address, signed',
      { euiccSigned1: (it) => ({ ...it, serverAddress: 'other.example.com' }) },
    ],
    [
      'with a wrong euiccSignature2',
      { signature: (name, it) => (name === 'euiccSignature2' ? flipped(it) : it) },
    ],
    [
      "with an EID outside its manufacturer's range",
      {
        credential: (() => {
          const { privateKey, der } = pki.euicc(completeEid('890330230000000000000000000001'));
          return createCredential(privateKey, {
            euiccCertificate: der,
            eumCertificate: pki.eum.der,
          });
        })(),
      },
    ],
  ];
  for (const [how, misbehaviour] of refusedByServer) {
    test(`${how} is refused by the server`, async () => {
      const { error } = await tried(misbehaviour);
      assert.ok(error instanceof Es9PlusError);
    });
  }

  test('sends a chosen error', async () => {
    const { error, log } = await tried({ authenticateErrorCode: 'unsupportedCurve' });
    assert.ok(error instanceof EuiccError);
    assert.deepEqual(log.errors, [3]);
    const second = await tried({ downloadErrorCode: 'undefinedError' });
    assert.deepEqual(second.log.errors, [127]);
  });

  for (const errorReason of Object.keys(errorReasons) as ErrorReason[]) {
    test(`refuses to install: ${errorReason}`, async () => {
      const installationError = { bppCommandId: 'loadProfileElements', errorReason } as const;
      const { error, log, euicc } = await tried({ installationError });
      assert.ok(error instanceof EuiccError);
      assert.deepEqual(log.results[0]?.finalResult.errorResult, {
        bppCommandId: bppCommandIds.loadProfileElements,
        errorReason: errorReasons[errorReason],
      });
      assert.deepEqual(euicc.state.profiles, []);
    });
  }

  test('forges its result, which the server rejects', async () => {
    const { error, log } = await tried({
      signature: (name, it) => (name === 'euiccSignPIR' ? flipped(it) : it),
    });
    assert.equal(error, undefined);
    assert.deepEqual(log.results, []);
  });
});

describe('§5.7.14 CancelSession', () => {
  test('for another session is answered with an unsigned error', () => {
    const request = CancelSessionRequest.encode({ transactionId: Uint8Array.of(1), reason: 0 });
    const response = callEs10(testEuicc(pki), request);
    assert.deepEqual(CancelSessionResponse.decode(response), { cancelSessionResponseError: 5 });
  });
});

describe('messages in transit', () => {
  test('are changed by a hook', async () => {
    const { error, log } = await tried(
      {},
      {
        request: (name, request) =>
          name === 'authenticateClient' ? { ...request, transactionId: '00' } : request,
      },
    );
    assert.ok(error instanceof Es9PlusError);
    assert.deepEqual([error.subjectCode, error.reasonCode], ['8.10.1', '3.9']);
    assert.deepEqual(log.calls, ['initiateAuthentication', 'authenticateClient']);
  });

  test('are text that is not JSON', async () => {
    const { error } = await tried({}, { request: () => '{' });
    assert.ok(error instanceof Es9PlusError);
  });

  test('are invalid responses', async () => {
    const bodies = ['', '[]', 'null', '{}', '{"header":{}}'];
    for (const body of bodies) {
      const { error } = await tried({}, { response: (_, answer) => ({ ...answer, body }) });
      assert.ok(error instanceof Es9PlusError, body);
    }
    const { error } = await tried({}, { response: (_, it) => ({ ...it, statusCode: 500 }) });
    assert.ok(error instanceof Es9PlusError);
  });
});
