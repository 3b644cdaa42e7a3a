// The PKI: generated at the first start, loaded and verified, imported from another CI, monitored for expiry.
import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { MasterKey } from '../../../src/process/keys.ts';
import { certificatePem, privateKeyPem } from '../../../src/rsp/pem.ts';
import { toPkiRow } from '../../../src/smdp/pki/pki-certificate.ts';
import type { PkiRole, StoredCertificate } from '../../../src/smdp/pki/pki-certificate.ts';
import { importPki, PkiImportRefused } from '../../../src/smdp/pki/pki-import.ts';
import type { PkiFile } from '../../../src/smdp/pki/pki-import.ts';
import { hostWarnings, pkiWarnings } from '../../../src/smdp/pki/pki-warnings.ts';
import { assemblePki, loadPki, readPki } from '../../../src/smdp/pki/pki.ts';
import { ensureTestTls, makeTestPki } from '../../../src/smdp/pki/test-pki.ts';
import { findSmdpOid, verifyServer } from '../../../src/rsp/certificate-chain.ts';
import type { Certificate } from '../../../src/rsp/certificate.ts';
import { parseCertificate } from '../../../src/rsp/certificate.ts';
import type { CrlContents, ExtensionContents } from '../../../src/rsp/certificate-issue.ts';
import { issueCertificate, issueCrl } from '../../../src/rsp/certificate-issue.ts';
import { encodeTlv } from '../../../src/rsp/der.ts';
import { isSignature } from '../../../src/rsp/signature.ts';
import { euiccContents } from '../../../src/rsp/test-certificates.ts';
import { transactAt } from '../../unit.ts';
import { openTestData } from '../../data.ts';
import type { TestData } from '../../data.ts';
import { onEachDatabase } from '../../databases.ts';

const NOW = new Date();
const DAY_MS = 24 * 60 * 60 * 1_000;
const later = (days: number) => new Date(NOW.getTime() + days * DAY_MS);
const masterKey = new MasterKey('11'.repeat(32));
const PEM = /-----BEGIN PRIVATE KEY-----/;

/** Another PKI, only on P-256. */
const otherPki = (now = NOW) => makeTestPki('smdp.example.com', now).slice(0, 5);

function of(pki: StoredCertificate[], role: PkiRole): StoredCertificate {
  return pki.find((certificate) => certificate.role === role)!;
}

const certificateFile = ({ role, certificate }: StoredCertificate): PkiFile => ({
  name: `${role}.cert.pem`,
  content: Buffer.from(certificatePem(certificate)),
});
const keyFile = ({ role, privateKey }: StoredCertificate): PkiFile => ({
  name: `${role}.key.pem`,
  content: Buffer.from(privateKeyPem(privateKey!)),
});
/** The files that an operator gets from a CI: without the CI's key. */
const filesOf = (pki: StoredCertificate[]): PkiFile[] => [
  certificateFile(of(pki, 'ci')),
  ...(['dpAuth', 'dpPb', 'dpTls'] as const).flatMap((role) => [
    certificateFile(of(pki, role)),
    keyFile(of(pki, role)),
  ]),
];

onEachDatabase('the PKI', (database) => {
  let data: TestData;
  before(async () => {
    data = await openTestData(database);
  });
  after(() => data[Symbol.asyncDispose]());

  const load = (now = NOW) => loadPki(data.store, data.masterKey, now);
  const importFiles = (files: PkiFile[]) =>
    importPki(files, { ...data, transact: transactAt(data.store, NOW) });

  async function assertRefused(files: PkiFile[], ...problems: RegExp[]): Promise<void> {
    const stored = await data.store.pki.list();
    await assert.rejects(importFiles(files), (error: PkiImportRefused) => {
      assert.ok(error instanceof PkiImportRefused, String(error));
      assert.equal(error.problems.length, problems.length, error.message);
      problems.forEach((problem, index) => assert.match(error.problems[index]!, problem));
      return true;
    });
    assert.deepEqual(await data.store.pki.list(), stored);
  }

  test('the first start generates a CI on each curve, with everything under it', async () => {
    const { identities, cis, tls, certificates } = await load();
    assert.deepEqual(
      identities.map(({ curve }) => curve),
      ['prime256v1', 'brainpoolP256r1'],
    );
    assert.equal(cis.length, 2);
    assert.equal(tls.length, 2);
    assert.equal(certificates.length, 10);
    for (const { ciPKId, ci, dpAuth, dpPb, smdpOid } of identities) {
      assert.deepEqual(Buffer.from(ci.extensions.subjectKeyIdentifier!), Buffer.from(ciPKId));
      assert.equal(findSmdpOid(dpPb.certificate), smdpOid);
      const bytes = randomBytes(20);
      const signature = await dpAuth.signer.sign(bytes);
      assert.ok(isSignature(dpAuth.certificate.publicKey, signature, bytes));
      assert.notDeepEqual(dpAuth.signer.publicKey, dpPb.signer.publicKey);
    }
    for (const { certificate, privateKey, generated } of certificates) {
      assert.ok(privateKey !== undefined && generated, certificate.serialNumberHex);
    }
  });

  test('§4.5.2.1.0.5: DPtls names the host of the SM-DP+ address, and localhost', async () => {
    const { tls, cis } = await load();
    const [{ certificate, certificatePem: pem, keyPem }] = tls as [(typeof tls)[0]];
    assert.deepEqual(certificate.extensions.subjectAltName.dNSName, ['localhost']);
    verifyServer(certificate, 'dpTls', cis[0]!, { now: NOW, hostName: 'localhost' });
    assert.ok(new X509Certificate(pem).checkPrivateKey(createPrivateKey(keyPem)));
  });

  test('is generated once, however many nodes start', async () => {
    const stored = await data.store.pki.list();
    const nodes = await Promise.all([data.open(), data.open(), data.open()]);
    for (const node of nodes) await node[Symbol.asyncDispose]();
    assert.deepEqual(await data.store.pki.list(), stored);
  });

  test('a command with another SM-DP+ address generates no certificates', async () => {
    const stored = await data.store.pki.list();
    await using node = await data.open({ smdpAddress: 'command.example.com' });
    assert.deepEqual(await node.store.pki.list(), stored);
  });

  test('another SM-DP+ address gets another DPtls, which keeps the previous names', async () => {
    for (const smdpAddress of ['RSP.example.com:8443', 'rsp.example.com', 'localhost:8443']) {
      await using node = await data.open({ smdpAddress });
      await ensureTestTls(smdpAddress, node);
      assert.equal((await node.store.pki.list()).length, 12);
    }
    // It is newer than the first one, or from the same second.
    const { certificates } = await load();
    const names = certificates
      .filter(({ role }) => role === 'dpTls')
      .map(({ certificate }) => certificate.extensions.subjectAltName.dNSName.join());
    assert.deepEqual(new Set(names), new Set(['localhost', 'rsp.example.com,localhost']));
  });

  test('keys are sealed, each to its certificate', async () => {
    const [first, second] = await data.store.pki.list();
    for (const { private_key: key } of [first!, second!]) {
      assert.doesNotMatch(Buffer.from(key!, 'base64').toString('latin1'), PEM);
    }
    const moved = { ...first!, private_key: second!.private_key };
    const tables = { pki: { list: async () => [moved], listCrls: async () => [] } };
    await assert.rejects(loadPki(tables as never, data.masterKey, NOW), { name: 'SealError' });
  });

  test('the key of another certificate is reported on loading', async () => {
    const pki = otherPki();
    const wrong = { ...of(pki, 'dpAuth'), privateKey: of(pki, 'dpPb').privateKey };
    const rows = [of(pki, 'ci'), wrong].map((row) => toPkiRow(row, data.masterKey, NOW));
    const tables = { pki: { list: async () => rows, listCrls: async () => [] } };
    await assert.rejects(loadPki(tables as never, data.masterKey, NOW), {
      name: 'PkiError',
      message: /^DPauth certificate .* is stored with the private key of another certificate$/,
    });
  });

  test('import assigns certificates by key identifier, in any order', async () => {
    const pki = otherPki();
    const { added, known, pki: loaded } = await importFiles(filesOf(pki).toReversed());
    assert.deepEqual(added.map(({ role }) => role).toSorted(), ['ci', 'dpAuth', 'dpPb', 'dpTls']);
    assert.deepEqual(known, []);
    // Takes precedence over the test PKI, whose keys may be public.
    const [identity] = loaded.identities;
    assert.deepEqual(identity!.ci.der, of(pki, 'ci').certificate.der);
    assert.deepEqual(loaded.tls[0]!.certificate.der, of(pki, 'dpTls').certificate.der);
    const again = await importFiles(filesOf(pki));
    assert.deepEqual([again.added.length, again.known.length], [0, 4]);
  });

  test('import takes several CIs at once, PEM and DER, keys as PKCS #8 and SEC 1', async () => {
    const [one, other] = [otherPki(), makeTestPki('a.example.com', NOW).slice(5)];
    const der = (pki: StoredCertificate[], role: PkiRole): PkiFile[] => [
      { name: `${role}.der`, content: of(pki, role).certificate.der },
      {
        name: `${role}.key.der`,
        content: of(pki, role).privateKey!.export({ type: 'sec1', format: 'der' }),
      },
    ];
    const sec1 = of(one, 'dpPb').privateKey!.export({ type: 'sec1', format: 'pem' });
    const { added } = await importFiles([
      {
        name: 'one.pem',
        content: Buffer.from(
          [
            certificatePem(of(one, 'dpPb').certificate),
            '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n',
            sec1,
            certificatePem(of(one, 'ci').certificate),
          ].join(''),
        ),
      },
      ...der(other, 'dpAuth'),
      { name: 'ci.der', content: of(other, 'ci').certificate.der },
      {
        name: 'eum.key.der',
        content: of(other, 'eum').privateKey!.export({ type: 'pkcs8', format: 'der' }),
      },
      { name: 'eum.der', content: of(other, 'eum').certificate.der },
    ]);
    assert.equal(added.length, 5);
    assert.ok(added.every(({ role, privateKey }) => role === 'ci' || privateKey !== undefined));
  });

  test('import skips certificates that an SM-DP+ has no use for', async () => {
    const pki = otherPki();
    const eum = of(pki, 'eum');
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const euicc = issueCertificate(
      euiccContents(
        { serialNumber: randomBytes(8), publicKey, notBefore: NOW, notAfter: later(9) },
        { eid: '89049032123451234512345678901235' },
      ),
      { certificate: eum.certificate, privateKey: eum.privateKey! },
    );
    const { added, passedOver } = await importFiles([
      certificateFile(of(pki, 'ci')),
      { name: 'euicc.der', content: euicc },
      { name: 'euicc.key.pem', content: Buffer.from(privateKeyPem(privateKey)) },
    ]);
    assert.equal(added.length, 1);
    assert.match(passedOver.join(), /serialNumber=89049032123451234512345678901235/);
  });

  test('import refuses, all or nothing, and reports all errors', async () => {
    const [pki, other] = [otherPki(), otherPki()];
    await assertRefused(
      [
        certificateFile(of(pki, 'ci')),
        certificateFile(of(pki, 'dpAuth')),
        keyFile(of(other, 'dpAuth')),
        certificateFile(of(other, 'dpPb')),
        { name: 'text', content: Buffer.from('hello') },
      ],
      /^text: expected PEM, or DER of a certificate, a private key or a CRL$/,
      /^dpAuth\.cert\.pem: expected the private key of the DPauth certificate .* too; got none; for keys kept elsewhere, set SIMWRIGHT_HSM or SIMWRIGHT_SIGNER$/,
      /^dpPb\.cert\.pem: the DPpb certificate .* is under the CI [0-9A-F]{40}, which is neither/,
      /^dpAuth\.key\.pem: expected the key of one of the certificates; got another$/,
    );
  });

  test('import refuses a certificate that its CI has not signed', async () => {
    const pki = otherPki();
    const forged = Buffer.from(of(pki, 'dpAuth').certificate.der);
    forged[forged.length - 1]! ^= 1;
    const altered = { ...of(pki, 'dpAuth'), certificate: parseCertificate(forged) };
    await assertRefused(
      [certificateFile(of(pki, 'ci')), certificateFile(altered), keyFile(altered)],
      /^dpAuth\.cert\.pem: DPauth certificate .* cannot be used: not signed by its issuer$/,
    );
  });

  test('import refuses unsupported keys, without revealing them', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const encrypted = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-128-cbc',
      passphrase: 'secret',
    });
    await assertRefused(
      [
        { name: 'a', content: Buffer.from(rsa.export({ type: 'pkcs8', format: 'pem' })) },
        { name: 'b', content: Buffer.from(encrypted) },
        {
          name: 'c',
          content: Buffer.from('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'),
        },
      ],
      /^a: expected an EC private key; got rsa$/,
      /^b: expected a private key without a passphrase; got an encrypted one$/,
      /^c: expected a private key; got something else$/,
    );
  });

  describe('§4.5.2.2 CRL', () => {
    const pki = otherPki();
    const { certificate, privateKey } = of(pki, 'ci');
    const issuer = { certificate, privateKey: privateKey! };
    const crl = (thisUpdate: Date, serialNumbers: string[] = []): PkiFile => ({
      name: 'ci.crl',
      content: issueCrl(
        {
          thisUpdate,
          nextUpdate: new Date(thisUpdate.getTime() + 7 * DAY_MS),
          revoked: serialNumbers.map((serialNumberHex) => ({
            serialNumberHex,
            revocationDate: thisUpdate,
          })),
        },
        issuer,
      ),
    });

    test('of an unknown CI is refused', async () => {
      const unknown = makeTestPki('a', NOW)[0]!;
      // Under another name, because one with the test CI's name exists here.
      const renamed = issueCrl(
        { thisUpdate: NOW },
        {
          certificate: of(otherPki(), 'eum').certificate,
          privateKey: unknown.privateKey!,
        },
      );
      await assertRefused(
        [{ name: 'a.crl', content: renamed }],
        /^a\.crl: the CRL was issued by .*, a CI neither stored nor among the files$/,
      );
      await assertRefused([crl(NOW)], /^ci\.crl: the CRL is not signed by its CI/);
    });

    test('comes with its CI, and is replaced by a newer one', async () => {
      const { pki: loaded, crls } = await importFiles([...filesOf(pki), crl(later(-2))]);
      assert.equal(crls, 1);
      assert.equal(loaded.crls.length, 1);
      await importFiles([crl(later(-1))]);
      assert.equal((await load()).crls.length, 1);
      await assertRefused(
        [crl(later(-2))],
        /^ci\.crl: expected a CRL not older than the stored one/,
      );
    });

    test('an outdated CRL still revokes, with a warning', async () => {
      const dpAuth = of(pki, 'dpAuth').certificate;
      await importFiles([crl(NOW, [dpAuth.serialNumberHex])]);
      for (const now of [NOW, later(30)]) {
        const loaded = await load(now);
        const cis = loaded.identities.map(({ ci }) => ci.serialNumberHex);
        assert.ok(!cis.includes(certificate.serialNumberHex));
        assert.deepEqual(
          loaded.certificates
            .filter(({ unusable }) => unusable !== undefined)
            .map(({ unusable, certificate: { serialNumberHex } }) => [unusable, serialNumberHex]),
          [['revoked', dpAuth.serialNumberHex]],
        );
      }
      const warnings = pkiWarnings(await load(later(30)), later(30));
      assert.match(warnings[0]!, /^The DPauth certificate .* is revoked and not used$/);
      assert.match(
        warnings[1]!,
        /^The CRL of .*Simwright Test CI.* has been out of date since \d{4}-/,
      );
    });
  });

  describe('§4.5.2.2 a CRL in parts', () => {
    const pki = otherPki();
    const { certificate, privateKey } = of(pki, 'ci');
    const revoked = ['0A', '0B', '0C'].map((serialNumberHex) => ({
      serialNumberHex,
      revocationDate: NOW,
    }));
    const integer = (oid: string, value: number): ExtensionContents => ({
      oid,
      isCritical: true,
      value: encodeTlv(0x02, Uint8Array.of(value)),
    });
    const crl = (name: string, thisUpdate: Date, changes: Partial<CrlContents>): PkiFile => ({
      name,
      content: issueCrl(
        { thisUpdate, nextUpdate: later(7), ...changes },
        { certificate, privateKey: privateKey! },
      ),
    });
    const part = (number: number, total: number, thisUpdate = NOW) =>
      crl(`part ${number}`, thisUpdate, {
        revoked: [revoked[number - 1]!],
        extensions: [integer('2.23.146.1.2.0.2', total), integer('2.23.146.1.2.0.3', number)],
      });
    const whole = (thisUpdate = NOW) => crl('whole', thisUpdate, { revoked });
    const scopes = async () =>
      (await load()).crls
        .filter(({ ciPKId }) => Buffer.compare(ciPKId, idOf(certificate)) === 0)
        .map(({ scope }) => scope);

    test('is kept part by part, with a warning about missing parts', async () => {
      await importFiles([...filesOf(pki), whole(later(-3)), part(1, 3)]);
      assert.deepEqual(await scopes(), ['', '1/3']);
      await importFiles([part(3, 3)]);
      const warnings = pkiWarnings(await load(), NOW);
      const missing = warnings.filter((warning) => warning.includes('(missing: '));
      assert.equal(missing.length, 1);
      assert.match(
        missing[0]!,
        / is incomplete \(missing: part 2 of 3\): the revocations in that part are unknown$/,
      );
    });

    test('replaces a whole one when complete, and is replaced by a whole one', async () => {
      await importFiles([part(2, 3)]);
      assert.deepEqual(await scopes(), ['1/3', '2/3', '3/3']);
      await assertRefused([part(2, 3, later(-1))], /^part 2: expected a CRL not older/);
      await importFiles([whole()]);
      assert.deepEqual(await scopes(), ['']);
      await assertRefused([part(1, 3, later(-1))], /^part 1: expected a CRL not older/);
    });

    test('that cannot be used is refused with the reason', async () => {
      const base = integer('2.5.29.27', 1);
      await assertRefused(
        [crl('delta', NOW, { extensions: [base] })],
        /^delta: The CRL of .* cannot be used: it is a delta CRL, with only the changes since another; import the complete one$/,
      );
      const unknown = { oid: '1.2.3.4', isCritical: true, value: encodeTlv(0x05) };
      await assertRefused(
        [crl('entry', NOW, { revoked: [{ ...revoked[0]!, extensions: [unknown] }] })],
        /^entry: .*: critical extension 1\.2\.3\.4 of an entry is unknown$/,
      );
    });

    test('that cannot be used, but was accepted by an older version, only causes a warning', async () => {
      const { content } = crl('delta', NOW, { extensions: [integer('2.5.29.27', 1)] });
      await data.store.transaction((tables) =>
        tables.pki.setCrl({
          ci_pk_id: Buffer.from(idOf(certificate)).toString('hex').toUpperCase(),
          scope: '',
          crl: Buffer.from(content).toString('base64'),
          date_created: '',
        }),
      );
      assert.deepEqual(await scopes(), []);
      const [warning] = pkiWarnings(await load(), NOW).filter((one) => /delta CRL/.test(one));
      assert.match(warning!, /^The CRL of .*: its revocations are ignored$/);
    });
  });

  test('a CI is removed with everything under it', async () => {
    const [ci] = (await load()).identities;
    const id = Buffer.from(ci!.ciPKId).toString('hex').toUpperCase();
    const removed = await data.store.transaction((tables) => tables.pki.deleteCi(id));
    assert.ok(removed > 1);
    const { certificates } = await load();
    assert.ok(!certificates.some(({ ciPKIdHex }) => ciPKIdHex === id));
  });
});

const idOf = ({ extensions }: Certificate) => extensions.subjectKeyIdentifier!;

function years(count: number): Date {
  const date = new Date(NOW);
  date.setUTCFullYear(date.getUTCFullYear() + count);
  return date;
}

describe('pkiWarnings', () => {
  const pki = otherPki();
  const warnings = (now: Date, from = pki) => pkiWarnings(assemblePki(from, [], now), now);
  test('is silent about certificates valid for 30 more days', () => {
    assert.deepEqual(warnings(NOW), []);
    assert.deepEqual(warnings(new Date(years(10).getTime() - 32 * DAY_MS)), []);
  });

  test('warns for 30 days before the end', () => {
    const soon = warnings(new Date(years(10).getTime() - 30 * DAY_MS));
    assert.equal(soon.length, 3);
    assert.match(soon[0]!, /^The DP\w+ certificate .* expires on \d{4}-\d\d-\d\d, in 28 days$/);
  });

  test('expired certificates are not used, with a warning if none is left', () => {
    const now = years(11);
    const { identities, tls, cis } = assemblePki(pki, [], now);
    assert.deepEqual([identities.length, tls.length, cis.length], [0, 0, 1]);
    const expired = warnings(now);
    assert.match(expired[0]!, / expired on .* and is not used$/);
    assert.match(expired.at(-1)!, /^No CI has both a DPauth and a DPpb with their keys/);
  });

  test('stored certificates are checked again when a validity begins or ends', async () => {
    const rows = [...pki, ...otherPki(later(3))].map((stored) => toPkiRow(stored, masterKey, NOW));
    const tables = { pki: { list: async () => rows, listCrls: async () => [] } };
    const stored = await readPki(tables as never, masterKey);
    const usable = (now: Date) => stored.at(now).identities.length;
    assert.deepEqual([NOW, later(4), years(11), NOW].map(usable), [1, 2, 0, 1]);
    // Not on every call.
    assert.equal(stored.at(later(4)), stored.at(later(5)));
  });

  test('certificates not yet valid are not used', () => {
    const future = otherPki(later(10));
    assert.match(warnings(NOW, future)[0]!, /is not valid before .* and not used yet$/);
  });

  test('warns if the DPtls in use does not name the host of SIMWRIGHT_SMDP_ADDRESS', () => {
    const loaded = assemblePki(pki, [], NOW);
    assert.deepEqual(hostWarnings(loaded, 'SMDP.example.com:8443'), []);
    const [warning, ...others] = hostWarnings(loaded, 'esim.example.com:8443');
    assert.deepEqual(others, []);
    assert.match(
      warning!,
      /^The DPtls certificate .* names smdp\.example\.com, localhost, but not esim\.example\.com of SIMWRIGHT_SMDP_ADDRESS/,
    );
    const both = assemblePki([...pki, ...makeTestPki('esim.example.com', NOW)], [], NOW);
    assert.deepEqual(hostWarnings(both, 'esim.example.com'), [warning]);
    assert.deepEqual(hostWarnings(assemblePki([], [], NOW), 'esim.example.com'), []);
  });

  test('§5.7.5: DPauth and DPpb of two different SM-DP+ do not form an identity', () => {
    const ci = of(pki, 'ci');
    const dpPb = of(pki, 'dpPb');
    const der = issueCertificate(
      {
        serialNumber: randomBytes(8),
        subject: dpPb.certificate.subject.attributes,
        publicKey: dpPb.certificate.publicKey,
        notBefore: dpPb.certificate.notBefore,
        notAfter: dpPb.certificate.notAfter,
        keyUsage: ['digitalSignature'],
        certificatePolicies: ['2.23.146.1.2.1.5'],
        registeredID: ['2.999.77'],
      },
      { certificate: ci.certificate, privateKey: ci.privateKey! },
    );
    const others = pki.map((stored) =>
      stored === dpPb ? { ...dpPb, certificate: parseCertificate(der) } : stored,
    );
    assert.deepEqual(assemblePki(others, [], NOW).identities, []);
  });
});
