import assert from 'node:assert/strict';
import { X509Certificate, generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import { issueCertificate, keyIdentifierOf } from '../../src/rsp/certificate-issue.ts';
import { curveNames } from '../../src/rsp/curve.ts';
import { DerError } from '../../src/rsp/der-error.ts';
import { formatName, isSameName } from '../../src/rsp/distinguished-name.ts';
import { VerifyError } from '../../src/rsp/verify-error.ts';
import { EID, HOST_NAME, Pki, SMDP_OID } from './pki.ts';
import { hex, toHex } from './vectors.ts';

const pki = new Pki();

describe('§4.5 certificates', () => {
  test('§4.5.2.1.0.2 an EUM certificate is read', () => {
    const { certificate } = pki.eum;
    const { extensions } = certificate;
    assert.equal(formatName(certificate.subject), 'C=ES, O=Simwright Test EUM, CN=EUM Test');
    assert.deepEqual(extensions.keyUsage, ['keyCertSign']);
    assert.deepEqual(extensions.basicConstraints, { cA: true, pathLenConstraint: 0 });
    assert.deepEqual(extensions.certificatePolicies, ['2.23.146.1.2.1.2']);
    assert.deepEqual(extensions.permittedSubtrees, [
      [
        { type: '2.5.4.10', value: 'Simwright Test EUM' },
        { type: '2.5.4.5', value: '89049032' },
      ],
    ]);
    assert.deepEqual(extensions.unknownCritical, []);
    assert.deepEqual(
      extensions.authorityKeyIdentifier,
      pki.ci.certificate.extensions.subjectKeyIdentifier,
    );
    assert.deepEqual(extensions.subjectKeyIdentifier, keyIdentifierOf(certificate.publicKeyPoint));
  });

  test('§4.5.2.1.0.5 a TLS certificate is read', () => {
    const { extensions } = pki.issueServer('dpTls').certificate;
    assert.deepEqual(extensions.extendedKeyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    assert.deepEqual(extensions.subjectAltName, {
      dNSName: [HOST_NAME],
      iPAddress: [],
      registeredID: [SMDP_OID],
    });
  });

  test('§4.5.2.1.0.0 a CI certificate is read', () => {
    const { extensions } = pki.ci.certificate;
    assert.deepEqual(extensions.cRLDistributionPoints, ['http://ci.example/A.crl']);
    assert.equal(extensions.authorityKeyIdentifier, undefined);
  });

  for (const curve of curveNames) {
    test(`OpenSSL reads certificates on ${curve} in the same way`, () => {
      const { ci, eum } = new Pki(curve);
      const peer = new X509Certificate(eum.certificate.der);
      assert.equal(peer.serialNumber.padStart(6, '0'), eum.certificate.serialNumberHex);
      assert.equal(peer.subject, 'C=ES\nO=Simwright Test EUM\nCN=EUM Test');
      assert.equal(peer.validToDate.getTime(), eum.certificate.notAfter.getTime());
      assert.ok(peer.ca);
      assert.ok(peer.verify(ci.certificate.publicKey));
      assert.ok(peer.checkIssued(new X509Certificate(ci.certificate.der)));
      assert.ok(peer.publicKey.equals(eum.certificate.publicKey));
      assert.equal(eum.certificate.curve, curve);
    });
  }

  test('RFC 5280 §4.1.2.5 dates after 2049, as in eUICC certificates', () => {
    const notAfter = new Date('7496-01-24T09:48:58Z');
    assert.deepEqual(pki.issueEuicc({ notAfter }).certificate.notAfter, notAfter);
  });

  test('RFC 5280 §7.1 names are equal despite letter case and string type', () => {
    const { subject } = pki.eum.certificate;
    const other = pki.issueEum({
      subject: [
        { type: '2.5.4.6', value: 'es' },
        { type: '2.5.4.10', value: 'SIMWRIGHT  Test EUM ' },
        { type: '2.5.4.3', value: 'EUM Test' },
      ],
    }).certificate.subject;
    assert.ok(isSameName(subject, other));
    assert.ok(!isSameName(subject, pki.ci.certificate.subject));
  });

  test('RFC 5280 §4.2 an extension that occurs twice is refused', () => {
    const unknownCritical = ['2.999.7', '2.999.7'];
    assert.throws(() => pki.issueEum({ unknownCritical }), /twice/);
  });

  test('a key on another curve is refused', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
    assert.throws(() => pki.issueEuicc({ publicKey }), isFailure('curve'));
  });

  test('a compressed, shortened or off-curve key is refused', () => {
    const der = toHex(pki.eum.certificate.der);
    const point = toHex(pki.eum.certificate.publicKeyPoint);
    const last = point.endsWith('0') ? '1' : '0';
    for (const other of [`02${point.slice(2)}`, point.slice(0, -1) + last]) {
      assert.throws(
        () => parseCertificate(hex(der.replace(point, other))),
        isFailure('public-key'),
      );
    }
  });

  test('another signature algorithm is refused', () => {
    // ecdsa-with-SHA384 in both places.
    const der = toHex(pki.eum.certificate.der).replaceAll('2a8648ce3d040302', '2a8648ce3d040303');
    assert.throws(() => parseCertificate(hex(der)), isFailure('algorithm'));
    const one = toHex(pki.eum.certificate.der).replace('2a8648ce3d040302', '2a8648ce3d040303');
    assert.throws(() => parseCertificate(hex(one)), /differs/);
  });

  test('a certificate truncated at any byte is refused', () => {
    const { der } = pki.issueEuicc().certificate;
    for (let size = 0; size < der.length; size += 1) {
      assert.throws(() => parseCertificate(der.subarray(0, size)), DerError);
    }
    assert.throws(() => parseCertificate(Uint8Array.of(...der, 0)), DerError);
  });

  test('a randomly changed certificate is parsed, or refused with our own errors', () => {
    const { der } = pki.issueServer('dpTls').certificate;
    const change = fc.tuple(fc.nat(der.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const changed = Uint8Array.from(der);
        for (const [at, byte] of changes) changed[at] = byte;
        try {
          parseCertificate(changed);
        } catch (error) {
          assert.ok(error instanceof DerError || error instanceof VerifyError, String(error));
        }
      }),
      { seed: 5, numRuns: 3000 },
    );
  });

  test('SGP.14 the serial number is positive, whatever its first bit', () => {
    const serialNumber = hex('ff01');
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const der = issueCertificate(
      { serialNumber, publicKey, subject: [], notBefore: new Date(0), notAfter: new Date(0) },
      { privateKey },
    );
    assert.equal(parseCertificate(der).serialNumberHex, '00FF01');
    assert.ok(pki.issueEuicc().certificate.subject.attributes.some(({ value }) => value === EID));
  });
});

function isFailure(failure: string): (error: unknown) => boolean {
  return (error) => error instanceof VerifyError && error.failure === failure;
}
