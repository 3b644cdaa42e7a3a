// §5.5.1: what a server could sign but must not, so the eUICC must check more than the signature.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { smdpSignedBytes } from '../../src/rsp/bound-profile-package.ts';
import {
  InitialiseSecureChannelRequest,
  type InitialiseSecureChannelRequest as Request,
} from '../../src/rsp/definitions/bound-profile-package.ts';
import { encodeHeader } from '../../src/rsp/der.ts';
import { bppCommandIds, errorReasons, type ErrorReason } from '../../src/rsp/reasons.ts';
import { createSigner } from '../../src/rsp/signature.ts';
import { testPhone } from './phone.ts';
import { startSmallSmdp } from './small-smdp.ts';
import { testPki } from './test-pki.ts';

const pki = testPki();
const dpPb = pki.server('dpPb');

/** The segments with another InitialiseSecureChannel, signed. */
function signedAgain(
  [first = new Uint8Array(), ...rest]: readonly Uint8Array[],
  euiccOtpk: Uint8Array,
  edit: (honest: Request) => Request,
): Uint8Array[] {
  const start = first.findIndex((byte, index) => byte === 0xbf && first[index + 1] === 0x23);
  const honest = InitialiseSecureChannelRequest.decode(first.subarray(start));
  const edited = edit(honest);
  const unsigned = InitialiseSecureChannelRequest.encode(edited);
  const signer = createSigner(dpPb.privateKey);
  const smdpSign = signer.sign(smdpSignedBytes(unsigned, euiccOtpk));
  const request = InitialiseSecureChannelRequest.encode({ ...edited, smdpSign });
  const length = request.length + rest.reduce((sum, segment) => sum + segment.length, 0);
  return [Uint8Array.of(...encodeHeader(0xbf36, length), ...request), ...rest];
}

async function reasonOf(edit: (honest: Request) => Request): Promise<number | undefined> {
  await using smdp = await startSmallSmdp({ pki, faults: { dpPb } });
  const phone = testPhone(smdp, {
    segments: (honest) => {
      const euiccOtpk = Uint8Array.from(Buffer.from(smdp.log.euiccOtpks[0] ?? '', 'hex'));
      return signedAgain(honest, euiccOtpk, edit);
    },
  });
  await phone.download(smdp.activationCode()).catch(() => {});
  const [result] = smdp.log.results;
  const { errorResult } = result?.finalResult ?? {};
  if (errorResult !== undefined) {
    assert.equal(errorResult.bppCommandId, bppCommandIds.initialiseSecureChannel);
  }
  return errorResult?.errorReason;
}

describe('§5.5.1 InitialiseSecureChannel', () => {
  test('signed again unchanged is accepted', async () => {
    assert.equal(await reasonOf((honest) => honest), undefined);
  });

  const cases: [string, ErrorReason, (honest: Request) => Request][] = [
    ['another operation', 'unsupportedRemoteOperationType', (it) => ({ ...it, remoteOpId: 2 })],
    [
      'another TransactionID',
      'invalidTransactionId',
      (it) => ({ ...it, transactionId: Uint8Array.of(1) }),
    ],
    [
      'another key type',
      'unsupportedCrtValues',
      (it) => ({
        ...it,
        controlRefTemplate: { ...it.controlRefTemplate, keyType: Uint8Array.of(0x80) },
      }),
    ],
    [
      'another key length',
      'unsupportedCrtValues',
      (it) => ({
        ...it,
        controlRefTemplate: { ...it.controlRefTemplate, keyLen: Uint8Array.of(0x20) },
      }),
    ],
    [
      'a one-time key that is no point',
      'incorrectInputValues',
      (it) => ({ ...it, smdpOtpk: it.smdpOtpk.with(64, (it.smdpOtpk[64] ?? 0) ^ 1) }),
    ],
    [
      'a one-time key that is compressed',
      'incorrectInputValues',
      (it) => ({ ...it, smdpOtpk: Uint8Array.of(2, ...it.smdpOtpk.subarray(1, 33)) }),
    ],
  ];
  for (const [fault, errorReason, edit] of cases) {
    test(`with ${fault}: ${errorReason}`, async () => {
      assert.equal(await reasonOf(edit), errorReasons[errorReason]);
    });
  }
});
