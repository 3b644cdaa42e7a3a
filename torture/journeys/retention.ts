// What is past its time is deleted, and nothing else.
import assert from 'node:assert/strict';
import { OUTBOX_LIFETIME_MS, IDEMPOTENCY_KEY_LIFETIME_MS } from '../../src/process/retention.ts';
import { newCallbackUrl } from '../callbacks.ts';
import { ask, newKey, persist, placeOrder, whenStatus } from '../client.ts';
import type { Journey } from '../journey.ts';
import { installUnlessRefused, installUntold, newPhone, tell } from '../phone.ts';
import type { World } from '../world.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Nobody listens there. */
const NOBODYS_URL = 'http://127.0.0.1:1/';

export const retention: Journey = {
  name: 'retention',
  passesTime: true,
  async run(world) {
    const form = { GenerateMatchingId: 'true', CallbackUrl: newCallbackUrl(world) };
    const key = newKey(world);
    const begun = world.now().getTime();
    const { sid } = await placeOrder(world, form, key);
    const { activation_code: code, iccid } = await whenStatus(world, sid, 'available');
    await installUnlessRefused(world, newPhone(world), { code, iccid });
    const installed = await whenStatus(world, sid, 'installed');
    const silent = await installSilently(world);
    const untold = await placeOrder(world, {
      GenerateMatchingId: 'true',
      CallbackUrl: NOBODYS_URL,
    });
    await whenStatus(world, untold.sid, 'available');
    await whenDelivered(world, sid, 4);
    await world.pass?.(IDEMPOTENCY_KEY_LIFETIME_MS / 2);
    const again = await placeOrder(world, form, key);
    // Where clocks jump, more time may have passed.
    const hasExpired = world.now().getTime() >= begun + IDEMPOTENCY_KEY_LIFETIME_MS;
    assert.ok(hasExpired || again.sid === sid, 'an Idempotency-Key is kept for a day');
    await whenDelivered(world, sid, 4);
    await world.pass?.(OUTBOX_LIFETIME_MS + DAY_MS);
    await whenDelivered(world, sid, 0);
    assert.deepEqual(await statesOfCallbacks(world, untold.sid), ['pending', 'pending']);
    assert.deepEqual(await whenStatus(world, sid, 'installed'), installed);
    // §3.5: the result decides the order, however late it comes.
    await tell(world, silent.phone);
    await whenStatus(world, silent.sid, 'installed');
  },
};

/** The device is switched off before it can tell that the profile is installed. */
async function installSilently(world: World) {
  const { sid } = await placeOrder(world, { GenerateMatchingId: 'true' });
  const { activation_code: code, iccid } = await whenStatus(world, sid, 'available');
  const phone = newPhone(world);
  await installUntold(world, phone, { code, iccid });
  return { sid, phone };
}

/** Waits until an order has so many callbacks, all of them delivered. */
async function whenDelivered(world: World, sid: string, count: number): Promise<void> {
  await persist(world, `${count} callbacks, all delivered`, async () => {
    const states = await statesOfCallbacks(world, sid);
    return (states.length === count && states.every((state) => state === 'delivered')) || undefined;
  });
}

async function statesOfCallbacks(world: World, sid: string): Promise<string[]> {
  const path = `/v1/ESimProfiles/${sid}/Callbacks`;
  const { json } = await ask(world, { method: 'GET', path });
  return json.callbacks.map(({ state }: { state: string }) => state);
}
