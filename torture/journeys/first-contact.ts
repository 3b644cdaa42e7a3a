// A device that nobody has registered: it does so itself, in a range of the account, and gets what is ordered for it from then on.
import assert from 'node:assert/strict';
import { ask, persist } from '../client.ts';
import { IotDevice } from '../iot-device.ts';
import type { Journey } from '../journey.ts';
import { ended, installed, statesOf } from './iot.ts';

/** Of all of them: an account has few ranges. */
const PREFIX = '8904903277';

export const firstContact: Journey = {
  name: 'first-contact',
  async run(world) {
    const device = await IotDevice.ofRange(world, PREFIX);
    const path = `/v1/Euiccs/${device.eid}`;
    await persist(world, `${device.eid} registered by itself`, async () => {
      await device.poll();
      const { status, json } = await ask(world, { method: 'GET', path });
      return (status === 200 && json.status === 'associated') || undefined;
    });
    const iccid = await installed(world, device);
    await ended(world, device, 'enable');
    assert.deepEqual(statesOf(device), [[iccid, 'enabled']]);
  },
};
