// What the SM-DP+ signs is material that the checks of a clause have passed: `npm run check` is the judge of it.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { createSigner } from '../../../src/rsp/signature.ts';
import type { SmdpIdentity } from '../../../src/smdp/pki/pki.ts';
import type { GrantedDownload } from '../../../src/smdp/download/signed.ts';
import {
  bppSigner,
  signServerSigned1,
  signSmdpSigned2,
} from '../../../src/smdp/download/signed.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const signer = createSigner(privateKey);
const identity = {
  dpAuth: { signer },
  dpPb: { signer, certificate: { publicKey } },
} as unknown as SmdpIdentity;

test('§2.6.7.2 what no clause has granted has not the type of what is signed', () => {
  const bytes = new Uint8Array(16);
  const challenge = { euiccChallenge: bytes, serverChallenge: bytes, serverAddress: 'localhost' };
  const offer = { confirmationRequired: false, bppEuiccOtpk: undefined };
  // Never called: that it would not compile is the test, and that `check` fails when it would.
  const calls = [
    // @ts-expect-error: not granted by §5.6.1
    () => signServerSigned1({ ...challenge, transactionId: bytes }, identity),
    // @ts-expect-error: not granted by §5.6.3
    () => signSmdpSigned2({ transactionId: '00', offer, euiccSignature1: bytes }, identity),
    // @ts-expect-error: not granted by §5.6.2
    () => bppSigner({ euiccOtpk: bytes }, identity),
  ];
  assert.equal(calls.length, 3);
});

test('§5.6.2 a signature that was kept is used again for the same bytes alone', async () => {
  const granted = { euiccOtpk: new Uint8Array(65) } as GrantedDownload;
  const [one, other] = [Uint8Array.of(1), Uint8Array.of(2)];
  const kept = signer.sign(one);
  const again = bppSigner(granted, identity, kept);
  assert.deepEqual(await again.sign(one), kept);
  assert.notDeepEqual(await again.sign(other), kept);
  assert.notDeepEqual(await bppSigner(granted, identity).sign(one), kept);
});
