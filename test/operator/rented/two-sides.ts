// An operator's data in front of a rented SM-DP+ that has its own, with whatever can go wrong between them, in one process.
import { pino } from 'pino';
import { rentedAt } from '../../../src/choose-smdp.ts';
import type { ChosenSmdp } from '../../../src/choose-smdp.ts';
import type { Context } from '../../../src/context.ts';
import { PeerUnavailable } from '../../../src/outgoing/peer-unavailable.ts';
import { createAccount } from '../../../src/operator/account/account.ts';
import type { SmdpClient } from '../../../src/operator/rented/call-smdp.ts';
import { checkOrder, placeOrder } from '../../../src/operator/placeOrder.ts';
import type { Order } from '../../../src/operator/placeOrder.ts';
import { ALONE } from '../../../src/process/peers.ts';
import { builtInSmdp } from '../../../src/smdp/orders/built-in-smdp.ts';
import { toRow } from '../../../src/smdp/stock/subscription.ts';
import { generateTestStock } from '../../../src/smdp/stock/test-stock.ts';
import type { EsimProfileRow } from '../../../src/store/schema.ts';
import type { Transact } from '../../../src/unit.ts';
import type { TestData } from '../../data.ts';
import { openTestData } from '../../data.ts';
import type { TestDatabase } from '../../databases.ts';

/** What becomes of a call: it does not leave, it is carried out but its answer is lost, or it is lost on its way. */
export type Fault = 'down' | 'answer lost' | 'request lost' | Error;

export const DIES = new Error('the process dies here');

export interface TwoSides extends AsyncDisposable {
  data: TestData;
  accountSid: string;
  /** Of the process that lives now. */
  context: Context;
  chosen: ChosenSmdp;
  /** Decides what becomes of each call. */
  fault: (name: string, count: number) => Fault | undefined | Promise<Fault | undefined>;
  /** Whether the SM-DP+ takes the calls for those of an operator over ES2+, for whom it knows repetitions. */
  isOperator: boolean;
  /** Makes another answer of what a call was answered. */
  lie: (name: string, answer: never) => object | undefined;
  /** Is told each point at which a process can die: around each commit, and around each call. */
  at: (point: string) => void;
  /** Calls that arrived: the function, and its identifier. */
  arrived: [name: string, identifier: string][];
  stock(count: number, type?: string): Promise<void>;
  order(given?: Partial<Order>): Promise<EsimProfileRow>;
  /** Runs the reservation until it has nothing to do. */
  reserveAll(): Promise<void>;
  /** Other accounts, with no orders and no stock, and nothing that goes wrong. */
  begin(): Promise<void>;
  /** As if the time were over for which a process has a task. */
  leasesEnd(): Promise<void>;
  /** A new process on the same data. */
  restart(): void;
  find(sid: string): Promise<EsimProfileRow>;
  /** The ICCIDs of the profiles at the SM-DP+ that are in stock. */
  inStock(): Promise<string[]>;
  /** The states of the profiles at the SM-DP+ that are not in stock. */
  ordered(): Promise<
    { iccid: string; state: string; matchingId: string | null; eid: string | null }[]
  >;
  causes(sid: string): Promise<string[]>;
}

export async function twoSides(database: TestDatabase): Promise<TwoSides> {
  const data = await openTestData(database);
  const remote = await openTestData({
    name: 'SQLite',
    fresh: async () => undefined,
    own: async () => undefined,
  });
  const newAccount = async ({ transact, masterKey }: TestData) =>
    (await transact((unit) => createAccount({ friendlyName: 'Test' }, masterKey, unit)))!.account
      .sid;
  let theirs = await newAccount(remote);
  let begun = 0;
  const log = pino({ level: 'silent' });
  /** By identifier: a call that is repeated is answered as it was first. */
  const answers = new Map<string, Promise<unknown>>();

  const client: SmdpClient = {
    async call(name, { header, ...request }) {
      const { functionCallIdentifier: identifier } = header;
      const fault = await sides.fault(name, sides.arrived.length);
      sides.at(`before ${name}`);
      if (fault === 'down') throw new PeerUnavailable('connection refused', 'not sent');
      if (fault === 'request lost') throw new PeerUnavailable('no answer in time', 'sent');
      sides.arrived.push([name, identifier]);
      if (fault instanceof Error) throw fault;
      const answer =
        answers.get(identifier) ??
        remote.transact((unit): Promise<unknown> => {
          const { masterKey } = remote;
          const smdp = builtInSmdp({
            accountSid: theirs,
            ...(sides.isOperator ? { operatorSid: `OP${'1'.repeat(32)}` } : {}),
            smdpAddress: 'smdp.example',
            masterKey,
            unit,
          });
          return smdp[name]({ header, ...request } as never);
        });
      answers.set(identifier, answer);
      const done = await answer;
      sides.at(`after ${name}`);
      if (fault === 'answer lost') throw new PeerUnavailable('no answer in time', 'sent');
      return sides.lie(name, done as never) ?? done ?? {};
    },
  };

  const transact: Transact = async (work) => {
    sides.at('before a commit');
    const result = await data.transact(work);
    sides.at('after a commit');
    return result;
  };

  const sides: TwoSides = {
    data,
    accountSid: await newAccount(data),
    context: undefined as never,
    chosen: undefined as never,
    fault: () => undefined,
    lie: () => undefined,
    isOperator: false,
    at() {},
    arrived: [],
    async stock(count, type) {
      await remote.transact((unit) =>
        generateTestStock(theirs, count, type, remote.masterKey, unit),
      );
    },
    async order(given = {}) {
      const wanted = {
        accountSid: sides.accountSid,
        generateMatchingId: true,
        cause: { cause: 'test' },
        ...given,
      };
      const now = data.store.now();
      const checked = checkOrder(wanted, { eidCheckDigits: false, now });
      return data.transact((unit) => placeOrder(checked, data.masterKey, unit));
    },
    async reserveAll() {
      while (await sides.chosen.reserve(sides.context, 50));
    },
    restart() {
      const { store, masterKey } = data;
      sides.chosen = rentedAt(
        { url: 'https://smdp.example' },
        client,
        { store, masterKey, transact },
        log,
      );
      const { smdp, rented } = sides.chosen;
      sides.context = {
        ...data,
        smdp,
        rented,
        transact: sides.chosen.transact,
        config: { ...data.config, smdpAddress: 'smdp.example' },
        log,
        now: () => store.now(),
        wake() {},
        peers: ALONE,
      } as unknown as Context;
    },
    async begin() {
      sides.fault = () => undefined;
      sides.lie = () => undefined;
      sides.isOperator = false;
      sides.restart();
      sides.arrived.length = 0;
      theirs = await newAccount(remote);
      await remote.transact(({ tables, now }) =>
        tables.subscriptions.insertMany([lastBefore(++begun, theirs, remote, now)]),
      );
      sides.accountSid = await newAccount(data);
    },
    leasesEnd: () =>
      data.transact(({ tables, now }) => tables.es2plusTasks.release(now.toISOString())),
    find: async (sid) => (await data.store.esimProfiles.find(sides.accountSid, sid))!,
    async inStock() {
      const rows = await remote.store.subscriptions.list(theirs, { limit: 1_000 });
      return rows.filter(({ state }) => state === 'Available').map(({ iccid }) => iccid);
    },
    async ordered() {
      const rows = await remote.store.subscriptions.list(theirs, { limit: 1_000 });
      return rows
        .filter(({ state }) => state !== 'Available' && state !== 'Unavailable')
        .map(({ iccid, state, matching_id: matchingId, eid }) => ({
          iccid,
          state,
          matchingId,
          eid,
        }));
    },
    async causes(sid) {
      const events = await data.store.esimProfileEvents.list(sides.accountSid, sid);
      return events.map(({ cause }) => cause);
    },
    async [Symbol.asyncDispose]() {
      await remote[Symbol.asyncDispose]();
      await data[Symbol.asyncDispose]();
    },
  };
  sides.restart();
  return sides;
}

/** Behind it, stock is generated whose ICCIDs no other account has. */
function lastBefore(begun: number, accountSid: string, { masterKey }: TestData, now: Date) {
  const none = '0'.repeat(8);
  const secrets = {
    ki: none.repeat(4),
    opc: none.repeat(4),
    pin1: '0000',
    puk1: none,
    pin2: '0000',
    puk2: none,
    adm1: none,
  };
  const iccid = `8999901${String(begun * 1_000).padStart(11, '0')}0`;
  const row = toRow(
    { iccid, imsi: '001010000000000', profileType: 'none', secrets },
    accountSid,
    masterKey,
    now,
  );
  return { ...row, state: 'Unavailable' } as const;
}
