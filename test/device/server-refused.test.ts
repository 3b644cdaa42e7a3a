// Refusals of a server by eUICC and LPA, one fault at a time.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DeviceError, EuiccError } from '../../src/device/device-error.ts';
import type { LpaOptions } from '../../src/device/lpa.ts';
import { encodeIccid } from '../../src/rsp/identifiers.ts';
import {
  authenticateErrorCodes,
  bppCommandIds,
  cancelSessionReasons,
  downloadErrorCodes,
  errorReasons,
  type AuthenticateErrorCode,
  type BppCommandId,
  type DownloadErrorCode,
  type ErrorReason,
} from '../../src/rsp/reasons.ts';
import { startSmallSmdp, testProfile, type SmallSmdp, type SmdpFaults } from './small-smdp.ts';
import { testEuicc, testPhone } from './phone.ts';
import { testPki } from './test-pki.ts';

const pki = testPki();
const otherPki = testPki();
const yesterday = new Date(Date.now() - 3_600_000);

function flipped(bytes: Uint8Array, at = bytes.length - 1): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
}

const onlySecond = (edit: (it: Uint8Array) => Uint8Array): SmdpFaults => ({
  signature: (name, it) => (name === 'smdpSignature2' ? edit(it) : it),
});
const spoilt = (index: number) => (segments: readonly Uint8Array[]) =>
  segments.map((segment, at) => (at === index ? flipped(segment) : segment));
const without = (index: number) => (segments: readonly Uint8Array[]) =>
  segments.filter((_, at) => at !== index);

async function refused(faults: SmdpFaults, options: Partial<LpaOptions> = {}) {
  await using smdp = await startSmallSmdp({ pki, faults });
  return await refusedBy(smdp, options);
}

async function refusedBy(smdp: SmallSmdp, options: Parameters<typeof testPhone>[1] = {}) {
  const phone = testPhone(smdp, options);
  const error = await phone.download(smdp.activationCode()).then(
    () => assert.fail('the download succeeded'),
    (failure: unknown) => failure,
  );
  return { error, log: smdp.log, state: phone.euicc.state };
}

describe('§5.7.13, §5.7.7 AuthenticateServer refuses', () => {
  const cases: [string, AuthenticateErrorCode, SmdpFaults][] = [
    ['a wrong serverSignature1', 'invalidSignature', { signature: (_, it) => flipped(it) }],
    ['a short serverSignature1', 'invalidSignature', { signature: (_, it) => it.subarray(1) }],
    [
      'another challenge',
      'euiccChallengeMismatch',
      { serverSigned1: (it) => ({ ...it, euiccChallenge: flipped(it.euiccChallenge) }) },
    ],
    ['a CERT.DPauth of another CI', 'ciPKUnknown', { dpAuth: otherPki.server('dpAuth') }],
    ['CERT.DPpb in its place', 'invalidOid', { dpAuth: pki.server('dpPb') }],
    [
      'an expired CERT.DPauth',
      'invalidCertificate',
      { dpAuth: pki.server('dpAuth', (it) => ({ ...it, notAfter: yesterday })) },
    ],
    [
      'a CERT.DPauth without digitalSignature',
      'invalidCertificate',
      { dpAuth: pki.server('dpAuth', (it) => ({ ...it, keyUsage: ['keyAgreement'] })) },
    ],
    [
      'a CERT.DPauth with an unknown critical extension',
      'invalidCertificate',
      { dpAuth: pki.server('dpAuth', (it) => ({ ...it, unknownCritical: ['1.2.3'] })) },
    ],
    [
      'a CERT.DPauth that another CI has signed',
      'invalidCertificate',
      { dpAuth: { ...pki.server('dpAuth'), der: flipped(pki.server('dpAuth').der) } },
    ],
    ['a CI that it is not certified by', 'ciPKUnknown', { euiccCiPKIdToBeUsed: Buffer.alloc(20) }],
  ];
  for (const [fault, code, faults] of cases) {
    test(`${fault}: ${code}`, async () => {
      const { error, log } = await refused(faults);
      assert.ok(error instanceof EuiccError);
      assert.equal(error.code, code);
      assert.deepEqual(log.errors, [authenticateErrorCodes[code]]);
    });
  }
});

describe('§3.0.1 the LPA refuses', () => {
  test('another server address', async () => {
    const { error, log } = await refused({
      serverSigned1: (it) => ({ ...it, serverAddress: 'other.example.com' }),
    });
    assert.ok(error instanceof DeviceError);
    assert.deepEqual(log.calls, ['initiateAuthentication']);
  });

  test('another TransactionID', async () => {
    const { error } = await refused({ transactionId: () => '00' });
    assert.ok(error instanceof DeviceError);
  });

  test('another OID than in the activation code', async () => {
    await using smdp = await startSmallSmdp({ pki });
    const phone = testPhone(smdp);
    const download = (oid: string) => phone.download(`${smdp.activationCode()}$${oid}`);
    await assert.rejects(download('2.999.11'), DeviceError);
    await download('2.999.10');
  });

  test('a TLS certificate of another CI', async () => {
    await using smdp = await startSmallSmdp({ pki });
    const phone = testPhone({ ...smdp, tlsCis: [otherPki.ci.der] }, { euicc: testEuicc(pki) });
    await assert.rejects(phone.download(smdp.activationCode()), { code: /CERT|SIGNATURE|ISSUER/ });
    assert.deepEqual(smdp.log.calls, []);
  });

  test('metadata in the package that differs from that sent before: metadataMismatch', async () => {
    const { error, log } = await refused({ packageMetadata: { profileName: 'Another' } });
    assert.ok(error instanceof DeviceError);
    assert.deepEqual(log.cancelled, [cancelSessionReasons.metadataMismatch]);
  });

  test('§2.4.12 a policy rule that the eUICC forbids: pprNotAllowed', async () => {
    await using smdp = await startSmallSmdp({
      pki,
      faults: { metadata: { profilePolicyRules: ['ppr1'] } },
    });
    const euicc = testEuicc(pki);
    euicc.state.forbiddenProfilePolicyRules = ['ppr1'];
    const { error, log } = await refusedBy(smdp, { euicc });
    assert.ok(error instanceof DeviceError);
    assert.deepEqual(log.cancelled, [cancelSessionReasons.pprNotAllowed]);
  });
});

describe('§5.7.5 PrepareDownload refuses', () => {
  const cases: [string, DownloadErrorCode, SmdpFaults][] = [
    ['a wrong smdpSignature2', 'invalidSignature', onlySecond((it) => flipped(it))],
    [
      'another TransactionID',
      'invalidTransactionId',
      { smdpSigned2: (it) => ({ ...it, transactionId: flipped(it.transactionId) }) },
    ],
    ['a CERT.DPpb of another CI', 'invalidCertificate', { dpPb: otherPki.server('dpPb') }],
    ['CERT.DPauth in its place', 'invalidCertificate', { dpPb: pki.server('dpAuth') }],
    [
      'a CERT.DPpb of another SM-DP+',
      'invalidCertificate',
      { dpPb: pki.server('dpPb', (it) => ({ ...it, registeredID: ['2.999.11'] })) },
    ],
    [
      'a CERT.DPpb on another curve',
      'invalidCertificate',
      { dpPb: testPki('brainpoolP256r1').server('dpPb') },
    ],
  ];
  for (const [fault, code, faults] of cases) {
    test(`${fault}: ${code}`, async () => {
      const { error, log } = await refused(faults);
      assert.ok(error instanceof EuiccError);
      assert.equal(error.code, code);
      assert.deepEqual(log.errors, [downloadErrorCodes[code]]);
    });
  }
});

describe('§2.5.6 the eUICC reports a package with', () => {
  type Case = [string, BppCommandId, ErrorReason, SmdpFaults, Partial<LpaOptions>?];
  const cases: Case[] = [
    [
      'a wrong smdpSign',
      'initialiseSecureChannel',
      'invalidSignature',
      {},
      { segments: spoilt(0) },
    ],
    [
      'another TransactionID',
      'initialiseSecureChannel',
      'invalidTransactionId',
      { packageTransactionId: Uint8Array.of(1) },
    ],
    [
      'a wrong MAC of ConfigureISDP',
      'configureISDP',
      'scp03tSecurityError',
      {},
      { segments: spoilt(1) },
    ],
    [
      'a wrong MAC of StoreMetadata',
      'storeMetadata',
      'scp03tSecurityError',
      {},
      { segments: spoilt(3) },
    ],
    [
      'a wrong MAC of the profile',
      'loadProfileElements',
      'scp03tSecurityError',
      {},
      { segments: spoilt(5) },
    ],
    [
      'a segment of the profile left out',
      'loadProfileElements',
      'scp03tSecurityError',
      {},
      { segments: without(5) },
    ],
    [
      'ConfigureISDP left out',
      'configureISDP',
      'scp03tStructureError',
      {},
      { segments: without(1) },
    ],
    [
      'segments in another order',
      'loadProfileElements',
      'scp03tSecurityError',
      {},
      { segments: (it) => [...it.slice(0, 5), it[6]!, it[5]!, ...it.slice(7)] },
    ],
    [
      'a profile of another ICCID',
      'loadProfileElements',
      'installFailedDueToDataMismatch',
      { upp: testProfile('8988211000000000022') },
    ],
    [
      'a profile that cannot be decoded',
      'loadProfileElements',
      'installFailedDueToPEProcessingError',
      { upp: testProfile().subarray(0, -3) },
    ],
    [
      'a class that it does not know',
      'storeMetadata',
      'unsupportedProfileClass',
      { metadata: { profileClass: 9 } },
    ],
  ];
  for (const [fault, bppCommandId, errorReason, faults, options] of cases) {
    test(`${fault}: ${bppCommandId}, ${errorReason}`, async () => {
      const { error, log, state } = await refused(faults, options);
      assert.ok(error instanceof EuiccError, String(error));
      const [result] = log.results;
      assert.deepEqual(
        [
          result?.finalResult.errorResult?.bppCommandId,
          result?.finalResult.errorResult?.errorReason,
        ],
        [bppCommandIds[bppCommandId], errorReasons[errorReason]],
      );
      assert.deepEqual(state.profiles, []);
      assert.deepEqual(state.oneTimeKeys, []);
    });
  }

  test('an ICCID that is already installed: storeMetadata, installFailedDueToIccidAlreadyExistsOnEuicc', async () => {
    await using smdp = await startSmallSmdp({ pki });
    const euicc = testEuicc(pki);
    await testPhone(smdp, { euicc }).download(smdp.activationCode());
    const { log, state } = await refusedBy(smdp, { euicc });
    assert.equal(
      log.results[1]?.finalResult.errorResult?.errorReason,
      errorReasons.installFailedDueToIccidAlreadyExistsOnEuicc,
    );
    assert.deepEqual(
      log.results[1]?.notificationMetadata.iccid,
      encodeIccid(state.profiles[0]?.iccid ?? ''),
    );
    assert.equal(state.profiles.length, 1);
  });

  test('a profile that does not fit: installFailedDueToInsufficientMemoryForProfile', async () => {
    await using smdp = await startSmallSmdp({ pki });
    const euicc = testEuicc(pki);
    Object.assign(euicc.state, { profileMemory: 100 });
    const { log } = await refusedBy(smdp, { euicc });
    assert.equal(
      log.results[0]?.finalResult.errorResult?.errorReason,
      errorReasons.installFailedDueToInsufficientMemoryForProfile,
    );
  });
});
