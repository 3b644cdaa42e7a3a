// One listener for the devices of several CIs: each gets a certificate that it can verify.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { SecureVersion } from 'node:tls';
import { connect } from 'node:tls';
import { after, before, describe, test } from 'node:test';
import { HttpsTransport } from '../../src/device/es9plus-transport.ts';
import { certificatePem } from '../../src/rsp/pem.ts';
import type { CurveName } from '../../src/rsp/curve.ts';
import { curveNames } from '../../src/rsp/curve.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { openSslHello } from '../https/hello.ts';
import { newEuicc, newPhone } from './phone.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer({ es9: true, stock: 20 });
});
after(() => server[Symbol.asyncDispose]());

const ciOn = (curve: CurveName) =>
  server.server.context.pki.cis.find((certificate) => certificate.curve === curve)!;

interface Client {
  curve: CurveName;
  maxVersion?: SecureVersion;
  minVersion?: SecureVersion;
  ecdhCurve?: string;
  sigalgs?: string;
}

/** @returns `VERSION CURVE` of the connection, or the error; the certificate is verified */
async function shake({ curve, ...options }: Client): Promise<string> {
  const socket = connect({
    host: '127.0.0.1',
    port: server.config.es9Port,
    servername: 'localhost',
    ca: certificatePem(ciOn(curve)),
    ...options,
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  socket.on('secureConnect', () => {
    const { asn1Curve } = socket.getPeerCertificate() as { asn1Curve?: string };
    resolve(`${socket.getProtocol()} ${asn1Curve}`);
  });
  const result = await promise;
  socket.destroy();
  return result;
}

for (const tlsVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  for (const curve of curveNames) {
    test(`§2.6.6 ${tlsVersion}: a device that trusts only the CI on ${curve} downloads`, async () => {
      const order = await server.order({ GenerateMatchingId: 'true' });
      const transport = new HttpsTransport({ cis: [ciOn(curve).der], tlsVersion });
      const phone = newPhone(server, { euicc: newEuicc(server, { curve }), transport });
      await phone.download(order.activation_code);
      const { json } = await server.request(`/v1/ESimProfiles/${order.sid}`);
      assert.equal(json.status, 'installed');
      transport[Symbol.dispose]();
    });
  }
}

describe('§2.6.6 clients other than our LPA', () => {
  test('with OpenSSL’s defaults get P-256', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const result = await shake({ curve: 'prime256v1', maxVersion });
      assert.equal(result, `${maxVersion} prime256v1`);
    }
  });

  test('RFC 8446 §4.1.4 with OpenSSL’s defaults need not say hello twice', async () => {
    const client = connectTcp(server.config.es9Port, '127.0.0.1');
    client.write(await openSslHello({}));
    const [answer] = (await once(client, 'data')) as [Buffer];
    client.destroy();
    const serverHello = 2;
    assert.deepEqual([answer[0], answer[5]], [22, serverHello]);
    // §4.1.3: the random of a HelloRetryRequest.
    const retry = createHash('sha256').update('HelloRetryRequest').digest();
    assert.notDeepEqual(answer.subarray(11, 43), retry);
  });

  test('with only X25519 for the key exchange get P-256 in TLS 1.3', async () => {
    const result = await shake({ curve: 'prime256v1', ecdhCurve: 'X25519' });
    assert.equal(result, 'TLSv1.3 prime256v1');
  });

  test('get AES-128 in GCM with SHA-256, or another cipher if they know only that', async () => {
    for (const [ciphers, expected] of [
      [undefined, 'TLS_AES_128_GCM_SHA256'],
      ['TLS_AES_256_GCM_SHA384', 'TLS_AES_256_GCM_SHA384'],
      ['TLS_CHACHA20_POLY1305_SHA256', 'TLS_CHACHA20_POLY1305_SHA256'],
    ] as const) {
      const client = connect({
        host: '127.0.0.1',
        port: server.config.es9Port,
        rejectUnauthorized: false,
        ...(ciphers === undefined ? {} : { ciphers }),
      });
      await once(client, 'secureConnect');
      assert.equal(client.getCipher().name, expected);
      client.destroy();
    }
  });

  test('TLS 1.2 with brainpoolP256r1 before P-256, or only it', async () => {
    for (const ecdhCurve of ['brainpoolP256r1:prime256v1', 'brainpoolP256r1']) {
      const result = await shake({ curve: 'brainpoolP256r1', maxVersion: 'TLSv1.2', ecdhCurve });
      assert.equal(result, 'TLSv1.2 brainpoolP256r1');
    }
  });

  test('RFC 8734: TLS 1.3 with only its signature algorithm, whatever the key exchange', async () => {
    for (const ecdhCurve of ['prime256v1', 'brainpoolP256r1tls13']) {
      const sigalgs = 'ecdsa_brainpoolP256r1tls13_sha256';
      const result = await shake({ curve: 'brainpoolP256r1', ecdhCurve, sigalgs });
      assert.equal(result, 'TLSv1.3 brainpoolP256r1');
    }
  });

  test('a TLS 1.3 client that supports brainpool only by its TLS 1.2 name gets TLS 1.2', async () => {
    const result = await shake({
      curve: 'brainpoolP256r1',
      ecdhCurve: 'brainpoolP256r1:prime256v1:X25519',
      sigalgs: 'ECDSA+SHA384:ECDSA+SHA256',
    });
    assert.equal(result, 'TLSv1.2 brainpoolP256r1');
  });
});
