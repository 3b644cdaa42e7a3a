// §5.6 mutated calls: a response by the standard, never a server error, and no effect. The mutations are
// reproducible.
import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { enableProfile } from '../../src/device/enableProfile.ts';
import type { Es9PlusFunction } from '../../src/device/es9plus-transport.ts';
import { EnableProfileRequest } from '../../src/rsp/definitions/local-functions.ts';
import { encodeIccid } from '../../src/rsp/identifiers.ts';
import { mutate, ODD, randomFrom } from '../mutations.ts';
import type { Random } from '../mutations.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import {
  errorsLogged,
  fromBase64,
  LPA_HEADERS,
  NO_CONTENT,
  placeOf,
  post,
  stateOf,
  statusOf,
  stepsOf,
  SUCCESS,
  toBase64,
} from './calls.ts';
import type { Steps } from './calls.ts';

const CASES = 300;
const AT_ONCE = 20;

type Members = Record<string, string>;

/** A request mutated in its JSON or in the DER of a member. */
function mutated(honest: Members, random: Random): string {
  const names = Object.keys(honest);
  const name = names[random(names.length)]!;
  const binary = names.filter((one) => one !== 'transactionId' && one !== 'smdpAddress');
  switch (random(6)) {
    case 0: {
      const json = Buffer.from(JSON.stringify(honest));
      return Buffer.from(mutate(json, random)).toString('latin1');
    }
    case 1:
      return JSON.stringify({ ...honest, [name]: ODD[random(ODD.length)] });
    case 2: {
      const text = Buffer.from(mutate(Buffer.from(honest[name]!), random)).toString('latin1');
      return JSON.stringify({ ...honest, [name]: text });
    }
    default: {
      const member = binary[random(binary.length)]!;
      let der = fromBase64(honest[member]!);
      for (let times = 1 + random(3); times > 0 && der.length > 0; times -= 1) {
        der = mutate(der, random);
      }
      return JSON.stringify({ ...honest, [member]: toBase64(der) });
    }
  }
}

/** Whether a mutation is equivalent to the honest request. */
function isSame(honest: Members, text: string): boolean {
  let members: Record<string, unknown>;
  try {
    members = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return false;
  }
  return Object.entries(honest).every(([name, value]) => {
    const other = members[name];
    if (typeof other !== 'string') return false;
    return name === 'transactionId' || name === 'smdpAddress'
      ? other.toLowerCase() === value.toLowerCase()
      : Buffer.from(other, 'base64').equals(Buffer.from(value, 'base64'));
  });
}

const refusalsOf = (results: Map<string, number>) =>
  [...results.keys()].filter((result) => result !== SUCCESS && result !== NO_CONTENT);

describe('§5.6 mutated calls', () => {
  let server: TestServer;
  let order: any;
  let steps: Steps;
  const agent = new Agent({ keepAlive: true });
  before(async () => {
    server = await startTestServer({ es9: true, stock: 5 });
    order = await server.order({ GenerateMatchingId: 'true' });
    steps = stepsOf(server, order.matching_id);
  });
  after(async () => {
    agent.destroy();
    await server[Symbol.asyncDispose]();
  });

  /** @returns how often each result came */
  async function fuzz(
    name: Es9PlusFunction,
    honest: Members,
    seed: number,
  ): Promise<Map<string, number>> {
    const random = randomFrom(seed);
    const { store } = server.server.context;
    const read = async () => [
      await stateOf(server, order.sid),
      steps.transactionId && (await store.rspSessions.find(steps.transactionId)),
    ];
    const untouched = await read();
    const results = new Map<string, number>();
    const texts = Array.from({ length: CASES }, () => mutated(honest, random)).filter(
      (text) => !isSame(honest, text),
    );
    assert.ok(texts.length > CASES / 2);
    while (texts.length > 0) {
      await Promise.all(
        texts.splice(0, AT_ONCE).map(async (text) => {
          const { result } = await post(placeOf(server), name, text, LPA_HEADERS, agent);
          results.set(result, (results.get(result) ?? 0) + 1);
        }),
      );
    }
    assert.deepEqual(errorsLogged(server), []);
    if (name === 'getBoundProfilePackage') return results;
    assert.deepEqual(await read(), untouched, 'nothing has changed');
    return results;
  }

  test('of InitiateAuthentication', async () => {
    const other = stepsOf(server, '');
    await other.initiate();
    const results = await fuzz('initiateAuthentication', other.sent.initiateAuthentication!, 1);
    assert.ok(refusalsOf(results).includes('1.6 / 2.1'));
  });

  test('of AuthenticateClient', async () => {
    await steps.initiate();
    const honest = steps.authenticateServer();
    const results = await fuzz('authenticateClient', honest, 2);
    assert.equal(results.get(SUCCESS), undefined);
    for (const expected of ['1.6 / 2.1', '8.1 / 6.1', '8.1.2 / 6.1', '8.1.3 / 6.1']) {
      assert.ok(results.has(expected), expected);
    }
    assert.equal(steps.keep(await steps.send('authenticateClient', honest)).result, SUCCESS);
  });

  test('of CancelSession', async () => {
    const other = await stepsOf(server, order.matching_id).begin();
    const { session } = other.euicc;
    assert.ok(session);
    const kept = steps;
    steps = other;
    // The request is built but not sent.
    const honest = await captured(other);
    const results = await fuzz('cancelSession', honest, 3);
    steps = kept;
    assert.equal(results.get(SUCCESS), undefined);
    assert.ok(results.has('8.1 / 6.1'));
  });

  test('of GetBoundProfilePackage', async () => {
    const honest = steps.prepareDownload();
    const status = await statusOf(server, order.sid);
    const results = await fuzz('getBoundProfilePackage', honest, 4);
    assert.equal(results.get(SUCCESS), undefined);
    assert.ok(results.has('8.1 / 6.1'));
    assert.equal(await statusOf(server, order.sid), status);
    const reply = await steps.send('getBoundProfilePackage', honest);
    assert.equal(reply.result, SUCCESS);
    installed = steps.load(reply);
  });

  let installed: Uint8Array;
  test('of HandleNotification, with the result of an installation', async () => {
    const honest = { pendingNotification: toBase64(installed) };
    const results = await fuzz('handleNotification', honest, 5);
    assert.ok(results.has(NO_CONTENT));
    await steps.notify(installed);
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
  });

  test('of HandleNotification, with another notification', async () => {
    const profileIdentifier = { iccid: encodeIccid(order.iccid) };
    const request = EnableProfileRequest.encode({ profileIdentifier, refreshFlag: false });
    enableProfile(steps.euicc, request);
    const { pendingNotification } = steps.euicc.state.notifications.at(-1)!;
    const eventsOf = async () =>
      (await server.request(`/v1/ESimProfiles/${order.sid}/Events`)).json.events.length as number;
    const untouched = await eventsOf();
    const results = await fuzz('handleNotification', { pendingNotification }, 6);
    assert.ok(results.has(NO_CONTENT));
    assert.equal(await eventsOf(), untouched);
    await steps.notify(fromBase64(pendingNotification));
    assert.equal(await eventsOf(), untouched + 1);
  });

  /** The device's request to cancel its session, not sent. */
  async function captured(device: Steps): Promise<Members> {
    const { transactionId } = device;
    const nowhere = stepsOf(server, '', device.euicc);
    nowhere.transactionId = transactionId;
    let members: Members | undefined;
    nowhere.send = async (_name, sent) => {
      members = sent;
      return post(placeOf(server), 'cancelSession', {});
    };
    await nowhere.cancel('endUserRejection');
    return members!;
  }
});
