import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import { DerError } from '../../src/rsp/der-error.ts';
import {
  findSmdpOid,
  verifyCi,
  verifyEuicc,
  verifyEum,
  verifyServer,
  type VerifyOptions,
} from '../../src/rsp/certificate-chain.ts';
import { parseCrl, verifyCrl } from '../../src/rsp/crl.ts';
import { issueCrl } from '../../src/rsp/certificate-issue.ts';
import { curveNames } from '../../src/rsp/curve.ts';
import type { ServerRole } from '../../src/rsp/roles.ts';
import { VerifyError, type VerifyFailure, type VerifySubject } from '../../src/rsp/verify-error.ts';
import { EID, HOST_NAME, Pki, SMDP_OID, now, type Changes, type Holder } from './pki.ts';

const pki = new Pki();
const other = new Pki();
const { ci } = pki;
const past = new Date('2021-01-01T00:00:00Z');
const future = new Date('2030-01-01T00:00:00Z');
const forged = (holder: Holder, byIssuer: Holder): Holder => ({
  certificate: holder.certificate,
  privateKey: byIssuer.privateKey,
});

function refused(subject: VerifySubject, failure: VerifyFailure, verify: () => void): void {
  assert.throws(verify, (error) => {
    assert.ok(error instanceof VerifyError, String(error));
    assert.deepEqual([error.subject, error.failure], [subject, failure]);
    return true;
  });
}

function verifyChain(eum: Holder, euicc: Holder, options: VerifyOptions = { now }): string {
  const verifiedEum = verifyEum(eum.certificate, ci.certificate, options);
  return verifyEuicc(euicc.certificate, verifiedEum, options).eid;
}

describe('§4.5.2.1.0.0 CI certificate', () => {
  test('a root is verified by its own key', () => verifyCi(ci.certificate, { now }));

  test('a certificate that is no root is refused', () => {
    refused('ci', 'issuer', () => verifyCi(pki.eum.certificate, { now }));
    refused('ci', 'expired', () => verifyCi(ci.certificate, { now: new Date('2060-01-01') }));
    const { certificate } = pki.issueServer('dpAuth', {
      subject: ci.certificate.subject.attributes,
    });
    refused('ci', 'signature', () => verifyCi(certificate, { now }));
  });
});

describe('§4.5.2.1.0.2 EUM certificate', () => {
  const cases: readonly [string, VerifyFailure, Changes][] = [
    ['of an eUICC', 'role', { certificatePolicies: ['2.23.146.1.2.1.1'] }],
    ['without policy', 'role', { certificatePolicies: [] }],
    ['that may not sign certificates', 'key-usage', { keyUsage: ['digitalSignature'] }],
    ['that is no authority', 'basic-constraints', { basicConstraints: { cA: false } }],
    ['without path length', 'path-length', { basicConstraints: { cA: true } }],
    ['of longer paths', 'path-length', { basicConstraints: { cA: true, pathLenConstraint: 1 } }],
    ['with an unknown critical extension', 'critical-extension', { unknownCritical: ['2.999.7'] }],
    ['that has expired', 'expired', { notAfter: past }],
    ['that is not valid yet', 'not-yet-valid', { notBefore: future }],
  ];
  for (const [name, failure, changes] of cases) {
    test(`one ${name} is refused: ${failure}`, () => {
      const { certificate } = pki.issueEum(changes);
      refused('eum', failure, () => verifyEum(certificate, ci.certificate, { now }));
    });
  }

  test('one of another CI, or signed by another key, is refused', () => {
    const { certificate } = other.eum;
    refused('eum', 'key-identifier', () => verifyEum(certificate, ci.certificate, { now }));
    const renamed = pki.issueEum({}, other.issueServer('dpAuth'));
    refused('eum', 'issuer', () => verifyEum(renamed.certificate, ci.certificate, { now }));
    const wrong = pki.issueEum({}, forged(ci, other.ci));
    refused('eum', 'signature', () => verifyEum(wrong.certificate, ci.certificate, { now }));
  });

  test('one under a CI on another curve is refused', () => {
    const brainpool = new Pki('brainpoolP256r1');
    const { certificate } = pki.issueEum({}, brainpool.ci);
    refused('eum', 'curve', () => verifyEum(certificate, brainpool.ci.certificate, { now }));
  });

  test('one under an expired CI is refused for the CI', () => {
    const options = { now: new Date('2060-01-01') };
    refused('ci', 'expired', () => verifyEum(pki.eum.certificate, ci.certificate, options));
  });

  test('SGP.22 v3: one with the later policy and permittedEins is accepted', () => {
    const eum = pki.issueEum({
      certificatePolicies: ['2.23.146.1.2.1.0.0.0'],
      permittedEins: ['89049032', '8904'],
    });
    assert.equal(verifyChain(eum, pki.issueEuicc({}, eum)), EID);
  });
});

describe('§4.5.2.1.0.1 eUICC certificate', () => {
  for (const curve of curveNames) {
    test(`the EID of a chain on ${curve}`, () => {
      const chain = new Pki(curve);
      const eum = verifyEum(chain.eum.certificate, chain.ci.certificate, { now });
      const { eid, publicKey } = verifyEuicc(chain.issueEuicc().certificate, eum, { now });
      assert.equal(eid, EID);
      assert.equal(publicKey.asymmetricKeyDetails?.namedCurve, curve);
    });
  }

  const cases: readonly [string, VerifyFailure, Changes][] = [
    ['of an EUM', 'role', { certificatePolicies: ['2.23.146.1.2.1.2'] }],
    ['that may not sign', 'key-usage', { keyUsage: ['keyCertSign'] }],
    ['that is an authority', 'basic-constraints', { basicConstraints: { cA: true } }],
    ['with an unknown critical extension', 'critical-extension', { unknownCritical: ['2.999.7'] }],
    ['that has expired', 'expired', { notAfter: past }],
    ['that is not valid yet', 'not-yet-valid', { notBefore: future }],
    ['without an EID', 'eid', { subject: [{ type: '2.5.4.3', value: 'eUICC' }] }],
    ['of another organisation', 'eid-range', { subject: named('Another', EID) }],
    [
      'outside the range',
      'eid-range',
      { subject: named('Simwright Test EUM', `99${EID.slice(2)}`) },
    ],
  ];
  for (const [name, failure, changes] of cases) {
    test(`one ${name} is refused: ${failure}`, () => {
      refused('euicc', failure, () => verifyChain(pki.eum, pki.issueEuicc(changes)));
    });
  }

  test('one signed by another key, or issued by another EUM, is refused', () => {
    const wrong = pki.issueEuicc({}, forged(pki.eum, other.eum));
    refused('euicc', 'signature', () => verifyChain(pki.eum, wrong));
    const another = pki.issueEuicc({}, pki.issueEum());
    refused('euicc', 'key-identifier', () => verifyChain(pki.eum, another));
  });

  test('one of a EUM that has expired since it was verified is refused for the EUM', () => {
    const eum = pki.issueEum({ notAfter: future });
    const verifiedEum = verifyEum(eum.certificate, ci.certificate, { now });
    const euicc = pki.issueEuicc({}, eum).certificate;
    const options = { now: new Date('2031-01-01') };
    refused('eum', 'expired', () => verifyEuicc(euicc, verifiedEum, options));
  });

  for (const [name, changes] of [
    ['that constrains nothing', { permittedSubtrees: [] }],
    ['without a serialNumber in its subtree', { permittedSubtrees: [subtree()] }],
    ['with an empty serialNumber', { permittedSubtrees: [subtree('')] }],
    ['with another range', { permittedSubtrees: [subtree('89033023')] }],
    ['with an empty permittedEins', { permittedEins: [] }],
    ['with an empty EIN', { permittedEins: [''] }],
  ] as const) {
    test(`SGP.29: one of an EUM ${name} is refused`, () => {
      const eum = pki.issueEum(changes);
      refused('euicc', 'eid-range', () => verifyChain(eum, pki.issueEuicc({}, eum)));
    });
  }

  test('SGP.29: any of several ranges is enough', () => {
    const eum = pki.issueEum({ permittedSubtrees: [subtree('89033023'), subtree('8904')] });
    assert.equal(verifyChain(eum, pki.issueEuicc({}, eum)), EID);
  });
});

describe('§4.5.2.1.0.3 SM-DP+ certificates', () => {
  const roles: readonly ServerRole[] = ['dpAuth', 'dpPb', 'dpTls'];
  for (const role of roles) {
    test(`${role} is verified, and no other takes its place`, () => {
      const { certificate } = pki.issueServer(role);
      verifyServer(certificate, role, ci.certificate, { now, smdpOid: SMDP_OID });
      for (const wrong of roles.filter((name) => name !== role)) {
        refused('server', 'role', () => verifyServer(certificate, wrong, ci.certificate, { now }));
      }
    });
  }

  const cases: readonly [string, VerifyFailure, Changes][] = [
    ['that may not sign', 'key-usage', { keyUsage: ['keyAgreement'] }],
    ['that is an authority', 'basic-constraints', { basicConstraints: { cA: true } }],
    ['that has expired', 'expired', { notAfter: past }],
    ['that names no SM-DP+', 'smdp-oid', { registeredID: [] }],
    ['that is not for servers', 'extended-key-usage', { extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'] }],
  ];
  for (const [name, failure, changes] of cases) {
    test(`one ${name} is refused: ${failure}`, () => {
      const { certificate } = pki.issueServer('dpTls', changes);
      refused('server', failure, () => verifyServer(certificate, 'dpTls', ci.certificate, { now }));
    });
  }

  test('§5.7.5 one of another SM-DP+ than DPauth is refused', () => {
    const { certificate } = pki.issueServer('dpPb');
    const options = { now, smdpOid: '2.999.11' };
    assert.equal(findSmdpOid(certificate), SMDP_OID);
    refused('server', 'smdp-oid', () => verifyServer(certificate, 'dpPb', ci.certificate, options));
  });

  test('one of another host is refused', () => {
    const { certificate } = pki.issueServer('dpTls');
    verifyServer(certificate, 'dpTls', ci.certificate, {
      now,
      hostName: HOST_NAME.toUpperCase(),
    });
    refused('server', 'host-name', () =>
      verifyServer(certificate, 'dpTls', ci.certificate, { now, hostName: 'example.com' }),
    );
  });
});

describe('§4.5 certificates changed at random', () => {
  test('are never accepted, and refused with our own errors', () => {
    const eum = verifyEum(pki.eum.certificate, ci.certificate, { now });
    const { der } = pki.issueEuicc().certificate;
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = der.map((byte, index) => (index === at ? byte ^ mask : byte));
        assert.throws(
          () => verifyEuicc(parseCertificate(changed), eum, { now }),
          (error) => error instanceof DerError || error instanceof VerifyError,
        );
      }),
      { seed: 7, numRuns: 2000 },
    );
  });

  test('CRLs too', () => {
    const revoked = [{ serialNumberHex: '01', revocationDate: past }];
    const der = issueCrl({ thisUpdate: past, nextUpdate: future, revoked, crlNumber: 1 }, ci);
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = der.map((byte, index) => (index === at ? byte ^ mask : byte));
        assert.throws(
          () => verifyCrl(parseCrl(changed), ci.certificate, now),
          (error) => error instanceof DerError || error instanceof VerifyError,
        );
      }),
      { seed: 8, numRuns: 1000 },
    );
  });
});

describe('§4.5.2.2 revocation', () => {
  const dates = { thisUpdate: past, nextUpdate: future };
  const revoke = (holder: Holder) => [
    { serialNumberHex: holder.certificate.serialNumberHex, revocationDate: past },
  ];

  test('a CRL is read as it was issued', () => {
    const crl = parseCrl(issueCrl({ ...dates, revoked: revoke(pki.eum), crlNumber: 7 }, ci));
    assert.deepEqual([...crl.revoked], [pki.eum.certificate.serialNumberHex]);
    assert.deepEqual([crl.thisUpdate, crl.nextUpdate], [past, future]);
    const empty = parseCrl(issueCrl({ thisUpdate: past }, ci));
    assert.deepEqual([empty.revoked.size, empty.nextUpdate], [0, undefined]);
  });

  test('a revoked EUM certificate is refused, before and after it was cached', () => {
    const euicc = pki.issueEuicc();
    const crls = [
      verifyCrl(
        parseCrl(issueCrl({ ...dates, revoked: revoke(pki.eum) }, ci)),
        ci.certificate,
        now,
      ),
    ];
    refused('eum', 'revoked', () => verifyChain(pki.eum, euicc, { now, crls }));
    const cached = verifyEum(pki.eum.certificate, ci.certificate, { now });
    refused('eum', 'revoked', () => verifyEuicc(euicc.certificate, cached, { now, crls }));
  });

  test('a CRL that lists others, or none, revokes nothing', () => {
    for (const revoked of [[], revoke(pki.issueEum())]) {
      const crl = parseCrl(issueCrl({ ...dates, revoked }, ci));
      const crls = [verifyCrl(crl, ci.certificate, now)];
      assert.equal(verifyChain(pki.eum, pki.issueEuicc(), { now, crls }), EID);
    }
  });

  test('a CRL of another issuer or with another signature is refused', () => {
    const crl = parseCrl(issueCrl(dates, forged(ci, other.ci)));
    refused('crl', 'signature', () => verifyCrl(crl, ci.certificate, now));
    const ofEum = parseCrl(issueCrl(dates, pki.eum));
    refused('crl', 'crl-issuer', () => verifyCrl(ofEum, ci.certificate, now));
    refused('crl', 'crl-issuer', () => verifyCrl(ofEum, pki.eum.certificate, now));
  });

  test('a CRL that is not current, or not understood, is refused', () => {
    const crl = parseCrl(issueCrl(dates, ci));
    for (const time of [new Date('2020-06-01'), new Date('2031-01-01')]) {
      refused('crl', 'crl-not-current', () => verifyCrl(crl, ci.certificate, time));
    }
    const delta = parseCrl(issueCrl({ ...dates, unknownCritical: ['2.5.29.27'] }, ci));
    refused('crl', 'critical-extension', () => verifyCrl(delta, ci.certificate, now));
  });

  test('a CI that has expired since its EUM was verified: the eUICC is refused', () => {
    const late = { notAfter: new Date('2060-01-01') };
    const eum = pki.issueEum(late);
    const euicc = pki.issueEuicc(late, eum);
    const cached = verifyEum(eum.certificate, ci.certificate, { now });
    assert.equal(verifyEuicc(euicc.certificate, cached, { now }).eid, EID);
    const after = { now: new Date('2056-01-01') };
    refused('ci', 'expired', () => verifyEuicc(euicc.certificate, cached, after));
  });

  test('a CRL that is out of date still revokes, and refuses all others only when told to', () => {
    const issued = parseCrl(issueCrl({ ...dates, revoked: revoke(pki.issueEum()) }, ci));
    const crls = [verifyCrl(issued, ci.certificate, now)];
    const late = { now: new Date(future.getTime() + 1), crls };
    assert.equal(verifyChain(pki.eum, pki.issueEuicc(), late), EID);
    const strict = { ...late, refusesOutdatedCrls: true };
    refused('eum', 'crl-not-current', () => verifyChain(pki.eum, pki.issueEuicc(), strict));
    assert.equal(verifyChain(pki.eum, pki.issueEuicc(), { ...strict, now: future }), EID);
    const cached = verifyEum(pki.eum.certificate, ci.certificate, { ...strict, now });
    const { certificate } = pki.issueEuicc();
    refused('eum', 'crl-not-current', () => verifyEuicc(certificate, cached, strict));
  });

  test('two CIs of one name: the CRL of one says nothing of the certificates of the other', () => {
    const { eum } = other;
    assert.equal(other.ci.certificate.subject.der.toHex(), ci.certificate.subject.der.toHex());
    const crls = [
      verifyCrl(parseCrl(issueCrl({ ...dates, revoked: revoke(eum) }, ci)), ci.certificate, now),
    ];
    verifyEum(eum.certificate, other.ci.certificate, { now, crls });
  });
});

function named(organisation: string, eid: string) {
  return [
    { type: '2.5.4.10', value: organisation },
    { type: '2.5.4.5', value: eid },
  ];
}

function subtree(ein?: string) {
  const organisation = { type: '2.5.4.10', value: 'Simwright Test EUM' };
  return ein === undefined ? [organisation] : [organisation, { type: '2.5.4.5', value: ein }];
}
