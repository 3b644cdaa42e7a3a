// Every change of a status is told to a receiver.
import { checkCallbacks, newCallbackUrl } from '../callbacks.ts';
import type { Journey } from '../journey.ts';
import { orderAndInstall } from '../phone.ts';

export const callback: Journey = {
  name: 'callback',
  async run(world) {
    let url = '';
    const { sid } = await orderAndInstall(world, () => {
      url = newCallbackUrl(world);
      return { CallbackUrl: url };
    });
    const told = ['reserving', 'available', 'downloaded', 'installed'];
    await checkCallbacks(world, url, sid, told);
  },
};
