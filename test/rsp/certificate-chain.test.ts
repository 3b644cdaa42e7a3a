// §4.5, §4.5.2.2: cached chains, changed bytes, and CRLs over time. The rules are tested in
// certificate-vectors.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import { DerError } from '../../src/rsp/der-error.ts';
import { verifyEuicc, verifyEum, type VerifyOptions } from '../../src/rsp/certificate-chain.ts';
import { parseCrl, verifyCrl } from '../../src/rsp/crl.ts';
import { issueCrl } from '../../src/rsp/certificate-issue.ts';
import { curveNames } from '../../src/rsp/curve.ts';
import { VerifyError, type VerifyFailure, type VerifySubject } from '../../src/rsp/verify-error.ts';
import { EID, Pki, now, type Holder } from './pki.ts';

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

  test('one of an EUM that has expired since its verification is refused because of the EUM', () => {
    const eum = pki.issueEum({ notAfter: future });
    const verifiedEum = verifyEum(eum.certificate, ci.certificate, { now });
    const euicc = pki.issueEuicc({}, eum).certificate;
    const options = { now: new Date('2031-01-01') };
    refused('eum', 'expired', () => verifyEuicc(euicc, verifiedEum, options));
  });
});

describe('§4.5 certificates changed at random', () => {
  test('are never accepted, but refused with our own errors', () => {
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

  test('as are CRLs', () => {
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

  test('a CRL that is not current, or not supported, is refused', () => {
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

  test('an outdated CRL still revokes, and causes other refusals only if so configured', () => {
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

  test('two CIs with the same name: the CRL of one does not affect the certificates of the other', () => {
    const { eum } = other;
    assert.equal(other.ci.certificate.subject.der.toHex(), ci.certificate.subject.der.toHex());
    const crls = [
      verifyCrl(parseCrl(issueCrl({ ...dates, revoked: revoke(eum) }, ci)), ci.certificate, now),
    ];
    verifyEum(eum.certificate, other.ci.certificate, { now, crls });
  });
});
