// ES2+ over mutual TLS: the states and transitions of §3.1.6, and the codes of §5.3.1 to §5.3.4.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { onEachDatabase, serverOn } from '../databases.ts';
import type { TestOperator } from './operator.ts';
import { newOperator, SUCCESS } from './operator.ts';

onEachDatabase('ES2+', (database) => {
  const server = serverOn(database, { stock: 40, env: { SIMWRIGHT_ES2_PORT: '0' } });
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
});
