// §4.5.2.2, RFC 5280 §4.2.1.13: CRLs are fetched from where certificates say, and used by every node.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { CrlContents } from '../../../src/rsp/certificate-issue.ts';
import { issueCrl } from '../../../src/rsp/certificate-issue.ts';
import { encodeTlv } from '../../../src/rsp/der.ts';
import { attributeTypes } from '../../../src/rsp/distinguished-name.ts';
import { ciContents, eumContents, operatorContents } from '../../../src/rsp/test-certificates.ts';
import { certificatePem } from '../../../src/rsp/pem.ts';
import { crlsIn } from '../../../src/smdp/crls/crl-der.ts';
import { syncCrlPoints } from '../../../src/smdp/crls/crl-points.ts';
import { claimPoint, crlLookups, fetchCrl, pauseAfter } from '../../../src/smdp/crls/fetch-crl.ts';
import { importCrl } from '../../../src/smdp/crls/import-crls.ts';
import { importOperatorCas } from '../../../src/smdp/operators/operator-ca.ts';
import { readOperatorFile } from '../../../src/smdp/operators/operator-file.ts';
import { judgeCertificate, readRegister } from '../../../src/smdp/operators/operator-trust.ts';
import { ciPKIdHexOf } from '../../../src/smdp/pki/pki-certificate.ts';
import { importPki } from '../../../src/smdp/pki/pki-import.ts';
import { issue } from '../../../src/smdp/pki/test-pki.ts';
import type { Issued } from '../../../src/smdp/pki/test-pki.ts';
import { loadPki } from '../../../src/smdp/pki/pki.ts';
import type { CrlPointRow } from '../../../src/store/schema.ts';
import { openTestData } from '../../data.ts';
import type { TestData } from '../../data.ts';
import { onEachDatabase } from '../../databases.ts';
import { startAnswering } from '../../answering-server.ts';
import type { AnsweringServer } from '../../answering-server.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const NOW = new Date();
const later = (days: number) => new Date(NOW.getTime() + days * DAY_MS);

const crlOf = ({ certificate, privateKey }: Issued, contents: Partial<CrlContents> = {}) =>
  issueCrl(
    { thisUpdate: later(-1), nextUpdate: later(6), ...contents },
    { certificate, privateKey },
  );
const revoking = ({ certificate }: Issued): Partial<CrlContents> => ({
  revoked: [{ serialNumberHex: certificate.serialNumberHex, revocationDate: later(-2) }],
});

/** A server of CRLs. */
let web: AnsweringServer;
before(async () => {
  web = await startAnswering();
});
after(() => web[Symbol.dispose]());

test('§4.5.2.2 a CRL is fetched again long before the next one is due, at least daily, and not by all at once', () => {
  const minutes = (days: number | null, random: number) =>
    pauseAfter(days === null ? null : later(days).toISOString(), NOW, () => random) / 60_000;
  assert.deepEqual(
    [90, 0.5, 0.001, -1, null].map((days) => minutes(days, 0)),
    [1440, 360, 5, 60, 1440],
  );
  assert.equal(minutes(90, 1), 1152);
});

test('RFC 7468 §5 CRLs in PEM are found, in as long as it takes to read them once', () => {
  const [begin, end] = ['-----BEGIN X509 CRL-----', '-----END X509 CRL-----'];
  const text = (content: string) =>
    crlsIn(Buffer.from(content)).map((one) => Buffer.from(one).toString());
  const pem = (content: string) => `${begin}\n${btoa(content)}\n${end}\n`;
  assert.deepEqual(text(`A list:\n${pem('one')}${pem('two')}`), ['one', 'two']);
  assert.deepEqual(text(`${pem('one')}${begin}\n`), ['one']);
  // With a search from each beginning to the end of all, this would take hours.
  const endless = begin.repeat(1_000_000);
  assert.deepEqual(text(endless), [endless]);
});

onEachDatabase('§4.5.2.2 fetched CRLs', (database) => {
  let data: TestData;
  let ci: Issued;
  let eum: Issued;
  let ciId: string;
  before(async () => {
    data = await openTestData(database);
    const cRLDistributionPoints = [`${web.base}/ci.crl`, 'ldap://ci.example.com/'];
    ci = issue('prime256v1', 30, NOW, (basis) =>
      ciContents({ ...basis, cRLDistributionPoints }, { name: 'CI with CRLs' }),
    );
    eum = issue('prime256v1', 30, NOW, (basis) => eumContents(basis), ci);
    ciId = ciPKIdHexOf(ci.certificate);
    await importPki([fileOf('ci', ci)], data);
    await data.transact(syncCrlPoints);
  });
  after(() => data[Symbol.asyncDispose]());

  const fileOf = (name: string, { certificate }: Issued) => ({ name, content: certificate.der });
  const points = (issuer = ciId) =>
    data.store.crlPoints.list().then((all) => all.filter((point) => point.issuer === issuer));
  const load = () => loadPki(data.store, data.masterKey, NOW);

  /** Fetches, from a server that answers so. */
  async function fetchFrom(how: RequestListener, point?: CrlPointRow, config = data.config) {
    web.asked = [];
    web.answer = how;
    const [first] = await points();
    const claimed = await claimPoint(point ?? first!, data);
    return fetchCrl(claimed!, crlLookups(), undefined, { ...data, config });
  }
  const sending =
    (content: Uint8Array | string, headers: Record<string, string> = {}): RequestListener =>
    (_request, response) =>
      response.writeHead(200, headers).end(content);

  test('come from the distribution points of certificates that can be fetched', async () => {
    const [point, ...others] = await points();
    assert.deepEqual(others, []);
    assert.deepEqual(
      [point!.url, point!.kind, point!.added_by, point!.failures],
      [`${web.base}/ci.crl`, 'ci', 'certificate', 0],
    );
    assert.ok(Date.parse(point!.next_fetch_at) <= Date.now(), 'it is due at once');
    await data.transact(syncCrlPoints);
    assert.deepEqual(await points(), [point]);
  });

  test('are stored, and revoke; one node of many fetches', async () => {
    const [point] = await points();
    const [one, other] = await Promise.all([claimPoint(point!, data), claimPoint(point!, data)]);
    assert.equal([one, other].filter((claimed) => claimed === undefined).length, 1);
    assert.equal(await data.store.crlPoints.nextDue(later(0).toISOString()), undefined);
    // Its node has died: the claim ends.
    assert.ok(await data.store.crlPoints.nextDue(later(1).toISOString()));
    await data.transact(({ tables }) => tables.crlPoints.settle((one ?? other)!, {}));

    const content = crlOf(ci, { ...revoking(eum), crlNumber: 7 });
    const { outcome } = await fetchFrom(sending(content, { ETag: '"7"' }));
    assert.equal(outcome, 'new');
    const { crls } = await load();
    assert.deepEqual(
      crls.map((crl) => [crl.number, [...crl.revoked]]),
      [[7n, [eum.certificate.serialNumberHex]]],
    );
    const [fetched] = await points();
    assert.deepEqual(
      [fetched!.etag, fetched!.next_update, fetched!.error, fetched!.locked_until],
      ['"7"', crls[0]!.nextUpdate!.toISOString(), null, null],
    );
    const pause = Date.parse(fetched!.next_fetch_at) - Date.now();
    assert.ok(pause > 0.7 * DAY_MS && pause <= DAY_MS, String(pause));
  });

  test('that are still the same change nothing, whether the server says so or sends it again', async () => {
    const token = await data.store.pki.changeToken();
    const same = await fetchFrom((_request, response) => response.writeHead(304).end());
    assert.equal(same.outcome, 'unchanged');
    assert.equal(web.asked[0]!.headers['if-none-match'], '"7"');
    const { crl } = (await data.store.pki.listCrls())[0]!;
    const pem = `-----BEGIN X509 CRL-----\n${crl}\n-----END X509 CRL-----\n`;
    assert.equal((await fetchFrom(sending(pem))).outcome, 'unchanged');
    assert.equal(await data.store.pki.changeToken(), token);
  });

  for (const [what, contents, message] of [
    [
      'of another CI',
      () => crlOf(issue('prime256v1', 9, NOW, (b) => ciContents(b, { name: 'CI with CRLs' }))),
      /not signed by its CI/,
    ],
    ['of an EUM', () => crlOf(eum), /not from this CI/],
    [
      'with a lower number',
      () => crlOf(ci, { thisUpdate: later(0), crlNumber: 6 }),
      /^expected a CRL with number 7, as the stored one, or higher; got 6$/,
    ],
    [
      'that is older',
      () => crlOf(ci, { thisUpdate: later(-3), crlNumber: 8 }),
      /^expected a CRL not older than the stored one of .*; got an older one/,
    ],
    [
      'from the future',
      () => crlOf(ci, { thisUpdate: later(1), crlNumber: 8 }),
      /is not valid before/,
    ],
    [
      'that is a delta',
      () =>
        crlOf(ci, {
          crlNumber: 8,
          extensions: [
            { oid: '2.5.29.27', isCritical: true, value: encodeTlv(2, Uint8Array.of(7)) },
          ],
        }),
      /delta CRL/,
    ],
    [
      'with an unknown critical extension',
      () => crlOf(ci, { crlNumber: 8, unknownCritical: ['1.2.3.4'] }),
      /critical CRL extension 1\.2\.3\.4 is unknown/,
    ],
    [
      'signed with another key of the CI',
      () =>
        crlOf(ci, {
          crlNumber: 8,
          extensions: [
            { oid: '2.5.29.35', value: encodeTlv(0x30, encodeTlv(0x80, new Uint8Array(20))) },
          ],
        }),
      /not from this CI/,
    ],
    [
      'that was changed, whose entries are not even read,',
      () => {
        const list = Buffer.from(crlOf(ci, { ...revoking(eum), crlNumber: 8 }));
        const serial = Buffer.from(eum.certificate.serialNumberHex, 'hex');
        // The tag of the time of the entry.
        list[list.indexOf(serial) + serial.length] = 0x05;
        return list;
      },
      /was not signed by its CI/,
    ],
    ['that is none', () => 'hello', /cannot be used/],
    ['that is a certificate', () => ci.certificate.der, /cannot be used/],
  ] as const) {
    test(`${what} are refused, and asked for again`, async () => {
      const stored = await data.store.pki.listCrls();
      const { failures } = (await points())[0]!;
      const { outcome, error } = await fetchFrom(sending(contents()));
      assert.equal(outcome, 'refused');
      assert.match(error!, message);
      assert.deepEqual(await data.store.pki.listCrls(), stored);
      const [point] = await points();
      assert.deepEqual([point!.failures, point!.error], [failures + 1, error]);
    });
  }

  test('that do not come are asked for again, soon at first', async () => {
    const [earlier] = await points();
    const { outcome } = await fetchFrom((_request, response) => response.writeHead(503).end());
    assert.equal(outcome, 'failed');
    const [failed] = await points();
    assert.equal(failed!.error, 'answered 503; expected 200');
    assert.equal(failed!.date_fetched, earlier!.date_fetched);
    const pause = Date.parse(failed!.next_fetch_at) - Date.now();
    assert.ok(pause <= 4 * 3_600_000, String(pause));
    const good = await fetchFrom(sending(crlOf(ci, { thisUpdate: later(0), crlNumber: 8 })));
    assert.equal(good.outcome, 'new');
    const [point] = await points();
    assert.deepEqual([point!.failures, point!.error, point!.date_failed], [0, null, null]);
  });

  test('are not fetched from private addresses where callbacks may not go either', async () => {
    const config = { ...data.config, callbackPrivateNetworks: false };
    const { outcome, error } = await fetchFrom(sending(''), undefined, config);
    assert.equal(outcome, 'failed');
    assert.match(error!, /^the host has no public address/);
    assert.equal(web.asked.length, 0);
  });

  test('are fetched again at once when their CI is imported again', async () => {
    await fetchFrom(sending(crlOf(ci, { thisUpdate: later(0), crlNumber: 9 }), { ETag: '"9"' }));
    await data.transact(({ tables }) => tables.pki.deleteCi(ciId));
    await importPki([fileOf('ci', ci)], data);
    const { outcome } = await fetchFrom(sending(crlOf(ci, { thisUpdate: later(0), crlNumber: 9 })));
    assert.equal(web.asked[0]!.headers['if-none-match'], undefined);
    assert.equal(outcome, 'new');
  });

  test('are no longer fetched when their CI is removed', async () => {
    await data.transact(({ tables }) => tables.pki.deleteCi(ciId));
    await data.transact(syncCrlPoints);
    assert.deepEqual(await points(), []);
  });

  describe('§6.1 of the CA of an operator', () => {
    let ca: Issued;
    let client: Issued;
    before(async () => {
      ca = issue('prime256v1', 9, NOW, (basis) => ({
        ...basis,
        subject: [{ type: attributeTypes.CN, value: 'CA of an operator' }],
        keyUsage: ['keyCertSign', 'cRLSign'],
        basicConstraints: { cA: true },
      }));
      client = issue(
        'prime256v1',
        2,
        NOW,
        (basis) => ({
          ...operatorContents(basis, 'client'),
          cRLDistributionPoints: [`${web.base}/mno.crl`],
        }),
        ca,
      );
      const pem = Buffer.from(certificatePem(ca.certificate));
      await importOperatorCas([readOperatorFile(pem)], data);
      const fingerprint = new X509Certificate(client.certificate.der).fingerprint256;
      await data.transact(async ({ tables }) => {
        await tables.operators.insert({
          sid: `OP${'1'.repeat(32)}`,
          account_sid: `AC${'1'.repeat(32)}`,
          friendly_name: 'Operator',
          requester_identifier: null,
          progress_url: null,
          progress_ca: null,
          date_created: NOW.toISOString(),
          date_updated: NOW.toISOString(),
          date_revoked: null,
        });
        await tables.operators.insertCertificate({
          fingerprint: fingerprint.replaceAll(':', ''),
          operator_sid: `OP${'1'.repeat(32)}`,
          certificate: Buffer.from(client.certificate.der).toString('base64'),
          date_created: NOW.toISOString(),
          date_ends: null,
        });
      });
      await data.transact(syncCrlPoints);
    });

    async function judged(): Promise<string | undefined> {
      const { certificates } = await readRegister(data);
      const [registered] = certificates.values();
      const peer = judgeCertificate(registered, NOW, data.config);
      return peer instanceof Error ? `${peer.subjectCode}/${peer.reasonCode}` : undefined;
    }

    test('a certificate that it revokes is refused with 1.1/1.2, once the CRL is fetched', async () => {
      const point = (await data.store.crlPoints.list()).find(({ kind }) => kind === 'operatorCa')!;
      assert.equal(point.url, `${web.base}/mno.crl`);
      assert.equal(await judged(), undefined);
      const list = crlOf(ca, { ...revoking(client), crlNumber: 2 });
      assert.equal((await fetchFrom(sending(list), point)).outcome, 'new');
      assert.equal(await judged(), '1.1/1.2');
      assert.equal((await fetchFrom(sending(list), point)).outcome, 'unchanged');
      const back = crlOf(ca, { thisUpdate: later(0), crlNumber: 1 });
      const { error } = await fetchFrom(sending(back), point);
      assert.equal(error, 'the CRL has number 1, but number 2 is here already');
      assert.equal(await judged(), '1.1/1.2');
    });

    test('is imported by hand as those of CIs are', async () => {
      const list = crlOf(ca, { thisUpdate: later(0), crlNumber: 3 });
      assert.equal((await data.transact((unit) => importCrl(list, unit))).isNew, true);
      assert.equal(await judged(), undefined);
      await assert.rejects(
        data.transact((unit) => importCrl(crlOf(eum), unit)),
        {
          message: 'the CRL is from none of the CAs that are imported',
        },
      );
    });
  });
});
