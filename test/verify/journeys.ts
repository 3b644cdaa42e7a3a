// Everything that can happen to an order, once, on a real server: what a database holds in the middle of its life.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Data } from '../../src/data.ts';
import { callEs10 } from '../../src/device/es10.ts';
import { keepNotification } from '../../src/eim/kept-notifications.ts';
import type { Euicc } from '../../src/device/euicc.ts';
import {
  createConsoleTicket,
  redeemConsoleTicket,
} from '../../src/operator/account/console-session.ts';
import { checkOrder, placeOrder } from '../../src/operator/placeOrder.ts';
import {
  DeleteProfileRequest,
  DisableProfileRequest,
  EnableProfileRequest,
} from '../../src/rsp/definitions/local-functions.ts';
import { encodeIccid } from '../../src/rsp/identifiers.ts';
import { defaultTemplate } from '../../src/saip/default-template.ts';
import { builtInSmdp } from '../../src/smdp/orders/built-in-smdp.ts';
import { createOperator } from '../../src/smdp/operators/operators.ts';
import { endExpiredOrders } from '../../src/smdp/download/order-expiry.ts';
import { toPackageRow } from '../../src/smdp/package/sealed-package.ts';
import { importTemplate } from '../../src/smdp/package/template-import.ts';
import { Ipa, packageFor } from '../esipa/ipa.ts';
import { NO_CONTENT, statusOf, stepsOf, SUCCESS } from '../es9plus/calls.ts';
import { newEid, newEuicc, newPhone } from '../es9plus/phone.ts';
import type { Receiver } from '../receiver.ts';
import { startReceiver } from '../receiver.ts';
import { eventually } from '../server.ts';
import type { TestServer, TestSettings } from '../server.ts';
import { orderOverEs2Plus } from './es2plus-journey.ts';

export const JOURNEYS: TestSettings = {
  es9: true,
  stock: 40,
  env: {
    SIMWRIGHT_ORDER_LIFETIME_DAYS: '1',
    SIMWRIGHT_ES2_PORT: '0',
    SIMWRIGHT_ESIPA_PORT: '0',
    // Nobody answers there.
    SIMWRIGHT_SMDS: '127.0.0.1:9',
  },
};

const DAY_MS = 24 * 60 * 60 * 1_000;
const NOBODY = 'http://127.0.0.1:9/status';

/** SIDs of orders by what became of them. */
export type Orders = Record<
  | 'installed'
  | 'byEid'
  | 'downloaded'
  | 'interrupted'
  | 'available'
  | 'announced'
  | 'coded'
  | 'repeated'
  | 'noStock'
  | 'wrongCodes'
  | 'cancelled'
  | 'notInstalled'
  | 'expired'
  | 'changed'
  | 'told'
  | 'withdrawn'
  | 'replaced'
  | 'replacing',
  string
>;

/** When it resolves, the server is at rest but for the callbacks to nobody. */
export async function runJourneys(server: TestServer): Promise<Orders> {
  await using receiver = await startReceiver(answerer());
  const callback = { CallbackUrl: `${receiver.url}/status#rc=3` };
  const order = async (form: Record<string, string> = {}) =>
    server.order({ GenerateMatchingId: 'true', ...form });

  // First, since the time of the server goes on for what is written meanwhile.
  const expired = await expire(server, await order({ CallbackUrl: NOBODY }));
  const installed = await order(callback);
  await liveOnDevice(server, installed);
  const eid = newEid();
  const byEid = await server.order({ Eid: eid.toLowerCase(), ...callback });
  const euicc = newEuicc(server, { eid });
  await newPhone(server, { euicc }).download(`1$${byEid.smdp_plus_address}$`);

  const downloaded = await order();
  await stepsOf(server, downloaded.matching_id).install();
  const interrupted = await order(callback);
  await comeAgain(server, interrupted.matching_id);
  const available = await order({ CallbackUrl: credentialsIn(receiver) });
  const announced = await order({ Eid: newEid() });
  const coded = await order({ ConfirmationCode: '2580' });
  await enterCodes(server, coded.matching_id, 2);
  const repeated = await orderTwice(server);

  const noStock = await server.order({
    GenerateMatchingId: 'true',
    ProfileType: 'none',
    CallbackUrl: NOBODY,
  });
  const wrongCodes = await order({ ConfirmationCode: '2580', ...callback });
  await enterCodes(server, wrongCodes.matching_id, 5);
  const cancelled = await order(callback);
  await cancel(server, cancelled.matching_id);
  const notInstalled = await order(callback);
  await failToInstall(server, notInstalled.matching_id);

  const later = await changeOrders(server, order, callback);
  await changeSim(server, installed.sim_sid, callback.CallbackUrl);
  await addTheRest(server, available.sid);
  await orderBatch(server, receiver.url);
  await orderOverEs2Plus(server);
  await orderOverEs2(server);
  await manageEuicc(server);
  await eventually(async () => ((await pending(server, receiver.url)) === 0 ? true : undefined));
  await server.request('/v1/Callbacks/Retry?State=failed', { method: 'POST' });
  await eventually(async () => ((await pending(server, receiver.url)) === 0 ? true : undefined));

  const orders = {
    installed,
    byEid,
    downloaded,
    interrupted,
    available,
    coded,
    repeated,
    noStock,
    announced,
  };
  const failed = { wrongCodes, cancelled, notInstalled, expired };
  const sids = Object.fromEntries(
    Object.entries({ ...orders, ...failed, ...later }).map(([name, { sid }]: [string, any]) => [
      name,
      sid as string,
    ]),
  );
  assert.equal(await statusOf(server, expired.sid), 'failed Error');
  assert.equal(await statusOf(server, interrupted.sid), 'installed Installed');
  return sids as Orders;
}

/**
 * An eUICC of the eIM in a group, with an operation that has ended, one that was sent, one that waits, and one of a bulk operation, and with a
 * notification that its SM-DP+ has not taken; and one of a range that has not proved who it is.
 */
async function manageEuicc(server: TestServer): Promise<void> {
  const ipa = new Ipa(server);
  await server.request('/v1/Euiccs', { form: { Eid: ipa.eid, CallbackUrl: NOBODY } });
  const { json: removed } = await server.request('/v1/Euiccs', {
    form: { Eid: newEid(), CallbackUrl: NOBODY },
  });
  await server.request(`/v1/Euiccs/${removed.sid}`, { method: 'DELETE' });
  await ipa.provide(ipa.dataFor(await packageFor(ipa)));
  const operations = `/v1/Euiccs/${ipa.eid}/Operations`;
  for (let count = 1; count <= 3; count++) {
    await server.request(operations, { form: { Kind: 'unsetFallbackAttribute' } });
  }
  const download = {
    Kind: 'download',
    ActivationCode: '1$smdp.example.com$A',
    ConfirmationCode: '1',
  };
  await server.request(operations, { form: download });
  await ipa.provide(ipa.resultOf(await packageFor(ipa), [{ unsetFallbackAttributeResult: 0 }]));
  await packageFor(ipa);
  await server.request(`/v1/Euiccs/${ipa.eid}`, { form: { Group: 'Berlin' } });
  const form = { Kind: 'listProfileInfo', Group: 'Berlin' };
  const { json: bulk } = await server.request('/v1/Euiccs/BulkOperations', { form });
  await eventually(async () => {
    const { counts } = (await server.request(bulk.url)).json;
    return counts.queued === 1 ? true : undefined;
  });
  const { context } = server.server;
  const euicc = (await context.store.euiccs.find(ipa.eid))!;
  const notification = { smdpAddress: '127.0.0.1:9', seqNumber: 7, der: Uint8Array.of(0xbf, 0x37) };
  assert.ok(await keepNotification(euicc, notification, context));
  const eid = newEid();
  const range = { EidPrefix: eid.slice(0, 20), Limit: '5' };
  await server.request('/v1/EuiccRanges', { form: range });
  const stranger = new Ipa(server, { eid });
  const asked = await stranger.poll();
  assert.ok(asked instanceof Uint8Array);
  await stranger.provide(stranger.dataFor(asked));
  assert.ok(await context.store.euiccContacts.find(eid));
}

/** An operator's order, released. */
async function orderOverEs2({ account, server }: TestServer): Promise<void> {
  const { config, masterKey, transact } = server.context;
  const { smdpAddress } = config;
  const accountSid = account.username;
  const { operator } = await createOperator(
    {
      accountSid,
      friendlyName: 'Journeys',
      requesterIdentifier: null,
      progressUrl: null,
      progressCa: null,
    },
    undefined,
    server.context,
  );
  await transact(async (unit) => {
    const context = { accountSid, operatorSid: operator.sid, smdpAddress, masterKey, unit };
    const smdp = builtInSmdp(context);
    const header = { functionRequesterIdentifier: 'x', functionCallIdentifier: '1' };
    const { iccid } = await smdp.downloadOrder({ header, profileType: 'default' });
    await smdp.confirmOrder({ header, iccid, releaseFlag: true });
  });
}

/** Every third call is refused: it is given up, and delivered when it is retried. */
function answerer(): Parameters<typeof startReceiver>[0] {
  let calls = 0;
  return (_call, _request, response) =>
    void response.writeHead(++calls % 3 === 1 ? 500 : 204).end();
}

function credentialsIn({ url }: Receiver): string {
  return url.replace('//', '//meter:secret@').concat('/status#rc=3');
}

/** Callbacks to a receiver that are not settled. */
async function pending(server: TestServer, receiver: string): Promise<number> {
  await sleep(20);
  const { json } = await server.request('/v1/Callbacks?State=pending&PageSize=1000');
  return json.callbacks.filter(({ callback_url: url }: any) =>
    (url as string).includes(new URL(receiver).host),
  ).length;
}

/** Downloaded, installed, enabled, disabled, deleted; and every notification told. */
async function liveOnDevice(server: TestServer, { activation_code, iccid }: any): Promise<void> {
  const phone = newPhone(server);
  await phone.download(activation_code);
  const profileIdentifier = { iccid: encodeIccid(iccid) };
  const call = (request: Uint8Array) => callEs10(phone.euicc, request);
  call(EnableProfileRequest.encode({ profileIdentifier, refreshFlag: false }));
  call(DisableProfileRequest.encode({ profileIdentifier, refreshFlag: false }));
  call(DeleteProfileRequest.encode({ iccid: encodeIccid(iccid) }));
  const { failed } = await phone.sendNotifications();
  assert.deepEqual(failed, []);
}

/** Interrupted after its package had left, and again from the beginning. */
async function comeAgain(server: TestServer, matchingId: string): Promise<void> {
  const euicc: Euicc = newEuicc(server);
  await (await stepsOf(server, matchingId, euicc).begin()).getPackage();
  const steps = stepsOf(server, matchingId, euicc);
  const result = await steps.install();
  assert.equal((await steps.notify(result)).result, NO_CONTENT);
  assert.equal((await steps.notify(result)).result, NO_CONTENT, 'told twice');
}

async function enterCodes(server: TestServer, matchingId: string, count: number): Promise<void> {
  for (let code = 0; code < count; code++) {
    const steps = await stepsOf(server, matchingId).begin();
    assert.notEqual((await steps.getPackage('0000')).result, SUCCESS);
  }
}

async function cancel(server: TestServer, matchingId: string): Promise<void> {
  const steps = await stepsOf(server, matchingId).begin();
  assert.equal((await steps.cancel('endUserRejection')).result, SUCCESS);
}

async function failToInstall(server: TestServer, matchingId: string): Promise<void> {
  const installationError = {
    bppCommandId: 'loadProfileElements',
    errorReason: 'installFailedDueToDataMismatch',
  } as const;
  const euicc = newEuicc(server, { options: { misbehaviour: { installationError } } });
  const steps = stepsOf(server, matchingId, euicc);
  assert.equal((await steps.notify(await steps.install())).result, NO_CONTENT);
}

async function expire({ server }: TestServer, order: any): Promise<any> {
  const { context } = server;
  const now = () => new Date(Date.now() + 2 * DAY_MS);
  assert.equal(await endExpiredOrders({ ...context, now }, 10), 1);
  return order;
}

/** Re-issued, named, bound to another EID, cancelled after its package had left, and ordered again. */
async function changeOrders(
  server: TestServer,
  order: (form?: Record<string, string>) => Promise<any>,
  callback: Record<string, string>,
) {
  const post = async ({ sid }: { sid: string }, operation: string, form = {}) => {
    const reply = await server.request(`/v1/ESimProfiles/${sid}${operation}`, { form });
    assert.ok(reply.status < 300, reply.text);
    return reply.json;
  };
  const changed = await order({ ConfirmationCode: '2580' });
  await stepsOf(server, changed.matching_id).begin();
  await post(changed, '', { Eid: newEid(), ExpiresAt: '2999-12-31' });
  await post(changed, '/MatchingId');
  const told = await order(callback);
  await post(told, '/MatchingId');
  const withdrawn = await order({
    ...callback,
    FriendlyName: 'Truck 17',
    Metadata: '{"order":"4711","site":"Berlin"}',
  });
  const steps = stepsOf(server, withdrawn.matching_id);
  const result = await steps.install();
  await post(withdrawn, '', { FriendlyName: 'Truck 18', 'Metadata.site': '', 'Metadata.lot': '7' });
  await post(withdrawn, '/Cancel', { FinalProfileStatusIndicator: 'Unavailable' });
  assert.equal((await steps.notify(result)).result, NO_CONTENT);
  const replaced = await order();
  await post(replaced, '/Cancel');
  const replacing = await post(replaced, '/Reorder');
  await eventually(async () => {
    const { json } = await server.request(`/v1/ESimProfiles/${replacing.sid}`);
    return json.status === 'available' || undefined;
  });
  return { changed, told, withdrawn, replaced, replacing };
}

/** The same request twice with one key is one order. */
async function orderTwice(server: TestServer): Promise<{ sid: string }> {
  const options = {
    form: { GenerateMatchingId: 'true' },
    headers: { 'Idempotency-Key': 'verify-1' },
  };
  const [first, second] = [
    await server.request('/v1/ESimProfiles', options),
    await server.request('/v1/ESimProfiles', options),
  ];
  assert.equal(second.json.sid, first.json.sid);
  await eventually(async () => {
    const { json } = await server.request(`/v1/ESimProfiles/${first.json.sid}`);
    return json.status === 'available' || undefined;
  });
  return first.json;
}

async function changeSim(server: TestServer, sid: string, url: string): Promise<void> {
  const form = { Status: 'active', UniqueName: 'Meter 1', CallbackUrl: url };
  await server.request(`/v1/Sims/${sid}`, { form });
  await eventually(async () => {
    const { json } = await server.request(`/v1/Sims/${sid}`);
    return json.status === 'active' || undefined;
  });
}

/** Keys, console, template, a ready package, install links, the brand: whatever else is sealed or ends some day. */
/** One item is ordered, one refused; the end is told. */
async function orderBatch(server: TestServer, receiver: string): Promise<void> {
  const body = {
    BatchCallbackUrl: `${receiver}/status#rc=3`,
    Items: [{ GenerateMatchingId: true }, { Eid: 'x' }],
  };
  const { json } = await server.request('/v1/ESimProfiles/Batches', { body });
  await eventually(async () => {
    const { status } = (await server.request(json.url as string)).json;
    return status === 'completed' ? true : undefined;
  });
}

async function addTheRest(server: TestServer, sid: string): Promise<void> {
  const { account } = server;
  await server.request('/v1/Keys', { form: { FriendlyName: 'verify' } });
  await server.request('/v1/Account/Brand', { form: { Name: 'Verify' } });
  const links = `/v1/ESimProfiles/${sid}/InstallLinks`;
  const { json: link } = await server.request(links, { form: { ExpiresIn: '7776000' } });
  await server.request(link.url, { method: 'DELETE' });
  await server.request(links, { method: 'POST' });
  const { store, masterKey, transact } = server.server.context;
  const row = (await store.accounts.find(account.username))!;
  const { ticket } = await transact((unit) => createConsoleTicket(row, unit));
  await redeemConsoleTicket(ticket, { masterKey, transact });
  await transact((unit) => createConsoleTicket(row, unit));
  const [inStock] = await store.subscriptions.list(account.username, {
    state: 'Available',
    limit: 1,
  });
  await transact(async (unit) => {
    const key = { accountSid: account.username, profileType: 'fleet' };
    await importTemplate(defaultTemplate(), key, '{}', masterKey, unit, { allow: true });
    const place = { accountSid: account.username, iccid: inStock!.iccid };
    await unit.tables.profilePackages.set(
      toPackageRow(defaultTemplate(), place, masterKey, unit.now),
    );
  });
}

/** An order while nobody is there to take it up: it stays new, with its confirmation code. */
export async function orderAtRest(
  { masterKey, transact }: Data,
  accountSid: string,
): Promise<string> {
  const cause = { cause: 'ordered by a test' };
  const order = { accountSid, generateMatchingId: true, confirmationCode: '2580', cause };
  const { sid } = await transact((unit) =>
    placeOrder(checkOrder(order, { eidCheckDigits: true, now: unit.now }), masterKey, unit),
  );
  return sid;
}
