// Changes of the PKI made by a command reach running servers, on both databases.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { after, afterEach, before, test } from 'node:test';
import { openData } from '../../src/data.ts';
import type { Data } from '../../src/data.ts';
import { HttpsTransport } from '../../src/device/es9plus-transport.ts';
import { createEuicc } from '../../src/device/euicc.ts';
import { Lpa } from '../../src/device/lpa.ts';
import { issueCertificate, issueCrl } from '../../src/rsp/certificate-issue.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import { serverContents } from '../../src/rsp/test-certificates.ts';
import { issueEuicc } from '../../src/smdp/pki/issue-euicc.ts';
import { assemblePki } from '../../src/smdp/pki/pki.ts';
import { certificatePem, privateKeyPem } from '../../src/rsp/pem.ts';
import type { PkiRole, StoredCertificate } from '../../src/smdp/pki/pki-certificate.ts';
import { importPki } from '../../src/smdp/pki/pki-import.ts';
import { makeTestPki } from '../../src/smdp/pki/test-pki.ts';
import { onAllDatabasesAtOnce, serverOn } from '../databases.ts';
import { transactAt } from '../unit.ts';
import { eventually } from '../server.ts';
import { errorsLogged, moveClock, NO_CONTENT, statusOf, stepsOf, SUCCESS } from './calls.ts';
import { newEid, newEuicc } from './phone.ts';
import { ownHolder } from './wrong-certificates.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

onAllDatabasesAtOnce('a running server', (database) => {
  const server = serverOn(database, { stock: 10, es9: true });
  /** As for a command: the same database, through its own connections. */
  let command: Data;
  before(async () => {
    command = await openData(server().config, server().secrets);
  });
  after(() => command.store.close());
  afterEach(() => moveClock(server(), 0));

  const pki = () => server().server.context.pki;

  const inSeconds = (seconds: number) => new Date(Date.now() + 1_000 * seconds);

  function importFiles(certificates: readonly StoredCertificate[], now = new Date()) {
    const files = filesOf(certificates).map((content, index) => ({
      name: `file ${index}`,
      content: Buffer.from(content),
    }));
    return importPki(files, { ...command, transact: transactAt(command.store, now) });
  }

  const filesOf = (certificates: readonly StoredCertificate[]): string[] =>
    certificates.flatMap(({ role, certificate, privateKey }) => [
      certificatePem(certificate),
      ...(role === 'ci' || role === 'eum' ? [] : [privateKeyPem(privateKey!)]),
    ]);

  /** Certificates of the SM-DP+ under the server's CI, newer than its current ones. */
  function renewed(...roles: ('dpAuth' | 'dpPb' | 'dpTls')[]): StoredCertificate[] {
    const ci = ownHolder(server(), 'ci');
    return roles.map((role) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
      const basis = {
        serialNumber: Uint8Array.from([1, ...randomBytes(8)]),
        publicKey,
        notBefore: new Date(Date.now() - 60_000),
        notAfter: new Date(Date.now() + 20 * DAY_MS),
      };
      const { smdpOid } = pki().identities[0]!;
      const contents = {
        ...serverContents(basis, role, { smdpOid, hostName: 'localhost' }),
        ...(role === 'dpTls' ? { dNSName: ['localhost'] } : {}),
      };
      const certificate = parseCertificate(issueCertificate(contents, ci));
      return { role, ciPKIdHex: '', certificate, privateKey, generated: false };
    });
  }

  const has = ({ certificate }: StoredCertificate) =>
    pki().certificates.some((one) => Buffer.compare(one.certificate.der, certificate.der) === 0);

  async function servedSerial(): Promise<string> {
    const { es9Port } = server().config;
    const socket = connect({ port: es9Port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  }

  test('serves the devices of an imported CI until the CI is removed', async () => {
    const other = makeTestPki('localhost', new Date()).slice(0, 5);
    const of = (role: PkiRole) => other.find((one) => one.role === role)!;
    const ci = of('ci').certificate;
    function phone(): Lpa {
      const eid = newEid();
      const issued = issueEuicc(eid, 'prime256v1', assemblePki(other, [], new Date()), new Date());
      const euicc = createEuicc({
        eid,
        credentials: [issued],
        cis: [ci.der],
        defaultDpAddress: server().config.smdpAddress,
      });
      return new Lpa(euicc, { transport: new HttpsTransport({ cis: [ci.der] }) });
    }
    const order = await server().order({ GenerateMatchingId: 'true' });
    await assert.rejects(phone().download(order.activation_code), /certificate|unknown|self/i);
    await importFiles(other);
    await eventually(() => has(of('ci')) || undefined);
    await phone().download(order.activation_code);
    assert.equal(await statusOf(server(), order.sid), 'installed Installed');

    await command.store.transaction(({ pki: table }) => table.deleteCi(of('ci').ciPKIdHex));
    await eventually(() => !has(of('ci')) || undefined);
    const next = await server().order({ GenerateMatchingId: 'true' });
    await assert.rejects(phone().download(next.activation_code), /certificate|unknown|self/i);
    assert.deepEqual(errorsLogged(server()), []);
  });

  test('§2.6.6 serves a renewed DPtls in the next handshake, and logs its warnings', async () => {
    const [dpTls] = renewed('dpTls');
    assert.notEqual(await servedSerial(), dpTls!.certificate.serialNumberHex);
    await importFiles([dpTls!]);
    await eventually(() => has(dpTls!) || undefined);
    assert.equal(await servedSerial(), dpTls!.certificate.serialNumberHex);
    assert.match(server().logged.join(''), /DPtls certificate .* expires on /);
  });

  test('§5.7.5 finishes a session with the DPpb it began with when DPauth and DPpb are renewed', async () => {
    const order = await server().order({ GenerateMatchingId: 'true' });
    const again = await server().order({ GenerateMatchingId: 'true' });
    // Sessions use what was stored five seconds before they began.
    moveClock(server(), 10_000);
    const steps = await stepsOf(server(), order.matching_id).begin();
    const replaced = pki().identities[0]!.dpPb.certificate.serialNumberHex;
    const certificates = renewed('dpAuth', 'dpPb');
    await importFiles(certificates, inSeconds(11));
    await eventually(() => certificates.every(has) || undefined);
    assert.notEqual(pki().identities[0]!.dpPb.certificate.serialNumberHex, replaced);
    // The eUICC verifies with the DPpb that it received first.
    const result = steps.load(await steps.getPackage());
    assert.equal((await steps.notify(result)).result, NO_CONTENT);
    assert.equal(await statusOf(server(), order.sid), 'installed Installed');

    moveClock(server(), 20_000);
    const next = stepsOf(server(), again.matching_id);
    const { json } = await next.initiate();
    const { certificate } = certificates[0]!;
    assert.equal(json.serverCertificate, Buffer.from(certificate.der).toString('base64'));
    assert.equal((await next.authenticate()).result, SUCCESS);
    assert.equal(await statusOf(server(), again.sid), 'available Released');
    assert.equal((await next.notify(next.load(await next.getPackage()))).result, NO_CONTENT);
  });

  test('refuses eUICCs under an EUM that an imported CRL revokes → 8.1.2 / 6.1', async () => {
    const order = await server().order({ GenerateMatchingId: 'true' });
    const euicc = newEuicc(server());
    const authenticate = async () => {
      const steps = stepsOf(server(), order.matching_id, euicc);
      await steps.initiate();
      return (await steps.authenticate()).result;
    };
    assert.equal(await authenticate(), SUCCESS);
    const { serialNumberHex } = ownHolder(server(), 'eum').certificate;
    const content = issueCrl(
      {
        thisUpdate: new Date(Date.now() - DAY_MS),
        nextUpdate: new Date(Date.now() + DAY_MS),
        revoked: [{ serialNumberHex, revocationDate: new Date() }],
      },
      ownHolder(server(), 'ci'),
    );
    await importPki([{ name: 'ci.crl', content }], command);
    await eventually(() => pki().crls.length > 0 || undefined);
    assert.equal(await authenticate(), '8.1.2 / 6.1');
    assert.match(server().logged.join(''), /EUM certificate .* is revoked and not used/);
  });

  test('keeps the previous PKI if a changed one cannot be read, logs that once, and uses the next that can', async () => {
    const rows = await command.store.pki.list();
    const { ciPKIdHex } = pki().certificates.find(({ role }) => role === 'ci')!;
    const row = rows.find(({ ci_pk_id: ci }) => ci === ciPKIdHex);
    const damaged = { ...row!, fingerprint: 'FF', private_key: 'no seal' };
    await command.store.pki.insert(damaged);
    const told = () =>
      errorsLogged(server()).filter((line) =>
        line.includes('the changed certificates cannot be used'),
      );
    await eventually(() => told().length > 0 || undefined);
    const order = await server().order({ GenerateMatchingId: 'true' });
    const euicc = newEuicc(server(), { curve: 'brainpoolP256r1' });
    await stepsOf(server(), order.matching_id, euicc).begin();

    const held = pki();
    await command.store.settings.set('pki_changed', 'still damaged');
    await eventually(() => told().length > 1 || undefined);
    assert.equal(pki(), held);
    await command.store.pki.deleteCi(ciPKIdHex);
    await eventually(() => pki() !== held || undefined);
    assert.equal(told().length, 2);
  });
});
