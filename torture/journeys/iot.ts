// A device that nobody touches: an order for its EID is downloaded through the eIM, installed and enabled, and then the profile is
// disabled and deleted, each by a package that the eUICC executes once, however often its result, or the answer to it, is lost.
import assert from 'node:assert/strict';
import { ask, persist, placeOrder, whenStatus } from '../client.ts';
import { IotDevice } from '../iot-device.ts';
import type { Journey } from '../journey.ts';
import { newEid, NO_ATTEMPTS_LEFT } from '../phone.ts';
import type { World } from '../world.ts';

export const iot: Journey = {
  name: 'iot',
  async run(world) {
    // Before the device: its order is pushed when it is registered.
    const eid = newEid(world);
    const first = await orderFor(world, eid);
    const device = await IotDevice.register(world, eid);
    const iccid = await installed(world, device, first);
    await ended(world, device, 'enable');
    assert.deepEqual(statesOf(device), [[iccid, 'enabled']]);
    for (const kind of ['disable', 'delete']) {
      await command(world, device, kind, iccid);
      const operation = await ended(world, device, kind);
      assert.equal(operation.status, 'completed', JSON.stringify(operation));
      const expected = kind === 'disable' ? [[iccid, 'disabled']] : [];
      assert.deepEqual(statesOf(device), expected);
    }
    // The last acknowledgement may have been lost.
    await persist(world, `every result of ${device.eid} acknowledged`, async () => {
      await device.poll();
      return device.state.iot!.results.length === 0 || undefined;
    });
    const { json: euicc } = await ask(world, { method: 'GET', path: `/v1/Euiccs/${device.eid}` });
    const [eim] = device.state.iot!.eims;
    assert.equal(euicc.status, 'associated');
    assert.equal(euicc.counter, eim!.counterValue, 'each package has reached the eUICC, once');
  },
};

export const orderFor = (world: World, eid: string): Promise<any> =>
  placeOrder(world, { Eid: eid, GenerateMatchingId: 'true' });

/** Whatever happens on the way, one order at a time is installed. @returns the ICCID */
export async function installed(
  world: World,
  device: IotDevice,
  first = orderFor(world, device.eid),
): Promise<string> {
  for (let order = await first; ; order = await orderFor(world, device.eid)) {
    const { iccid } = await whenStatus(world, order.sid, 'available', 'installed', 'failed');
    const { status, error_code: code } = await persist(
      world,
      `${iccid} on ${device.eid}`,
      async () => {
        await device.poll();
        const path = `/v1/ESimProfiles/${order.sid}`;
        const { json } = await ask(world, { method: 'GET', path });
        return ['installed', 'failed'].includes(json.status as string) ? json : undefined;
      },
    );
    if (status === 'installed') return iccid;
    assert.equal(code, NO_ATTEMPTS_LEFT);
  }
}

/** A call that was not answered may have been carried out, or may be later, or twice: then the eUICC refuses the second. */
async function command(
  world: World,
  device: IotDevice,
  kind: string,
  iccid: string,
): Promise<void> {
  const path = `/v1/Euiccs/${device.eid}/Operations`;
  await persist(world, `${kind} is asked for`, async () => {
    if ((await operationsOf(world, device, kind)).length > 0) return true;
    const { status } = await world
      .send({ method: 'POST', path, form: { Kind: kind, Iccid: iccid } })
      .catch(() => ({ status: 0 }));
    return status === 201 || undefined;
  });
}

/** The first operation of a kind, once all have ended. */
export function ended(world: World, device: IotDevice, kind: string): Promise<any> {
  return persist(world, `${kind} on ${device.eid}`, async () => {
    await device.poll();
    const operations = await operationsOf(world, device, kind);
    const areEnded = operations.every(({ date_ended: date }) => date !== null);
    return areEnded ? operations.at(-1) : undefined;
  });
}

async function operationsOf(world: World, { eid }: IotDevice, kind: string): Promise<any[]> {
  const path = `/v1/Euiccs/${eid}/Operations`;
  const { json } = await ask(world, { method: 'GET', path });
  return json.operations.filter((one: any) => one.kind === kind);
}

export const statesOf = ({ state }: IotDevice) =>
  state.profiles.map(({ iccid, isEnabled }: any) => [iccid, isEnabled ? 'enabled' : 'disabled']);
