// A device downloads by an activation code, however often it is interrupted, and the API says so.
import { whenStatus } from '../client.ts';
import type { Journey } from '../journey.ts';
import { orderAndInstall } from '../phone.ts';

export const download: Journey = {
  name: 'download',
  async run(world) {
    const { sid } = await orderAndInstall(world);
    await whenStatus(world, sid, 'installed');
  },
};
