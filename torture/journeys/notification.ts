// A profile is enabled, disabled and deleted on its device, which keeps each notification until it is accepted.
import assert from 'node:assert/strict';
import { callEs10 } from '../../src/device/es10.ts';
import {
  DeleteProfileRequest,
  DisableProfileRequest,
  EnableProfileRequest,
} from '../../src/rsp/definitions/local-functions.ts';
import { encodeIccid } from '../../src/rsp/identifiers.ts';
import { ask } from '../client.ts';
import type { Journey } from '../journey.ts';
import { orderAndInstall, tell } from '../phone.ts';
import type { World } from '../world.ts';

export const notification: Journey = {
  name: 'notification',
  async run(world) {
    const { phone, sid, iccid } = await orderAndInstall(world);
    const profileIdentifier = { iccid: encodeIccid(iccid) };
    for (const request of [
      EnableProfileRequest.encode({ profileIdentifier, refreshFlag: false }),
      DisableProfileRequest.encode({ profileIdentifier, refreshFlag: false }),
      DeleteProfileRequest.encode({ iccid: profileIdentifier.iccid }),
    ]) {
      callEs10(phone.euicc, request);
      await tell(world, phone);
    }
    assert.equal(await lastCause(world, sid), 'deleted on the device');
  },
};

/** Why the newest event of an eSIM Profile happened. */
async function lastCause(world: World, sid: string): Promise<string> {
  const { json } = await ask(world, { method: 'GET', path: `/v1/ESimProfiles/${sid}/Events` });
  return json.events[0].cause;
}
