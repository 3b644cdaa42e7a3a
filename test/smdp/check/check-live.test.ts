// What `simwright pki check --live` says of what answers.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createServer } from 'node:tls';
import { issueCertificate } from '../../../src/rsp/certificate-issue.ts';
import { parseCertificate } from '../../../src/rsp/certificate.ts';
import { certificatePem, privateKeyPem } from '../../../src/rsp/pem.ts';
import { checkLive } from '../../../src/smdp/check/check-live.ts';
import type { Checked } from '../../../src/smdp/check/checked.ts';
import { gatherStored } from '../../../src/smdp/check/gather.ts';
import { importPki } from '../../../src/smdp/pki/pki-import.ts';
import { makeTestPki } from '../../../src/smdp/pki/test-pki.ts';
import type { StoredCertificate } from '../../../src/smdp/pki/pki-certificate.ts';
import { eventually, startTestServer } from '../../server.ts';
import type { TestServer } from '../../server.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

describe('§4.5.2.1.0.5 the handshake of ES9+', () => {
  let server: TestServer;
  let port: number;
  let given: Checked;
  before(async () => {
    server = await startTestServer({ es9: true });
    const { context, es9Url } = server.server;
    port = Number(new URL(es9Url).port);
    given = {
      ...(await gatherStored(context.store, context.masterKey)),
      config: context.config,
      now: context.now(),
      aheadMs: 0,
    };
  });
  after(() => server[Symbol.asyncDispose]());

  const look = async (changed: Partial<Checked> = {}, at = port) => {
    const target = { host: '127.0.0.1', port: at, unanswered: 'fault' } as const;
    const findings = await checkLive(target, { ...given, ...changed });
    return findings.map(({ verdict, found }) => `${verdict} ${found}`);
  };
  const addressed = (smdpAddress: string) => ({ config: { ...given.config, smdpAddress } });

  test('shows devices of each CI its DPtls', async () => {
    const shown = await look();
    assert.equal(shown.length, 2);
    for (const one of shown) assert.match(one, /^ok .*, localhost.*, TLSv1\.[23]$/);
  });

  test('for another host than that of the address is a fault', async () => {
    const shown = await look(addressed('esim.operator.net'));
    assert.equal(shown.length, 2);
    for (const one of shown) assert.match(one, /^fault .*, localhost/);
  });

  test('that expires soon, or has expired, is said', async () => {
    const years = (count: number) => new Date(Date.now() + count * 365.25 * DAY_MS);
    const soon = await look({ now: new Date(years(10).getTime() - 10 * DAY_MS) });
    for (const one of soon) assert.match(one, /^warning valid until/);
    for (const one of await look({ now: years(11) })) assert.match(one, /^fault it ended on/);
  });

  test('of somebody else, or under another CI, is a fault', async () => {
    const certificates: StoredCertificate[] = makeTestPki('localhost', new Date());
    for (const one of await look({ certificates })) {
      assert.match(one, /^fault .*: not one of those that are here$/);
    }
    const [p256] = given.certificates.filter(({ role }) => role === 'ci');
    const moved = given.certificates.map((one) =>
      one.role === 'ci' || one.ciPKIdHex !== p256!.ciPKIdHex ? one : { ...one, ciPKIdHex: 'OTHER' },
    );
    const other = { ...p256!, ciPKIdHex: 'OTHER', certificate: certificates[0]!.certificate };
    const shown = await look({ certificates: [other, ...moved] });
    assert.ok(
      shown.some((one) => one.startsWith('fault ')),
      shown.join('\n'),
    );
  });

  test('of an imported CI, to devices of the test PKI, is a warning that says which CI to remove', async () => {
    const { context } = server.server;
    const other = makeTestPki('localhost', new Date()).slice(0, 5);
    const files = other.flatMap(({ role, certificate, privateKey }) => {
      const pem = [certificatePem(certificate)];
      if (role !== 'ci' && role !== 'eum') pem.push(privateKeyPem(privateKey!));
      return pem.map((text) => ({ name: role, content: Buffer.from(text) }));
    });
    await importPki(files, context);
    const { certificates } = await gatherStored(context.store, context.masterKey);
    const shown = await eventually(async () => {
      const target = { host: '127.0.0.1', port, unanswered: 'fault' } as const;
      const findings = await checkLive(target, { ...given, certificates });
      const verdicts = findings.map(({ verdict }) => verdict).toSorted();
      // At first the server has not read what was imported.
      return verdicts.join() === 'ok,warning,warning' ? findings : undefined;
    });
    const tests = given.certificates.filter(({ role }) => role === 'ci');
    for (const { ciPKIdHex } of tests) {
      const advice = `if no device needs this CI: simwright pki remove ${ciPKIdHex}`;
      assert.ok(shown.some((one) => one.advice === advice));
    }
  });

  test('of a proxy with a certificate of another kind is a warning', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const der = issueCertificate(
      {
        serialNumber: randomBytes(8),
        subject: [],
        publicKey,
        notBefore: new Date(Date.now() - DAY_MS),
        notAfter: new Date(Date.now() + DAY_MS),
        dNSName: ['localhost'],
      },
      { privateKey },
    );
    const cert = certificatePem(parseCertificate(der));
    const proxy = createServer({ cert, key: privateKeyPem(privateKey) }).listen(0, '127.0.0.1');
    proxy.on('tlsClientError', () => {});
    await once(proxy, 'listening');
    const shown = await look({}, (proxy.address() as AddressInfo).port);
    proxy.close();
    assert.match(shown[0]!, /^warning without a name: not a DPtls$/);
  });
});
