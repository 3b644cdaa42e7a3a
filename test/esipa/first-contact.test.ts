// eUICCs that nobody has registered: kept only within a range of an account, and registered only once they have proved who they are.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { EimContext } from '../../src/eim/eim.ts';
import { MOST_CONTACTS } from '../../src/eim/first-contact/take-contact-data.ts';
import { MOST_RANGES } from '../../src/eim/ranges.ts';
import { rotatePackageKey } from '../../src/eim/server-keys.ts';
import { EuiccPackageRequest } from '../../src/rsp/definitions/euicc-package.ts';
import { encodeTlv } from '../../src/rsp/der.ts';
import { completeEid } from '../../src/rsp/identifiers.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { eventually } from '../server.ts';
import type { TestServer } from '../server.ts';
import { Ipa, packageFor } from './ipa.ts';

const NOTHING = 1;
const EID_NOT_FOUND = 2;
const UNDEFINED = 127;

let number = 0;
/** An EID of the range that begins with these digits, which the test EUM may certify. */
const eidIn = (prefix: string) =>
  completeEid(prefix + String((number += 1)).padStart(30 - prefix.length, '0'));

onEachDatabase('first contact', (database) => {
  const started = serverOn(database, { es9: true, stock: 5, env: { SIMWRIGHT_ESIPA_PORT: '0' } });
  let context: EimContext;
  before(() => {
    context = started().server.context as EimContext;
  });
  let ranges = 8904903200;
  /** Each test has its own. */
  const range = async (form: object = {}, as?: TestServer['account']) => {
    const EidPrefix = String((ranges += 1));
    const { status, json } = await started().request('/v1/EuiccRanges', {
      form: { EidPrefix, Limit: '10', ...form },
      ...(as === undefined ? {} : { as }),
    });
    assert.equal(status, 201, JSON.stringify(json));
    return json;
  };
  const ipaIn = (prefix: string, options: { isIot?: boolean; binding?: Ipa['binding'] } = {}) =>
    new Ipa(started(), { eid: eidIn(prefix), ...options });
  const find = ({ eid }: Ipa) => context.store.euiccs.find(eid);
  const registeredBy = async ({ sid }: { sid: string }) =>
    (await started().request(`/v1/EuiccRanges/${sid}`)).json.registered;

  for (const binding of ['asn1', 'json'] as const) {
    test(`FetchEuiccRangeOnboarding: a virtual IoT eUICC of a range is registered once it has signed a result (${binding})`, async () => {
      const { sid, eid_prefix: prefix } = await range();
      const { json } = await started().request(`/v1/EuiccRanges/${sid}/Onboarding`);
      const ipa = ipaIn(prefix, { isIot: true, binding });
      ipa.onboard(Uint8Array.fromBase64(json.add_initial_eim_request));
      const order = await started().order({ Eid: ipa.eid, GenerateMatchingId: 'true' });
      const asked = await packageFor(ipa);
      assert.deepEqual(await packageFor(ipa), asked);
      assert.equal(await context.store.euiccContacts.find(ipa.eid), undefined, 'nothing is kept');
      assert.deepEqual(await ipa.provide(ipa.dataFor(asked)), []);
      assert.equal(await find(ipa), undefined, 'certificates are no proof');
      const request = await packageFor(ipa);
      assert.deepEqual(await packageFor(ipa), request, 'the same bytes as long as no result came');
      const result = ipa.load(request);
      const acknowledged = await ipa.provide(result);
      assert.ok(Array.isArray(acknowledged) && acknowledged.length === 1);
      const euicc = await find(ipa);
      assert.equal(euicc!.state, 'associated');
      assert.equal(euicc!.account_sid, started().account.username);
      assert.equal(euicc!.association_token, ipa.associationToken);
      assert.equal(euicc!.counter, 1);
      assert.equal(euicc!.euicc_certificate, ipa.issued.euiccCertificate.toBase64());
      assert.equal(euicc!.profiles, '[]');
      assert.deepEqual(await ipa.provide(result), acknowledged, 'it is acknowledged again');
      assert.equal(await registeredBy({ sid }), 1);
      assert.equal(await context.store.euiccContacts.find(ipa.eid), undefined);
      const pushed = await eventually(async () => {
        const operations = await context.store.eimOperations.ofOrder(ipa.eid, order.sid);
        return operations.length > 0 ? operations : undefined;
      });
      assert.equal(pushed[0]!.kind, 'download');
    });
  }

  test('without a range, or beyond its limit, an unknown EID is eidNotFound', async () => {
    const { sid, eid_prefix: prefix } = await range({ Limit: '1' });
    assert.equal(await ipaIn('89049039').poll(), EID_NOT_FOUND);
    const [first, second] = [ipaIn(prefix), ipaIn(prefix)];
    for (const ipa of [first, second]) {
      await ipa.provide(ipa.dataFor(await packageFor(ipa)));
    }
    const [request, other] = [await packageFor(first), await packageFor(second)];
    await first.provide(
      first.resultOf(request, [{ listProfileInfoResult: { profileInfoListOk: [] } }]),
    );
    assert.ok(await find(first));
    const late = second.resultOf(other, [{ listProfileInfoResult: { profileInfoListOk: [] } }]);
    assert.equal(await second.provide(late), UNDEFINED);
    assert.equal(await find(second), undefined);
    assert.equal(await ipaIn(prefix).poll(), EID_NOT_FOUND);
    const more = await started().request(`/v1/EuiccRanges/${sid}`, { form: { Limit: '2' } });
    assert.equal(more.json.limit, 2);
    assert.deepEqual(await second.provide(late), [second.sequence]);
    assert.ok(await find(second));
  });

  test('certificates of another EID, or of no CI that is trusted, keep nothing', async () => {
    const { eid_prefix: prefix } = await range();
    const ipa = ipaIn(prefix);
    const liar = new Ipa(started(), { eid: ipa.eid });
    const asked = await packageFor(liar);
    const { issued } = ipaIn(prefix);
    const data = Object.assign(Object.create(liar) as Ipa, { issued }).dataFor(asked);
    assert.equal(await liar.provide(data), UNDEFINED);
    const broken = Uint8Array.from(ipa.issued.euiccCertificate);
    // Of the signature.
    broken[broken.length - 1]! ^= 1;
    const forged = Object.assign(Object.create(ipa) as Ipa, {
      issued: { ...ipa.issued, euiccCertificate: broken },
    });
    assert.equal(await ipa.provide(forged.dataFor(asked)), UNDEFINED);
    assert.equal(await context.store.euiccContacts.find(ipa.eid), undefined);
  });

  test('a result that another key has signed, or nobody, registers nothing', async () => {
    const { eid_prefix: prefix } = await range();
    const ipa = ipaIn(prefix);
    await ipa.provide(ipa.dataFor(await packageFor(ipa)));
    const request = await packageFor(ipa);
    const { signer } = ipaIn(prefix);
    const results = [{ listProfileInfoResult: { profileInfoListOk: [] } }];
    assert.equal(await ipa.provide(ipa.resultOf(request, results, { signer })), UNDEFINED);
    assert.equal(await ipa.provide(ipa.resultOf(request, results, { counterValue: 9 })), UNDEFINED);
    assert.equal(await find(ipa), undefined);
    assert.deepEqual(await ipa.provide(ipa.resultOf(request, results)), [ipa.sequence]);
    assert.ok(await find(ipa));
  });

  test('an eUICC that has seen packages of ours before signs replayError, which proves as much', async () => {
    const { eid_prefix: prefix } = await range();
    const ipa = ipaIn(prefix);
    await ipa.provide(ipa.dataFor(await packageFor(ipa)));
    assert.deepEqual(await ipa.provide(ipa.refusalOf(await packageFor(ipa), 4)), []);
    assert.equal((await find(ipa))!.state, 'associated');
    const again = EuiccPackageRequest.decode(await packageFor(ipa));
    assert.ok(again.euiccPackageSigned.value.counterValue > 1_000);
  });

  test('an eUICC that trusts an older key is sent one that it knows; one that knows none is left alone', async () => {
    const { eid_prefix: prefix, sid } = await range();
    const { json } = await started().request(`/v1/EuiccRanges/${sid}/Onboarding`);
    const ipa = ipaIn(prefix, { isIot: true });
    ipa.onboard(Uint8Array.fromBase64(json.add_initial_eim_request));
    const { server } = started();
    await rotatePackageKey(server.context);
    await ipa.provide(ipa.dataFor(await packageFor(ipa)));
    assert.deepEqual(await ipa.provide(ipa.load(await packageFor(ipa))), []);
    assert.equal(await find(ipa), undefined);
    const acknowledged = await ipa.provide(ipa.load(await packageFor(ipa)));
    assert.deepEqual(Array.isArray(acknowledged) && acknowledged.length, 1);
    assert.equal((await find(ipa))!.eim_key, 1);

    const other = ipaIn(prefix);
    const data = other.dataFor(await packageFor(other));
    await other.provide(data);
    for (let key = 0; key < 2; key += 1) {
      const { euiccPackageSigned } = EuiccPackageRequest.decode(await packageFor(other));
      const { eimId, eimTransactionId } = euiccPackageSigned.value;
      const unsigned = encodeTlv(
        0xa2,
        encodeTlv(0x80, Buffer.from(eimId)),
        encodeTlv(0x82, eimTransactionId!),
      );
      assert.deepEqual(await other.provide(encodeTlv(0xbf51, unsigned)), []);
    }
    assert.equal(await other.poll(), EID_NOT_FOUND);
    assert.deepEqual(await other.provide(data), []);
    assert.equal(await other.poll(), EID_NOT_FOUND, 'telling it again does not begin it again');
  });

  test('of several ranges of an account the longest counts; those of two accounts have no EID in common', async () => {
    const { eid_prefix: prefix } = await range();
    await range({ EidPrefix: `${prefix}00` });
    const ipa = ipaIn(prefix);
    await ipa.provide(ipa.dataFor(await packageFor(ipa)));
    const contact = await context.store.euiccContacts.find(ipa.eid);
    assert.equal(contact!.eid_prefix, `${prefix}00`);
    const other = await started().addAccount(0);
    const asked = async (EidPrefix: string, as = other) => {
      const form = { EidPrefix, Limit: '1' };
      return (await started().request('/v1/EuiccRanges', { form, as })).status;
    };
    for (const overlapping of [prefix, `${prefix}0`, `${prefix}001`, prefix.slice(0, -1)]) {
      assert.equal(await asked(overlapping), 409, overlapping);
    }
    assert.equal(await asked(prefix, started().account), 409);
    for (const EidPrefix of ['8904903', '89'.padEnd(33, '0'), '8904903A']) {
      const wrong = await started().request('/v1/EuiccRanges', { form: { EidPrefix, Limit: '1' } });
      assert.equal(wrong.status, 400, EidPrefix);
    }
  });

  test('what waits for its proof is bounded, and forgotten: with its time, and with its range', async () => {
    const { eid_prefix: prefix, sid } = await range({ Limit: '1000' });
    const ipa = ipaIn(prefix);
    await ipa.provide(ipa.dataFor(await packageFor(ipa)));
    const contact = (await context.store.euiccContacts.find(ipa.eid))!;
    await context.transact(async ({ tables }) => {
      for (let count = 1; count < MOST_CONTACTS; count += 1) {
        await tables.euiccContacts.put({
          ...contact,
          eid: eidIn(prefix),
          transaction_id: `${count}`,
        });
      }
    });
    const next = ipaIn(prefix);
    const asked = await packageFor(next);
    const data = next.dataFor(asked);
    assert.equal(await next.provide(data), UNDEFINED);
    assert.deepEqual(await ipa.provide(ipa.dataFor(asked)), [], 'one that waits may tell again');
    await context.transact(({ tables }) =>
      tables.euiccContacts.put({ ...contact, date_expires: contact.date_created }),
    );
    assert.deepEqual(await next.provide(data), []);
    started().server.context.wake('housekeeping');
    await eventually(async () =>
      (await context.store.euiccContacts.find(ipa.eid)) === undefined ? true : undefined,
    );
    const { status } = await started().request(`/v1/EuiccRanges/${sid}`, { method: 'DELETE' });
    assert.equal(status, 204);
    assert.equal(await context.store.euiccContacts.find(next.eid), undefined);
    assert.equal(await next.poll(), EID_NOT_FOUND);
  });

  test('one that its owner registers meanwhile is theirs', async () => {
    const { eid_prefix: prefix } = await range();
    const ipa = ipaIn(prefix);
    await ipa.provide(ipa.dataFor(await packageFor(ipa)));
    const request = await packageFor(ipa);
    const other = await started().addAccount(0);
    const form = { Eid: ipa.eid };
    const made = await started().request('/v1/Euiccs', { form, as: other });
    assert.equal(made.status, 201);
    const result = ipa.resultOf(request, [{ listProfileInfoResult: { profileInfoListOk: [] } }]);
    assert.equal(await ipa.provide(result), EID_NOT_FOUND);
    assert.equal((await find(ipa))!.account_sid, other.username);
    assert.deepEqual(await ipa.provide(ipa.dataFor(await packageFor(ipa))), []);
    assert.equal(await ipa.poll(), NOTHING);
  });

  test('CreateEuiccRange, ListEuiccRange, FetchEuiccRange, UpdateEuiccRange, DeleteEuiccRange: of the account, and so many', async () => {
    const other = await started().addAccount(0);
    const made = await range({ ResultSignature: 'eimSignature' }, other);
    assert.equal(made.result_signature, 'eimSignature');
    const { json } = await started().request('/v1/EuiccRanges', { as: other });
    assert.deepEqual(json.euicc_ranges, [made]);
    const path = `/v1/EuiccRanges/${made.sid}`;
    const form = { Limit: '5' };
    for (const options of [{}, { form }, { method: 'DELETE' }]) {
      assert.equal((await started().request(path, options)).status, 404);
    }
    const filling = Array.from({ length: MOST_RANGES - 1 }, () => range({}, other));
    await Promise.all(filling);
    const EidPrefix = String((ranges += 1));
    const full = await started().request('/v1/EuiccRanges', {
      form: { EidPrefix, Limit: '1' },
      as: other,
    });
    assert.equal(full.status, 409);
  });
});
