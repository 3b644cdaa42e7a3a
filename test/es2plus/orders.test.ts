// ES2+ over mutual TLS: the states and transitions of §3.1.6, and the codes of §5.3.1 to §5.3.4.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { onEachDatabase, serverOn } from '../databases.ts';
import type { TestOperator } from './operator.ts';
import { newOperator, SUCCESS } from './operator.ts';

onEachDatabase('ES2+', (database) => {
  const server = serverOn(database, {
    stock: 40,
    env: { SIMWRIGHT_ES2_PORT: '0', SIMWRIGHT_EID_CHECK_DIGITS: 'off' },
  });
  let operator: TestOperator;
  before(async () => {
    operator = await newOperator(server());
  });
  after(() => operator[Symbol.dispose]());

  test('§5.3.1 to §5.3.4 an order is taken from stock, confirmed, released and cancelled', async () => {
    const ordered = await operator.call('downloadOrder', { profileType: 'default' });
    assert.equal(ordered.result, SUCCESS);
    assert.deepEqual(Object.keys(ordered.json), ['header', 'iccid']);
    const { iccid } = ordered.json;
    const find = () =>
      server().server.context.store.subscriptions.find(server().account.username, iccid);
    assert.equal((await find())!.operator_sid, operator.sid);
    const confirmed = await operator.call('confirmOrder', { iccid, releaseFlag: false });
    assert.equal(confirmed.result, SUCCESS);
    assert.equal(confirmed.json.smdpAddress, 'localhost:8443');
    assert.match(confirmed.json.matchingId, /^[-0-9A-Z]{29}$/);
    const released = await operator.call('releaseProfile', { iccid });
    assert.deepEqual(released.json, {
      header: { functionExecutionStatus: { status: SUCCESS } },
    });
    assert.equal((await find())!.state, 'Released');
    const cancelled = await operator.call('cancelOrder', {
      iccid,
      matchingId: confirmed.json.matchingId,
      finalProfileStatusIndicator: 'Available',
    });
    assert.equal(cancelled.text, released.text);
    assert.equal((await find())!.state, 'Available');
    assert.equal((await find())!.operator_sid, null);
  });

  test('§5.3.3 a CancelOrder that comes once more does not end the next order of the profile: 8.2.1/3.3', async () => {
    const { json } = await operator.call('downloadOrder', { profileType: 'default' });
    const { iccid } = json;
    const called = (name: string, functionCallIdentifier: string, members: object) => {
      const header = { functionRequesterIdentifier: 'x', functionCallIdentifier };
      return operator.call(name, { header, iccid, ...members });
    };
    const final = { finalProfileStatusIndicator: 'Available' };
    for (const round of ['first', 'second']) {
      const cancelled = await called('cancelOrder', `cancel ${round}`, final);
      assert.equal(cancelled.result, SUCCESS);
      const again = await called('cancelOrder', `cancel ${round}`, final);
      assert.equal(again.result, SUCCESS, 'nobody has ordered it since');
      assert.equal((await called('downloadOrder', `order ${round}`, {})).result, SUCCESS);
      for (const past of ['cancel first', `cancel ${round}`]) {
        assert.equal((await called('cancelOrder', past, final)).result, '8.2.1/3.3');
      }
    }
    // Identifiers that are used again tell nothing.
    assert.equal((await called('cancelOrder', 'third', final)).result, SUCCESS);
    assert.equal((await called('downloadOrder', 'third', {})).result, SUCCESS);
    assert.equal((await called('cancelOrder', 'third', final)).result, SUCCESS);
  });

  test('§5.3.1 the same call sent many times at once is one order', async () => {
    const header = { functionRequesterIdentifier: 'x', functionCallIdentifier: 'at once' };
    const members = { header, profileType: 'default' };
    const replies = await Promise.all(
      Array.from({ length: 6 }, () => operator.call('downloadOrder', members)),
    );
    const iccids = replies.map(({ json }) => json.iccid);
    assert.deepEqual(new Set(replies.map(({ result }) => result)), new Set([SUCCESS]));
    assert.equal(new Set(iccids).size, 1);
  });

  test('§5.3.1 one ICCID ordered by two operators at once is the order of one; the other gets 8.2.1/1.2', async () => {
    const { store } = server().server.context;
    const [last] = (
      await store.subscriptions.list(server().account.username, { limit: 100 })
    ).slice(-1);
    using other = await newOperator(server());
    const results = await Promise.all(
      [operator, other].map(
        async (one) => (await one.call('downloadOrder', { iccid: last!.iccid })).result,
      ),
    );
    assert.deepEqual(results.toSorted(), ['8.2.1/1.2', SUCCESS]);
  });

  /** The cases of ES2Plus_Tests, the suite of Osmocom after SGP.23. */
  test('§5.3.1 to §5.3.3 a foreign suite’s cases', async () => {
    const orders = Array.from({ length: 5 }, () =>
      operator.call('downloadOrder', { profileType: 'default' }),
    );
    const [one, two, three, four, five] = (await Promise.all(orders)).map(
      ({ json }) => json.iccid as string,
    );
    const cancel = { finalProfileStatusIndicator: 'Available' };
    const eid = '89049032123451234512345678901235';
    const otherEid = '89049032123451234512345678901236';
    const expect = async (code: string, name: string, members: object) => {
      const { result, status } = await operator.call(name, members);
      assert.deepEqual([status, result], [200, code], `${name} ${JSON.stringify(members)}`);
    };
    await expect(SUCCESS, 'cancelOrder', { iccid: one, ...cancel });
    // DownloadOrder 01, E01, E02
    await expect(SUCCESS, 'downloadOrder', { iccid: one, eid });
    await expect(SUCCESS, 'downloadOrder', { iccid: one, eid });
    await expect('8.2.1/3.3', 'downloadOrder', { iccid: one });
    for (const [name, members] of [
      ['downloadOrder', {}],
      ['confirmOrder', { releaseFlag: true }],
      ['cancelOrder', cancel],
    ] as const) {
      await expect('8.2.1/3.9', name, { iccid: '89999999999999999990', ...members });
    }
    // ConfirmOrder 01, E02, E03, E05, E06
    const { json } = await operator.call('confirmOrder', { iccid: two, releaseFlag: true });
    await expect('8.2.6/3.3', 'confirmOrder', {
      iccid: three,
      matchingId: json.matchingId,
      releaseFlag: true,
    });
    await expect('8.1.1/2.2', 'confirmOrder', { iccid: three, matchingId: '', releaseFlag: true });
    await expect('8.1.1/3.10', 'confirmOrder', { iccid: one, eid: otherEid, releaseFlag: true });
    await operator.call('cancelOrder', { iccid: five, ...cancel });
    await expect('8.2.1/3.3', 'confirmOrder', { iccid: five, releaseFlag: true });
    // CancelOrder 01, E02, E03, E04
    const matchingId = `FOREIGN-${database.name.toUpperCase()}`;
    await expect(SUCCESS, 'confirmOrder', { iccid: one, eid, matchingId, releaseFlag: false });
    await expect('8.2.1/3.10', 'cancelOrder', { iccid: one, matchingId, ...cancel });
    await expect('8.2.6/3.10', 'cancelOrder', { iccid: one, eid, matchingId: 'WRONG', ...cancel });
    await expect(SUCCESS, 'cancelOrder', { iccid: one, eid, matchingId, ...cancel });
    await expect('8.2.1/3.3', 'cancelOrder', { iccid: five, matchingId: 'X', ...cancel });
    assert.ok(four);
  });
});
