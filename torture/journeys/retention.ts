// What is past its time is deleted, and nothing else.
import assert from 'node:assert/strict';
import { CALLBACK_LIFETIME_MS } from '../../src/process/retention.ts';
import { ask, persist, whenStatus } from '../client.ts';
import type { Journey } from '../journey.ts';
import { newPhone, orderAndInstall } from '../phone.ts';
import type { World } from '../world.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

export const retention: Journey = {
  name: 'retention',
  passesTime: true,
  async run(world) {
    const url = `${world.receiver.url}/status/${world.random.digits(20)}`;
    const { sid } = await orderAndInstall(world, newPhone(world), () => ({ CallbackUrl: url }));
    const installed = await whenStatus(world, sid, 'installed');
    await persist(world, 'delivered callbacks', async () => {
      const states = await statesOfCallbacks(world, sid);
      return states.length === 4 && states.every((state) => state === 'delivered')
        ? true
        : undefined;
    });
    await world.pass?.(CALLBACK_LIFETIME_MS + DAY_MS);
    await persist(world, 'no callbacks any more', async () =>
      (await statesOfCallbacks(world, sid)).length === 0 ? true : undefined,
    );
    assert.deepEqual(await whenStatus(world, sid, 'installed'), installed);
  },
};

async function statesOfCallbacks(world: World, sid: string): Promise<string[]> {
  const path = `/v1/ESimProfiles/${sid}/Callbacks`;
  const { json } = await ask(world, { method: 'GET', path });
  return json.callbacks.map(({ state }: { state: string }) => state);
}
