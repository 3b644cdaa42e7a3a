// Batches of orders: each item is ordered once, however often the batch is sent and whatever dies meanwhile; all or nothing is
// all or nothing; and what is cancelled is ordered no more.
import assert from 'node:assert/strict';
import { ask, newKey, persist } from '../client.ts';
import type { Journey } from '../journey.ts';
import { newEid } from '../phone.ts';
import type { World } from '../world.ts';

const PATH = '/v1/ESimProfiles/Batches';
/** More than one part has. */
const COUNT = 32;

export const batch: Journey = {
  name: 'batch',
  async run(world) {
    await orderAll(world);
    await orderNothing(world);
    await cancel(world);
  },
};

async function orderAll(world: World): Promise<void> {
  // Nobody else's, so the list has what became of all that was sent.
  const eid = newEid(world);
  // Of a type that is not in stock, which is for the orders of other journeys.
  const form = { Count: String(COUNT), Eid: eid, ProfileType: 'none' };
  const ended = await whenEnded(world, await create(world, form));
  assert.deepEqual([ended.status, ended.ordered, ended.reserved], ['completed', COUNT, 0]);
  await expectOrders(world, eid, ended, COUNT);
}

async function orderNothing(world: World): Promise<void> {
  const eid = newEid(world);
  const form = { Count: '2', Eid: eid, ProfileType: 'none', AllOrNothing: 'true' };
  const ended = await whenEnded(world, await create(world, form));
  assert.deepEqual([ended.status, ended.error_code, ended.reserved], ['failed', '83500', 0]);
  await expectOrders(world, eid, ended, 0);
}

async function cancel(world: World): Promise<void> {
  const eid = newEid(world);
  const form = { Count: '2', Eid: eid, AllOrNothing: 'true' };
  const sid = await create(world, form);
  await ask(world, { method: 'POST', path: `${PATH}/${sid}/Cancel` });
  const ended = await whenEnded(world, sid);
  // Or the stock is empty by now.
  assert.ok(['completed', 'cancelled', 'failed'].includes(ended.status as string));
  assert.equal(ended.ordered, ended.status === 'completed' ? 2 : 0, 'all or nothing');
  await expectOrders(world, eid, ended, ended.ordered as number);
}

/** Sends a batch twice, as one. @returns its SID */
async function create(world: World, form: Record<string, string>): Promise<string> {
  const headers = { 'Idempotency-Key': newKey(world) };
  const send = () => ask(world, { method: 'POST', path: PATH, form, headers });
  const [first, again] = [await send(), await send()];
  assert.equal(first.status, 202, JSON.stringify(first.json));
  assert.equal(again.json.sid, first.json.sid, 'one Idempotency-Key is one batch');
  return first.json.sid as string;
}

function whenEnded(world: World, sid: string): Promise<any> {
  return persist(world, `the end of ${sid}`, async () => {
    const { status, json } = await ask(world, { method: 'GET', path: `${PATH}/${sid}` });
    assert.equal(status, 200, 'what was answered with 202 is there');
    return json.status === 'running' || json.reserved > 0 ? undefined : json;
  });
}

async function expectOrders(world: World, eid: string, ended: any, count: number): Promise<void> {
  const path = `/v1/ESimProfiles?Eid=${eid}&PageSize=100`;
  const { json } = await ask(world, { method: 'GET', path });
  assert.equal(json.esim_profiles.length, count, 'each item is ordered once');
  for (const profile of json.esim_profiles) {
    assert.equal(profile.batch_sid, ended.sid);
    // Or there was none left in stock.
    assert.ok(profile.status === 'available' || profile.error_code === '83500');
    world.acknowledge(profile as object);
  }
}
