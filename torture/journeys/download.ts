// A device downloads by an activation code, however often it is interrupted; the API says so, and the RSP log has every
// call that was answered.
import { AnsweredCalls } from '../answered-calls.ts';
import { whenStatus } from '../client.ts';
import type { Journey } from '../journey.ts';
import { orderAndInstall } from '../phone.ts';

export const download: Journey = {
  name: 'download',
  async run(world) {
    const calls = new AnsweredCalls();
    const { sid } = await orderAndInstall(calls.within(world), () => {
      calls.forget();
      return {};
    });
    await whenStatus(world, sid, 'installed');
    await calls.assertLogged(world, sid);
  },
};
