// The clients of a storm: each goes on one journey after the other, until the storm is over.
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Es9PlusTransport } from '../../src/device/es9plus-transport.ts';
import { ConnectionError } from '../../src/device/ipa/esipa-transport.ts';
import { httpWorld } from '../http-world.ts';
import type { Journey } from '../journey.ts';
import { JOURNEYS } from '../journeys/index.ts';
import type { Random } from '../random.ts';
import { NoAnswer, PowerLost } from '../world.ts';
import type { ApiRequest, World } from '../world.ts';
import type { Site } from './site.ts';
import { ACCOUNT, SMDP_ADDRESS } from './site.ts';
import { count } from './tally.ts';
import type { Tally } from './tally.ts';

/** Time does not pass faster for real processes, and a storm has one database, which is new. */
export const SUITABLE: readonly Journey[] = JOURNEYS.filter(
  ({ database, passesTime }) => database !== 'old' && passesTime !== true,
);
const TIMEOUT_MS = 10_000;
/**
 * A client counts its pauses, and they become longer: in a storm nothing happens for half of the time, and a clock that
 * was set back runs at half speed.
 */
const LONGER_EACH_TIME = 0.02;
const LONGEST = 8;

export interface Party {
  /** The file that `simwright verify --acknowledged` reads, open. */
  told: number;
  tally: Tally;
  journeys: readonly Journey[];
  /** Whether a device loses its power now: asked after each function of its eUICC. */
  powerFails?: () => boolean;
  /** Ends all journeys at once. */
  signal: AbortSignal;
}

/** Where clients and devices reach the servers. */
export interface Reachable extends Pick<Site, 'pki' | 'receiver'> {
  links: Record<'clients' | 'devices' | 'ipas', readonly { port: number }[]>;
}

/** What one client sees. It asks one server until that does not answer, then the next. */
export function worldOf(
  site: Reachable,
  random: Random,
  { told, tally, signal, powerFails }: Party,
): World {
  const { links, pki, receiver } = site;
  let at = random.integer(0, links.clients.length - 1);
  const moveOn = () => (at = (at + 1) % links.clients.length);
  const around = httpWorld({
    random,
    account: ACCOUNT,
    apiUrl: () => `http://127.0.0.1:${links.clients[at]!.port}`,
    es9At: () => ({ host: '127.0.0.1', port: links.devices[at]!.port }),
    esipaAt: () => ({ host: '127.0.0.1', port: links.ipas[at]!.port }),
    smdpAddress: SMDP_ADDRESS,
    pki,
    receiver,
    timeoutMs: TIMEOUT_MS,
    acknowledge: (resource) => writeSync(told, `${JSON.stringify(resource)}\n`),
  });

  async function counted<T>(work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    tally.requests++;
    try {
      return await work();
    } catch (error) {
      if (error instanceof NoAnswer || error instanceof ConnectionError) {
        tally.unanswered++;
        tally.troubles.push({ kind: 'no answer', text: error.message });
        moveOn();
      }
      throw error;
    }
  }
  const es9: Es9PlusTransport = {
    async send(functionName, smdpAddress, request) {
      const answer = await counted(() => around.es9.send(functionName, smdpAddress, request));
      if (answer.body.includes('boundProfilePackage')) tally.downloads++;
      return answer;
    },
  };
  const esipa: World['esipa'] = (eim) => {
    const transport = around.esipa(eim);
    return { send: (request) => counted(() => transport.send(request)) };
  };
  async function send(request: ApiRequest) {
    const answer = await counted(() => around.send(request));
    if (answer.status >= 500) {
      tally.troubles.push({ kind: 'busy', text: `${request.path}: ${answer.status}` });
    }
    const isNew = answer.headers.get('idempotent-replayed') === null;
    if (answer.status === 201 && isNew && request.path === '/v1/ESimProfiles') tally.orders++;
    return answer;
  }
  let pauses = 0;
  function pause(ms: number): Promise<void> {
    return sleep(ms * Math.min(LONGEST, 1 + pauses++ * LONGER_EACH_TIME), undefined, { signal });
  }
  function power(): void {
    if (powerFails?.() !== true) return;
    count(tally, 'power of a device');
    throw new PowerLost();
  }
  return { ...around, es9, esipa, power, send, sleep: pause };
}

/** @param isOver asked before each journey; one that was begun is ended */
export async function travel(
  site: Reachable,
  random: Random,
  party: Party,
  isOver: () => boolean,
): Promise<void> {
  const { tally, journeys, signal } = party;
  while (!isOver() && !signal.aborted) {
    const journey = random.pick(journeys);
    try {
      await journey.run(worldOf(site, random.fork(), party));
      tally.journeys++;
    } catch (error) {
      if (signal.aborted) tally.abandoned.push(journey.name);
      else tally.violations.push(`journey ${journey.name}: ${(error as Error).message}`);
    }
  }
}
