// `simwright demo --iot`: devices that nobody touches, and their eIM. Each gets a profile by an order for its EID; then one is switched
// to another profile, one goes back by itself, and one is moved to the eIM of another server.
import { join } from 'node:path';
import { pino } from 'pino';
import { readConfig } from '../config.ts';
import { openData } from '../data.ts';
import { firstStart } from '../first-start.ts';
import type { Server } from '../server.ts';
import { importPki } from '../smdp/pki/pki-import.ts';
import { demoDevice, type DemoDevice } from './demo-iot-device.ts';
import {
  ACCOUNT,
  callApi,
  startReceiver,
  title,
  untilApi,
  type Profile,
  type Receiver,
} from './demo-parts.ts';
import { print } from './output.ts';
import { UserError } from './user-error.ts';
import { freePort } from '../try-to-listen.ts';

const EIM_ID = 'eim.example.com';
const OTHER_EIM_ID = 'eim.example.org';

interface EuiccAnswer {
  sid: string;
  status: string;
  has_certificate: boolean;
  counter: number;
  profiles: { iccid: string; state: string }[] | null;
}
interface Operation {
  sid: string;
  kind: string;
  status: string;
  error_code: string | null;
}
interface Onboarding {
  add_initial_eim_request: string;
}

export async function runIot(folder: string): Promise<void> {
  const receiver = await startReceiver();
  await using server = await startEim(join(folder, 'simwright'), EIM_ID);
  await callApi(server, '/v1/Account', { CallbackUrl: receiver.url, EuiccCallbacks: 'true' });
  print(
    `The server listens on ${server.context.publicUrl}; devices reach its eIM at ${server.context.config.eimFqdn}.\n`,
  );
  await using first = demoDevice('pump 1', server);
  await using second = demoDevice('pump 2', server);
  await using third = demoDevice('pump 3', server);
  const devices = [first, second, third];

  title(
    'Three devices without a user: registered by EID, onboarded once, and from then on they poll',
  );
  for (const device of devices) await onboard(device, server);

  title('Three orders by EID; each profile comes through the eIM, and a signed package enables it');
  const orders = await Promise.all(devices.map(({ eid }) => order(server, receiver, { Eid: eid })));
  for (const [index, device] of devices.entries()) {
    await isEnabledOn(device, orders[index]!, server);
  }
  for (const { sid } of orders) {
    await receiver.told(sid, 'installed');
    await showHistory(server, sid);
  }

  title('Pump 1 gets a second profile, which the eIM switches to, and is switched back');
  const other = await order(server, receiver, { Eid: first.eid });
  await isEnabledOn(first, other, server);
  await ask(first, server, { Kind: 'enable', Iccid: orders[0]!.iccid! });
  await isEnabledOn(first, orders[0]!, server);

  title('Pump 2 gets a profile without connectivity, and goes back by itself');
  const dead = await order(server, receiver, { GenerateMatchingId: 'true' });
  second.lacksNetworkOf(dead.iccid!);
  const form = { Enable: 'true', Rollback: 'true', ActivationCode: dead.activation_code! };
  await ask(second, server, { Kind: 'download', ...form });
  const enable = await newest(second, server, 'enable');
  if (enable.error_code !== 'rollback') {
    throw new UserError(`The enable ended with ${enable.error_code}, not with rollback`);
  }
  print(`  operation   enable: ${enable.status}, ${enable.error_code}\n`);
  await ask(second, server, { Kind: 'listProfileInfo' });
  await isEnabledOn(second, orders[1]!, server);

  title('Pump 3 is moved to the eIM of another Simwright');
  await using elsewhere = await startEim(join(folder, 'other'), OTHER_EIM_ID, ciOf(server));
  print(`  other eIM   at ${elsewhere.context.config.eimFqdn}, which trusts the same CI\n`);
  await move(third, server, elsewhere);
  await isEnabledOn(third, orders[2]!, elsewhere);
  receiver.close();
  print('\nTo do this with a server of your own: docs/iot.md\n');
}

/** @param ci DER of the CI of eUICCs that this server has not issued */
async function startEim(folder: string, eimId: string, ci?: Uint8Array): Promise<Server> {
  const [es9Port, esipaPort] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')];
  const { config, secrets } = readConfig({
    SIMWRIGHT_DATA: folder,
    SIMWRIGHT_PORT: '0',
    SIMWRIGHT_ES9_PORT: String(es9Port),
    SIMWRIGHT_METRICS_PORT: 'off',
    SIMWRIGHT_SMDP_ADDRESS: `localhost:${es9Port}`,
    SIMWRIGHT_ESIPA_PORT: String(esipaPort),
    SIMWRIGHT_EIM_ID: eimId,
    SIMWRIGHT_ACCOUNT_SID: ACCOUNT.sid,
    SIMWRIGHT_AUTH_TOKEN: ACCOUNT.authToken,
    SIMWRIGHT_TEST_STOCK: '10',
  });
  if (ci !== undefined) {
    const data = await openData(config, secrets);
    try {
      await firstStart({ account: secrets.account, testStock: config.testStock }, data);
      await importPki([{ name: 'ci.der', content: ci }], data);
    } finally {
      await data.store.close();
    }
  }
  const { startServer } = await import('../server.ts');
  return startServer(config, secrets, pino({ level: 'silent' }));
}

function ciOf({ context: { pki } }: Server): Uint8Array {
  return pki.cis.find(({ curve }) => curve === 'prime256v1')!.der;
}

async function onboard(device: DemoDevice, server: Server): Promise<void> {
  const { name, eid } = device;
  const form = { Eid: eid, FriendlyName: name };
  const { sid } = await callApi<EuiccAnswer>(server, '/v1/Euiccs', form);
  print(`  registered  ${sid}: ${name}, EID ${eid}\n`);
  device.onboard(await onboardingOf(device, server));
  await untilApi<EuiccAnswer>(server, pathOf(device), (euicc) => euicc.has_certificate);
}

async function onboardingOf(device: DemoDevice, server: Server): Promise<Uint8Array> {
  const path = `${pathOf(device)}/Onboarding`;
  const { add_initial_eim_request: request } = await callApi<Onboarding>(server, path);
  return Uint8Array.fromBase64(request);
}

/** With callbacks. @returns the order once it is available, or further */
async function order(
  server: Server,
  receiver: Receiver,
  form: Record<string, string>,
): Promise<Profile> {
  const all = { ...form, CallbackUrl: receiver.url };
  const { sid } = await callApi(server, '/v1/ESimProfiles', all);
  print(`  ordered     ${sid}\n`);
  return untilApi(server, `/v1/ESimProfiles/${sid}`, ({ iccid }) => iccid !== null);
}

/** Waits until the eUICC has signed that it is so. */
async function isEnabledOn(
  device: DemoDevice,
  { sid, iccid }: Profile,
  server: Server,
): Promise<void> {
  const isEnabled = ({ profiles }: EuiccAnswer) =>
    profiles?.find(({ state }) => state === 'enabled')?.iccid === iccid;
  const { profiles, counter } = await untilApi(server, pathOf(device), isEnabled);
  const others = profiles!.filter((one) => one.iccid !== iccid);
  const text = others.map((one) => `, ${one.iccid} ${one.state}`).join('');
  print(`  eUICC       ${device.name}: ${iccid} enabled${text} (${sid}, counter ${counter})\n`);
}

/** Waits until it has ended as it should. */
async function ask(
  device: DemoDevice,
  server: Server,
  form: Record<string, string>,
): Promise<void> {
  const path = `${pathOf(device)}/Operations`;
  const { sid, kind } = await callApi<Operation>(server, path, form);
  const isEnded = ({ status }: Operation) => status !== 'queued' && status !== 'sent';
  const { status, error_code: code } = await untilApi(server, `${path}/${sid}`, isEnded);
  if (status !== 'completed') throw new UserError(`${kind} ended as ${status}: ${code}`);
  print(`  operation   ${kind}: ${status}\n`);
}

/** Waits until the newest operation of a kind has ended. */
async function newest(device: DemoDevice, server: Server, kind: string): Promise<Operation> {
  const path = `${pathOf(device)}/Operations`;
  const find = ({ operations }: { operations: Operation[] }) =>
    operations.find((one) => one.kind === kind);
  const isEnded = ({ status = 'queued' }: Partial<Operation> = {}) =>
    status === 'completed' || status === 'failed';
  return find(
    await untilApi(server, path, (answer: { operations: Operation[] }) => isEnded(find(answer))),
  )!;
}

/** The eIM of before tells the eUICC of the new one, then that it forgets the old one. */
async function move(device: DemoDevice, from: Server, to: Server): Promise<void> {
  await callApi(to, '/v1/Euiccs', { Eid: device.eid, FriendlyName: device.name });
  const Configuration = (await onboardingOf(device, to)).toBase64();
  await ask(device, from, { Kind: 'addEim', Configuration });
  await untilApi<EuiccAnswer>(to, pathOf(device), (euicc) => euicc.has_certificate);
  await ask(device, from, { Kind: 'deleteEim', EimId: EIM_ID });
  const isLeft = ({ status }: EuiccAnswer) => status === 'left';
  await untilApi(from, pathOf(device), isLeft);
  print(`  status      ${device.name} has left ${EIM_ID}\n`);
  await ask(device, to, { Kind: 'listProfileInfo' });
}

async function showHistory(server: Server, sid: string): Promise<void> {
  const path = `/v1/ESimProfiles/${sid}/Events`;
  const { events } = await callApi<{ events: { cause: string; detail: string | null }[] }>(
    server,
    path,
  );
  print(
    `  history     ${sid}: ${events
      .map(({ cause }) => cause)
      .toReversed()
      .join(', ')}\n`,
  );
}

const pathOf = ({ eid }: DemoDevice) => `/v1/Euiccs/${eid}`;
