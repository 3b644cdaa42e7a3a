#!/usr/bin/env bash
# OpenSSL and PKI.js refuse every eUICC certificate whose EUM has the name constraints that SGP.22 prescribes.
#
# Expected: a chain of GSMA CI, EUM and eUICC is an ordinary chain of RFC 5280, which SGP.22 §4.5.2 refers to,
# so a library for X.509 can verify it.
#
# What happens: both documents use the same extension, nameConstraints with a permitted directoryName, in
# different ways. By RFC 5280 §4.2.1.10 and §7.1 a name is in the subtree if it begins with the attributes of
# the constraint, each equal as a whole. By SGP.22 v2.5 §4.5.2.1.0.3 the serialNumber of the constraint is the
# EUM's issuer number, for example 89049032, and the serialNumber of the eUICC's subject, its EID of 32
# digits, must start with it. To the libraries 8904903200... is not 89049032, so the certificate is outside
# its CA's subtree. The extension is critical, so they must not skip it. With the whole EID as the constraint,
# or with the organisation alone, the same chain is accepted, so nothing else is wrong with it. Bouncy Castle
# had the same difficulty: https://github.com/bcgit/bc-java/issues/2327.
#
# Versions: pkijs 4.0.0, OpenSSL through node:tls (3.0.19 of Node 20.20.2, 3.5.9 of Node 26.12.1); the
# certificates are made with @peculiar/x509 2.2.0.
#
# Here: Simwright verifies the chain itself (src/rsp/certificate-chain.ts) and compares the beginning of the
# EID (src/rsp/eid-range.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @peculiar/x509@2.2.0 \
  @peculiar/asn1-schema@2.11.1 @peculiar/asn1-x509@2.11.1 reflect-metadata@0.2.2 pkijs@4.0.0
cat > finding.mjs <<'JS'
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { webcrypto } from 'node:crypto';
import { connect, createServer } from 'node:tls';

const require = createRequire(import.meta.url);
const x509 = require('@peculiar/x509');
const { AsnConvert } = require('@peculiar/asn1-schema');
const asn1 = require('@peculiar/asn1-x509');
const pkijs = await import('pkijs');
x509.cryptoProvider.set(webcrypto);
pkijs.setEngine('node', new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto }));

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const EIN = '89049032';
const EID = '89049032000000000000000000000013';
const SERIAL_NUMBER = '2.5.4.5';
const validity = { notBefore: new Date('2025-01-01'), notAfter: new Date('2049-01-01') };
const { digitalSignature, keyCertSign, cRLSign } = x509.KeyUsageFlags;

const generate = () => webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
const [ciKeys, eumKeys, euiccKeys] = [await generate(), await generate(), await generate()];
const ci = await x509.X509CertificateGenerator.createSelfSigned({
  ...validity,
  serialNumber: '01',
  name: 'CN=Test CI',
  signingAlgorithm: ECDSA,
  keys: ciKeys,
  extensions: [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
    await x509.SubjectKeyIdentifierExtension.create(ciKeys.publicKey),
  ],
});

/** @param subtree the attributes of the permitted directoryName */
function nameConstraints(subtree) {
  const name = AsnConvert.parse(new x509.Name(subtree).toArrayBuffer(), asn1.Name);
  const base = new asn1.GeneralName({ directoryName: name });
  const constraints = new asn1.NameConstraints({
    permittedSubtrees: new asn1.GeneralSubtrees([new asn1.GeneralSubtree({ base })]),
  });
  return new x509.Extension('2.5.29.30', true, AsnConvert.serialize(constraints));
}

async function issue(subtree) {
  const eum = await x509.X509CertificateGenerator.create({
    ...validity,
    serialNumber: '02',
    subject: 'O=Test EUM,CN=Test EUM',
    issuer: ci.subject,
    signingAlgorithm: ECDSA,
    publicKey: eumKeys.publicKey,
    signingKey: ciKeys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(eumKeys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(ciKeys.publicKey),
      nameConstraints(subtree),
    ],
  });
  const euicc = await x509.X509CertificateGenerator.create({
    ...validity,
    serialNumber: '03',
    subject: [{ O: ['Test EUM'] }, { [SERIAL_NUMBER]: [{ printableString: EID }] }, { CN: ['eUICC'] }],
    issuer: eum.subject,
    signingAlgorithm: ECDSA,
    publicKey: euiccKeys.publicKey,
    signingKey: eumKeys.privateKey,
    extensions: [
      new x509.KeyUsagesExtension(digitalSignature, true),
      await x509.AuthorityKeyIdentifierExtension.create(eumKeys.publicKey),
    ],
  });
  return { eum, euicc };
}

async function byPkijs({ eum, euicc }) {
  const [root, ...certs] = [ci, eum, euicc].map(({ rawData }) => pkijs.Certificate.fromBER(rawData));
  const engine = new pkijs.CertificateChainValidationEngine({ trustedCerts: [root], certs });
  const { result, resultMessage } = await engine.verify();
  return result ? 'accepted' : resultMessage;
}

/** A TLS client verifies the chain of the server. */
async function byOpenssl({ eum, euicc }) {
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', euiccKeys.privateKey));
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----\n`;
  const server = createServer({ key, cert: `${euicc.toString('pem')}\n${eum.toString('pem')}` });
  server.on('tlsClientError', () => {});
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, ca: ci.toString('pem'), checkServerIdentity: () => {} };
    const socket = connect(options, () => socket.end());
    socket.on('secureConnect', () => resolve('accepted'));
    socket.on('error', ({ message }) => resolve(message));
    socket.on('close', () => server.close());
    socket.resume();
  });
}

const organisation = { O: ['Test EUM'] };
const serialNumber = (value) => ({ [SERIAL_NUMBER]: [{ printableString: value }] });
const seen = {};
for (const [name, subtree] of [
  ['as in SGP.22, the beginning of the EID', [organisation, serialNumber(EIN)]],
  ['the whole EID', [organisation, serialNumber(EID)]],
  ['the organisation alone', [organisation]],
]) {
  const chain = await issue(subtree);
  seen[name] = { pkijs: await byPkijs(chain), openssl: await byOpenssl(chain) };
}
console.log(`pkijs ${require('./node_modules/pkijs/package.json').version}, OpenSSL ${process.versions.openssl}`);
console.log(seen);
const accepted = { pkijs: 'accepted', openssl: 'accepted' };
assert.deepEqual(seen, {
  'as in SGP.22, the beginning of the EID': {
    pkijs: 'Failed to meet "permitted sub-trees" name constraint',
    openssl: 'permitted subtree violation',
  },
  'the whole EID': accepted,
  'the organisation alone': accepted,
});
JS
node finding.mjs
echo "The behaviour is the one recorded above."
