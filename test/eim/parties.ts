// An eIM and an eUICC for the tests: keys, certificates, and results that are signed by hand.
import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { Association } from '../../src/eim/association.ts';
import type { EimIdentity } from '../../src/eim/identity.ts';
import { verifyEuiccCertificates } from '../../src/eim/euicc-certificates.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import type { VerifiedEuicc } from '../../src/rsp/certificate-chain.ts';
import type { CurveName } from '../../src/rsp/curve.ts';
import { completeEid } from '../../src/rsp/identifiers.ts';
import { createSigner } from '../../src/rsp/signature.ts';
import { EIN, testPki, type TestPki } from '../device/test-pki.ts';

export const EIM_ID = 'eim.example.com';
export const EID = completeEid(`${EIN}0000000000000000000001`);
export const ICCID = '89000123456789012341';
export const OTHER_ICCID = '89000123456789012358';

export interface EimParty extends EimIdentity {
  readonly publicKey: KeyObject;
}

export function testEim(eimId = EIM_ID, curve: CurveName = 'prime256v1'): EimParty {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
  return {
    eimId,
    eimIdType: 'eimIdTypeFqdn',
    eimFqdn: eimId,
    signer: createSigner(privateKey),
    indirectProfileDownload: true,
    publicKey: createPublicKey(privateKey),
  };
}

export function association(changes: Partial<Association> = {}): Association {
  return {
    eid: EID,
    eimId: EIM_ID,
    associationToken: 200,
    counterValue: 0,
    resultSignature: 'associationToken',
    acceptsUnsignedResults: false,
    ...changes,
  };
}

export interface TestEuicc {
  readonly privateKey: KeyObject;
  readonly certificate: Uint8Array;
  readonly verified: VerifiedEuicc;
}

export function certifiedEuicc(pki: TestPki = testPki(), eid = EID): TestEuicc {
  const { privateKey, der: certificate } = pki.euicc(eid);
  const chain = { euiccCertificate: certificate, eumCertificate: pki.eum.der };
  const verified = verifyEuiccCertificates(chain, [parseCertificate(pki.ci.der)], {
    now: new Date(),
  });
  return { privateKey, certificate, verified };
}

export function ecdsa(
  privateKey: KeyObject,
  bytes: Uint8Array,
  dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363',
): Uint8Array {
  return Uint8Array.from(sign('sha256', bytes, { key: privateKey, dsaEncoding }));
}
