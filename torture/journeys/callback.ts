// Every change of a status is told to a receiver: signed, at least once, and never with another story the second time.
import assert from 'node:assert/strict';
import twilio from 'twilio';
import { persist } from '../client.ts';
import type { Journey } from '../journey.ts';
import { newPhone, orderAndInstall } from '../phone.ts';
import type { AcceptedCall, World } from '../world.ts';

const TOLD = ['reserving', 'available', 'downloaded', 'installed'];

export const callback: Journey = {
  name: 'callback',
  async run(world) {
    let url = '';
    const { sid } = await orderAndInstall(world, newPhone(world), () => {
      url = `${world.receiver.url}/status/${world.random.digits(20)}`;
      return { CallbackUrl: url };
    });
    const calls = await persist(world, `callbacks about ${sid}`, async () => {
      const received = world.receiver.accepted.filter((call) => call.url === url);
      const told = new Set(received.map(({ parameters }) => parameters['Status']));
      return TOLD.every((status) => told.has(status)) ? received : undefined;
    });
    check(calls, sid, world);
  },
};

function check(calls: AcceptedCall[], sid: string, { authToken }: World): void {
  const told = new Map<string, Record<string, string>>();
  for (const { url, signature, idempotencyToken, parameters } of calls) {
    assert.ok(twilio.validateRequest(authToken, signature, url, parameters), 'a valid signature');
    assert.equal(parameters['ESimProfileSid'], sid);
    assert.deepEqual(parameters, told.get(idempotencyToken) ?? parameters, 'the same each time');
    told.set(idempotencyToken, parameters);
  }
  const statuses = Array.from(told.values(), (parameters) => parameters['Status']);
  assert.equal(statuses.length, TOLD.length, 'each change has one callback');
  assert.deepEqual(new Set(statuses), new Set(TOLD));
}
