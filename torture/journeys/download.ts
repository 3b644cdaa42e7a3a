// A device downloads by an activation code, however often it is interrupted, and the API says so.
import { whenStatus } from '../client.ts';
import type { Journey } from '../journey.ts';
import { newPhone, orderAndInstall } from '../phone.ts';

export const download: Journey = {
  name: 'download',
  async run(world) {
    const { sid } = await orderAndInstall(world, newPhone(world), () => ({}));
    await whenStatus(world, sid, 'installed');
  },
};
