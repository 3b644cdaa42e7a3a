// An order is changed while devices come for it: its matching ID is re-issued, it is cancelled, and ordered again. Whoever is
// first, the client and the device are told the same.
import assert from 'node:assert/strict';
import { ask, newKey, placeOrder, whenStatus } from '../client.ts';
import type { Journey } from '../journey.ts';
import { installUnlessRefused, newPhone } from '../phone.ts';
import type { ApiAnswer, World } from '../world.ts';

/** §5.6.3: no such matching ID, or attempted too often; §5.6.2: cancelled during the session. */
const REFUSALS = ['8.2.6/3.8', '8.8.5/6.4', '8.2/3.7'];

export const change: Journey = {
  name: 'change',
  async run(world) {
    await reissue(world);
    await cancelDuringDownload(world);
  },
};

async function reissue(world: World): Promise<void> {
  const { sid } = await placeOrder(world, { GenerateMatchingId: 'true' });
  const { activation_code: old, iccid } = await whenStatus(world, sid, 'available');
  const eager = installUnlessRefused(world, newPhone(world), {
    code: old,
    iccid,
    refusals: REFUSALS,
  });
  const { status, json } = await changeOrder(world, sid, 'MatchingId');
  const isThere = await eager;
  if (status === 409) {
    // The device was first, or used up all attempts.
    await whenStatus(world, sid, isThere ? 'installed' : 'failed');
    return;
  }
  assert.equal(status, 200, JSON.stringify(json));
  assert.equal(isThere, false, 'the old code is worth nothing');
  const { activation_code: code } = await whenStatus(world, sid, 'available');
  assert.notEqual(code, old);
  const attempt = { iccid, refusals: REFUSALS };
  const late = newPhone(world);
  assert.equal(await installUnlessRefused(world, late, { ...attempt, code: old }), false);
  const isInstalled = await installUnlessRefused(world, newPhone(world), { ...attempt, code });
  await whenStatus(world, sid, isInstalled ? 'installed' : 'failed');
}

async function cancelDuringDownload(world: World): Promise<void> {
  const { sid } = await placeOrder(world, { GenerateMatchingId: 'true' });
  const { activation_code: code, iccid } = await whenStatus(world, sid, 'available');
  const attempt = { code, iccid, refusals: REFUSALS };
  const download = installUnlessRefused(world, newPhone(world), attempt);
  const form = { FinalProfileStatusIndicator: 'Unavailable' };
  const { status, json } = await changeOrder(world, sid, 'Cancel', form);
  const isThere = await download;
  const ended = await whenStatus(world, sid, 'installed', 'failed');
  if (status === 409) {
    // Installed, attempted too often, or cancelled by a request whose answer, and key, are gone.
    assert.equal(ended.status, json.details.status);
    return;
  }
  assert.equal(status, 200, JSON.stringify(json));
  assert.deepEqual([ended.status, ended.error_code], ['failed', '83590']);
  if (isThere) {
    const { json: history } = await ask(world, {
      method: 'GET',
      path: `/v1/ESimProfiles/${sid}/Events`,
    });
    assert.equal(history.events[0].cause, 'installed on the device');
  }
  await reorder(world, sid);
}

async function reorder(world: World, sid: string): Promise<void> {
  const { status, json } = await changeOrder(world, sid, 'Reorder');
  const { replaced_by_sid: next } = await whenStatus(world, sid, 'failed');
  if (status !== 409) assert.equal(json.sid, next);
  const { replaces_sid } = await whenStatus(world, next as string, 'available');
  assert.equal(replaces_sid, sid);
}

function changeOrder(
  world: World,
  sid: string,
  operation: string,
  form: Record<string, string> = {},
): Promise<ApiAnswer> {
  return ask(world, {
    method: 'POST',
    path: `/v1/ESimProfiles/${sid}/${operation}`,
    form,
    headers: { 'Idempotency-Key': newKey(world) },
  });
}
