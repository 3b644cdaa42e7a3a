// §5.3.5 ES2+.HandleDownloadProgressInfo of a rented SM-DP+: only from the right peer, only about what fits the order, late, twice
// and out of order.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { operatorRole } from '../../../src/operator/rented/operator-role.ts';
import { takeReport } from '../../../src/operator/rented/take-report.ts';
import { ProfileInstallationResultData } from '../../../src/rsp/definitions/notification.ts';
import { encodeTlv } from '../../../src/rsp/der.ts';
import { makeTestPki } from '../../../src/smdp/pki/test-pki.ts';
import type { EsimProfileRow } from '../../../src/store/schema.ts';
import { onEachDatabase } from '../../databases.ts';
import { twoSides } from './two-sides.ts';
import type { TwoSides } from './two-sides.ts';

const EID = '89049032005008882600033489AAAAAA';
const FAILED: ProfileInstallationResultData = {
  transactionId: new Uint8Array(16),
  notificationMetadata: {
    seqNumber: 1,
    profileManagementOperation: ['notificationInstall'],
    notificationAddress: 'smdp.example',
  },
  smdpOid: '1.2.3',
  finalResult: { errorResult: { bppCommandId: 2, errorReason: 12 } },
};
const SUCCESS = { status: 'Executed-Success' } as const;
const header = { functionRequesterIdentifier: 'smdp.example', functionCallIdentifier: '1' };

onEachDatabase('§5.3.5 a report of a rented SM-DP+', (database) => {
  let sides: TwoSides;
  let order: EsimProfileRow;
  before(async () => {
    sides = await twoSides(database);
    await sides.stock(20);
  });
  after(() => sides[Symbol.asyncDispose]());
  beforeEach(async () => {
    sides.fault = () => undefined;
    sides.restart();
    const { sid } = await sides.order();
    await sides.reserveAll();
    order = await sides.find(sid);
  });

  type Given = Partial<Parameters<typeof takeReport>[0]>;
  const report = (point: number, given: Given = {}) =>
    takeReport(
      {
        header,
        iccid: order.iccid!,
        eid: EID,
        profileType: 'default',
        timestamp: sides.data.store.now().toISOString(),
        notificationPointId: point,
        notificationPointStatus: SUCCESS,
        ...given,
      },
      sides.context,
    );
  const now = async () => {
    const { status, eid } = await sides.find(order.sid);
    return [status, eid];
  };
  const causes = async () => (await sides.causes(order.sid)).slice(3);

  test('moves the status: point 3 downloaded, 4 installed; others go into the history', async () => {
    await report(3);
    assert.deepEqual(await now(), ['downloaded', EID]);
    await report(4, { iccid: `${order.iccid}F` });
    assert.deepEqual(await now(), ['installed', EID]);
    await report(101);
    await report(5);
    assert.deepEqual(await causes(), [
      'bound profile package delivered',
      'installed on the device',
      'enabled on the device',
      'deleted on the device',
    ]);
  });

  test('that comes again, as the same call or another, changes nothing more', async () => {
    const timestamp = sides.data.store.now().toISOString();
    await report(101, { timestamp });
    const after101 = await causes();
    await report(101, { timestamp });
    await report(101, { timestamp, header: { ...header, functionCallIdentifier: '2' } });
    assert.deepEqual(await causes(), after101);
  });

  test('of point 4 before that of point 3 infers the download; that of point 3 then changes nothing', async () => {
    await report(4);
    assert.deepEqual(await now(), ['installed', EID]);
    const installed = await causes();
    assert.deepEqual(installed, ['bound profile package delivered', 'installed on the device']);
    await report(3);
    assert.deepEqual([await now(), await causes()], [['installed', EID], installed]);
  });

  test('of a failure ends the order with its codes', async () => {
    const statusCodeData = { subjectCode: '8.8.5', reasonCode: '6.4', message: 'too often' };
    await report(1, {
      notificationPointStatus: { status: 'Failed', statusCodeData },
      resultData: 'AAAA',
    });
    const { status, error_code: code } = await sides.find(order.sid);
    assert.deepEqual([status, code], ['failed', '8.8.5/6.4']);
  });

  test('with codes and a message that no database can store is kept in a form that can be shown', async () => {
    const statusCodeData = {
      subjectCode: '8.8.5\0',
      reasonCode: 'x'.repeat(1e4),
      message: `a\0\n\ud800${'b'.repeat(1e5)}`,
    };
    await report(1, { notificationPointStatus: { status: 'Failed', statusCodeData } });
    const { status, error_code: code, error_message: message } = await sides.find(order.sid);
    assert.deepEqual([status, code, message], ['failed', '8/4.2', `a  \ufffd${'b'.repeat(496)}`]);
  });

  for (const form of ['signed, as the standard has it', 'without its signature']) {
    test(`of a failed installation has the error of the eUICC's result, ${form}`, async () => {
      const data = ProfileInstallationResultData.encode(FAILED);
      const isSigned = form.startsWith('signed');
      const der = isSigned ? encodeTlv(0xbf37, data, encodeTlv(0x5f37, new Uint8Array(64))) : data;
      const statusCodeData = { subjectCode: '8.2', reasonCode: '4.2' };
      await report(4, {
        notificationPointStatus: { status: 'Failed', statusCodeData },
        resultData: Buffer.from(der).toString('base64'),
      });
      const { status, error_code: code } = await sides.find(order.sid);
      assert.deepEqual([status, code], ['failed', '2/12']);
    });
  }

  test('about another EID, an ICCID that no order has, or from before the order changes nothing', async () => {
    await report(3);
    const unchanged = await sides.find(order.sid);
    await report(4, { eid: '89049032005008882600033489BBBBBB' });
    await report(4, { iccid: '8999901000000999990' });
    await report(4, { timestamp: '2020-01-01T00:00:00Z' });
    assert.deepEqual(await sides.find(order.sid), unchanged);
  });

  test('that comes before the answer to ConfirmOrder is refused, so that it comes again', async () => {
    sides.fault = (name) => (name === 'confirmOrder' ? 'answer lost' : undefined);
    await sides.order();
    await sides.reserveAll();
    const other = (await sides.ordered()).at(-1);
    await assert.rejects(report(3, { iccid: other!.iccid }), { name: 'Conflict' });
  });

  test('of a deletion queues the release again that the account wants, and is not held up by it', async () => {
    const { accountSid, data } = sides;
    await data.transact(({ tables }) =>
      tables.accounts.update(accountSid, { release_again: 'failure' }),
    );
    sides.fault = () => 'down';
    await report(3);
    const statusCodeData = { subjectCode: '8.2.5', reasonCode: '4.2', message: 'failed' };
    await report(4, { notificationPointStatus: { status: 'Failed', statusCodeData } });
    assert.deepEqual(await now(), ['failed', EID]);
  });
});

describe('the peer that may report', () => {
  const now = new Date('2026-11-29T12:00:00Z');
  const pem = (der: Uint8Array) => new X509Certificate(der);
  const pkiFor = (host: string, date = now) => {
    const made = makeTestPki(host, date).filter(
      ({ certificate }) => certificate.curve === 'prime256v1',
    );
    const of = (role: string) => pem(made.find((one) => one.role === role)!.certificate.der);
    return { ca: of('ci'), tls: of('dpTls') };
  };
  const mine = pkiFor('smdp.example');
  const fingerprintOf = (certificate: X509Certificate) =>
    certificate.fingerprint256.replaceAll(':', '');
  const identify = (
    certificate: X509Certificate,
    known: { host?: string; reporters?: string[] } = {},
    at = now,
  ) => {
    const { host = 'smdp.example', reporters = [] } = known;
    const role = operatorRole({ host, cas: [mine.ca], reporters }, async () => {}, {
      now: () => at,
    });
    return role.identify({ certificate, fingerprint: fingerprintOf(certificate) });
  };
  const refusal = (reason: string) => ({ subjectCode: '1.1', reasonCode: reason });

  test('has a certificate for its host, under a CA that was given', async () => {
    assert.equal(await identify(mine.tls), 'smdp.example');
    await assert.rejects(identify(pkiFor('smdp.example').tls), refusal('6.1'));
  });

  test('is not another customer of the same CA, unless its certificate was given by its fingerprint', async () => {
    await assert.rejects(identify(mine.tls, { host: 'other.example' }), refusal('1.1'));
    const reporters = [fingerprintOf(mine.tls)];
    assert.equal(await identify(mine.tls, { host: 'other.example', reporters }), 'other.example');
  });

  test('has a certificate that is valid now', async () => {
    const late = new Date(mine.tls.validToDate.getTime() + 1);
    const early = new Date(mine.tls.validFromDate.getTime() - 1);
    await assert.rejects(identify(mine.tls, {}, late), refusal('6.3'));
    await assert.rejects(identify(mine.tls, {}, early), refusal('6.1'));
  });

  test('has a CA that is valid now, as it must be for our own calls', async () => {
    const late = mine.ca.validToDate.getTime() + 1_000;
    const outlives = Object.create(mine.tls, {
      validToDate: { value: new Date(late + 1_000) },
      validFromDate: { value: mine.tls.validFromDate },
      fingerprint256: { value: mine.tls.fingerprint256 },
    });
    for (const method of ['checkIssued', 'verify', 'checkHost'] as const) {
      outlives[method] = mine.tls[method].bind(mine.tls);
    }
    await assert.rejects(identify(outlives, {}, new Date(late)), {
      ...refusal('6.1'),
      message: /CA of the client certificate has expired/,
    });
  });
});
