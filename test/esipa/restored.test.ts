// Either side is put back to what it was: an eIM that was restored from a backup, whose counters are behind those of its eUICCs, and an
// eUICC that has forgotten. Both go on.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { openEuicc } from '../../src/device/euicc.ts';
import { Ipa as VirtualIpa } from '../../src/device/ipa/ipa.ts';
import type { EimContext } from '../../src/eim/eim.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { eimOf } from './eim-of.ts';
import { packageFor } from './ipa.ts';

onEachDatabase('restored', (database) => {
  const started = serverOn(database, { es9: true, env: { SIMWRIGHT_ESIPA_PORT: '0' } });
  let context: EimContext;
  before(() => {
    context = started().server.context as EimContext;
  });

  const { ask, find, onboarded } = eimOf(started);

  /** A virtual IoT device that has carried out one operation. */
  async function newDevice() {
    const { device: ipa, transport } = await onboarded();
    let { euicc } = ipa;
    const device = {
      ipa,
      eid: ipa.eid,
      get state() {
        return euicc.state;
      },
      restart: (state = structuredClone(euicc.state)) => {
        euicc = openEuicc(state);
      },
      /** @returns its status, and the counter of the eIM */
      async carryOut() {
        const operation = await ask(ipa, { kind: 'listProfileInfo' });
        await new VirtualIpa(euicc, { transport }).poll();
        const { status } = await find(operation);
        return { status, counter: (await context.store.euiccs.find(ipa.eid))!.counter };
      },
    };
    assert.deepEqual(await device.carryOut(), { status: 'completed', counter: 1 });
    return device;
  }

  test('an eIM whose counter is behind, by a little or by thousands, goes on with the next operation', async () => {
    for (const later of [3, 6_000]) {
      const device = await newDevice();
      const { counter, seq_number, package_number } = (await context.store.euiccs.find(
        device.eid,
      ))!;
      // What follows is not in the backup.
      await device.carryOut();
      const [eim] = device.state.iot!.eims;
      eim!.counterValue = later;
      await context.transact(async ({ tables }) => {
        await tables.eimOperations.deleteAll(device.eid);
        await tables.euiccs.update(device.eid, { counter, seq_number, package_number });
      });
      const { status, counter: raised } = await device.carryOut();
      assert.equal(status, 'completed');
      assert.ok(raised > later, `${raised}`);
      assert.equal(device.state.iot!.eims[0]!.counterValue, raised);
      assert.deepEqual(await device.carryOut(), { status: 'completed', counter: raised + 1 });
    }
  });

  test('an eUICC that is put back, with its counter and the numbers of its results, goes on', async () => {
    const device = await newDevice();
    const kept = structuredClone(device.state);
    for (const counter of [2, 3]) {
      assert.deepEqual(await device.carryOut(), { status: 'completed', counter });
    }
    device.restart(kept);
    assert.deepEqual(await device.carryOut(), { status: 'completed', counter: 4 });
    assert.deepEqual(device.state.iot!.results, [], 'its result is acknowledged');
  });

  test('a result that the eUICC has kept for an eIM that no longer knows its package does not stop the next', async () => {
    const device = await newDevice();
    const euicc = (await context.store.euiccs.find(device.eid))!;
    await ask(device, { kind: 'listProfileInfo' });
    device.ipa.load(await packageFor(device.ipa));
    assert.equal(device.state.iot!.results.length, 1);
    await context.transact(async ({ tables }) => {
      await tables.eimOperations.deleteAll(device.eid);
      const { counter, seq_number, package_number } = euicc;
      await tables.euiccs.update(device.eid, { counter, seq_number, package_number });
    });
    assert.equal((await device.carryOut()).status, 'completed');
  });
});
