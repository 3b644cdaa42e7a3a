// The whole life of a profile with a PKI only on brainpoolP256r1: TLS of the server, of the device, and of callback
// receivers, each in its own process as in the field.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import type { SecureVersion, TLSSocket } from 'node:tls';
import twilio from 'twilio';
import { HttpsTransport } from '../../src/device/es9plus-transport.ts';
import { certificatePem, privateKeyPem } from '../../src/rsp/pem.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import { commandLine } from '../cli/command.ts';
import type { CommandLine } from '../cli/command.ts';
import { testPki } from '../device/test-pki.ts';
import { freePort } from '../postgres.ts';
import { startProcess } from '../process.ts';
import type { ServerProcess } from '../process.ts';
import { basic, eventually, startTestServer } from '../server.ts';
import { newEuicc, newPhone } from './phone.ts';

const ACCOUNT = { username: `AC${'5'.repeat(32)}`, password: 'c'.repeat(32) };
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
const LIFE = ['reserving', 'available', 'downloaded', 'installed'];

/** A receiver's own CI, which must be trusted explicitly. */
const receiverPki = testPki('brainpoolP256r1');

interface HttpsReceiver extends AsyncDisposable {
  url: string;
  /** TLS version and parameters of each callback with a valid signature. */
  calls: { version: string | null; parameters: Record<string, string> }[];
}

async function startHttpsReceiver(version: SecureVersion): Promise<HttpsReceiver> {
  const { der, privateKey } = receiverPki.server('dpTls');
  const calls: HttpsReceiver['calls'] = [];
  const server = createServer(
    {
      cert: certificatePem(parseCertificate(der)),
      key: privateKeyPem(privateKey),
      minVersion: version,
      maxVersion: version,
      ecdhCurve: 'brainpoolP256r1:brainpoolP256r1tls13',
    },
    (request, response) => {
      void text(request).then((body) => {
        const parameters = Object.fromEntries(new URLSearchParams(body));
        const signature = String(request.headers['x-twilio-signature']);
        const isSigned = twilio.validateRequest(
          ACCOUNT.password,
          signature,
          receiver.url,
          parameters,
        );
        if (isSigned)
          calls.push({ version: (request.socket as TLSSocket).getProtocol(), parameters });
        response.writeHead(isSigned ? 204 : 403).end();
      });
    },
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: HttpsReceiver = {
    url: `https://localhost:${(server.address() as AddressInfo).port}/status`,
    calls,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return receiver;
}

/** Removes the test CI on P-256, leaving the one on brainpoolP256r1. */
async function removeP256(simwright: CommandLine): Promise<void> {
  const { certificates } = await simwright.json('pki', 'show');
  const ci = certificates.find(
    ({ role, curve }: Record<string, string>) => role === 'ci' && curve === 'prime256v1',
  );
  await simwright.print('pki', 'remove', ci.ci_pk_id);
}

describe('§2.6.5 with a PKI only on brainpoolP256r1', () => {
  let simwright: CommandLine;
  let server: ServerProcess;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simwright-receiver-'));
    const receiverCi = join(folder, 'ci.pem');
    await writeFile(receiverCi, certificatePem(parseCertificate(receiverPki.ci.der)));
    const port = String(await freePort());
    const env = {
      SIMWRIGHT_PORT: '0',
      SIMWRIGHT_ES9_PORT: port,
      SIMWRIGHT_METRICS_PORT: 'off',
      SIMWRIGHT_SMDP_ADDRESS: `localhost:${port}`,
      SIMWRIGHT_TEST_STOCK: '10',
      SIMWRIGHT_ACCOUNT_SID: ACCOUNT.username,
      SIMWRIGHT_AUTH_TOKEN: ACCOUNT.password,
      SIMWRIGHT_LOG_LEVEL: 'fatal',
    };
    simwright = await commandLine(env);
    await removeP256(simwright);
    server = await startProcess({
      ...env,
      SIMWRIGHT_DATA: simwright.data,
      NODE_EXTRA_CA_CERTS: receiverCi,
    });
  });
  after(async () => {
    server.process.kill('SIGTERM');
    await once(server.process, 'exit');
    await simwright[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  for (const version of VERSIONS) {
    test(`ordered, downloaded, installed, with callbacks to a receiver that supports only ${version}`, async () => {
      await using receiver = await startHttpsReceiver(version);
      const profiles = `${server.url}/v1/ESimProfiles`;
      const headers = { Authorization: basic(ACCOUNT) };
      const ordered = await fetch(profiles, {
        method: 'POST',
        headers,
        body: new URLSearchParams({ GenerateMatchingId: 'true', CallbackUrl: receiver.url }),
      });
      const { sid } = (await ordered.json()) as { sid: string };
      const fetchProfile = async (): Promise<any> =>
        (await fetch(`${profiles}/${sid}`, { headers })).json();
      const order = await eventually(async () => {
        const profile = await fetchProfile();
        return profile.status === 'available' ? profile : undefined;
      });
      const phone = `phone-${version.at(-1)}`;
      await simwright.print('device', 'create', phone, '--brainpool');
      const code = `LPA:${order.activation_code}`;
      await simwright.print('device', 'download', code, '--device', phone);
      assert.equal((await fetchProfile()).status, 'installed');
      await eventually(() => receiver.calls.length === LIFE.length || undefined);
      assert.deepEqual(
        receiver.calls.map(({ parameters }) => parameters['Status']),
        LIFE,
      );
      assert.deepEqual(new Set(receiver.calls.map((call) => call.version)), new Set([version]));
    });
  }

  test('ES9+ serves only this CI', async () => {
    const { served } = await simwright.json('pki', 'show');
    assert.deepEqual(
      served.map(({ curve }: Record<string, string>) => curve),
      ['brainpoolP256r1'],
    );
  });
});

for (const tlsVersion of VERSIONS) {
  test(`a device with ${tlsVersion} downloads from a server only on brainpoolP256r1`, async () => {
    await using server = await startTestServer({ es9: true, stock: 2 });
    await removeP256(await commandLine({}, server.config.data));
    await server.restart();
    const { pki } = server.server.context;
    assert.deepEqual(
      pki.cis.map(({ curve }) => curve),
      ['brainpoolP256r1'],
    );
    const transport = new HttpsTransport({ cis: pki.cis.map(({ der }) => der), tlsVersion });
    const euicc = newEuicc(server, { curve: 'brainpoolP256r1' });
    const order = await server.order({ GenerateMatchingId: 'true' });
    await newPhone(server, { euicc, transport }).download(order.activation_code);
    transport[Symbol.dispose]();
    const { json } = await server.request(`/v1/ESimProfiles/${order.sid}`);
    assert.equal(json.status, 'installed');
  });
}
