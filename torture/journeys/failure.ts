// An order that comes to nothing: for lack of stock, or by wrong confirmation codes. It says so, and stays so.
import assert from 'node:assert/strict';
import { checkCallbacks, newCallbackUrl } from '../callbacks.ts';
import { placeOrder, whenStatus } from '../client.ts';
import type { Journey } from '../journey.ts';
import { installUnlessRefused, newPhone } from '../phone.ts';
import type { World } from '../world.ts';

export const failure: Journey = {
  name: 'failure',
  async run(world) {
    await withoutStock(world);
    await withWrongCodes(world);
  },
};

async function withoutStock(world: World): Promise<void> {
  const url = newCallbackUrl(world);
  const form = { GenerateMatchingId: 'true', CallbackUrl: url, ProfileType: 'nobody-has-it' };
  const { sid } = await placeOrder(world, form);
  const { error_code } = await whenStatus(world, sid, 'failed');
  assert.equal(error_code, '83500');
  await checkCallbacks(world, url, sid, ['reserving', 'failed']);
}

/** §5.6.2: wrong too often; §5.6.3: the order has ended, or has been attempted too often. */
const REFUSALS = ['8.2.7/6.4', '8.2.6/3.8', '8.8.5/6.4'];

async function withWrongCodes(world: World): Promise<void> {
  const url = newCallbackUrl(world);
  const form = { GenerateMatchingId: 'true', CallbackUrl: url, ConfirmationCode: '2468' };
  const { sid } = await placeOrder(world, form);
  const { activation_code: code, iccid } = await whenStatus(world, sid, 'available');
  const phone = newPhone(world);
  const guess = { code, iccid, confirmationCode: '1357', refusals: REFUSALS };
  assert.equal(await installUnlessRefused(world, phone, guess), false);
  await whenStatus(world, sid, 'failed');
  const right = { ...guess, confirmationCode: '2468' };
  assert.equal(await installUnlessRefused(world, phone, right), false);
  await checkCallbacks(world, url, sid, ['reserving', 'available', 'failed']);
}
