// A database of an older version goes on in the middle of its work, and serves what is new.
import assert from 'node:assert/strict';
import { ask, persist, whenStatus } from '../client.ts';
import type { Journey } from '../journey.ts';
import { orderAndInstall } from '../phone.ts';

export const migration: Journey = {
  name: 'migration',
  database: 'old',
  async run(world) {
    const before = await persist(world, 'no order under way', async () => {
      const { status, json } = await ask(world, {
        method: 'GET',
        path: '/v1/ESimProfiles?PageSize=1000',
      });
      assert.equal(status, 200);
      const statuses: string[] = json.esim_profiles.map((profile: any) => profile.status);
      const isSettled = !statuses.some((one) => one === 'new' || one === 'reserving');
      return isSettled ? statuses : undefined;
    });
    assert.ok(before.length > 0, 'an old database has orders');
    const { sid } = await orderAndInstall(world);
    await whenStatus(world, sid, 'installed');
  },
};
