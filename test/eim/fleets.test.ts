// Groups of eUICCs and bulk operations turn by turn, as the job carries them out, with a clock of the test: what each turn leaves
// behind is what a process that dies leaves behind.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { pino } from 'pino';
import { updateEuicc, removeEuicc } from '../../src/eim/euiccs.ts';
import type { EimContext } from '../../src/eim/eim.ts';
import { considerOrder, followOrders } from '../../src/eim/follow-orders.ts';
import type { FollowedAccounts } from '../../src/eim/follow-orders.ts';
import {
  cancelBulk,
  countBulk,
  createBulk,
  pauseBulk,
  resumeBulk,
  RUNNING_LIMIT,
} from '../../src/eim/fleet/bulk.ts';
import type { NewBulk } from '../../src/eim/fleet/bulk.ts';
import { walkBulkItems } from '../../src/eim/fleet/bulk-items.ts';
import { findEuiccs } from '../../src/eim/fleet/find-euiccs.ts';
import { nextAllowed } from '../../src/eim/fleet/gate.ts';
import { deleteGroup, findGroup } from '../../src/eim/fleet/groups.ts';
import { prepareBulk } from '../../src/eim/fleet/prepare-bulk.ts';
import type { Preparing } from '../../src/eim/fleet/prepare-bulk.ts';
import { importEuiccs } from '../../src/eim/fleet/register-many.ts';
import type { ImportedItem } from '../../src/eim/fleet/register-many.ts';
import { runBulks } from '../../src/eim/fleet/run-bulk.ts';
import type { BulkContext } from '../../src/eim/fleet/run-bulk.ts';
import { endOperation } from '../../src/eim/operations/operation.ts';
import { EimKeyRing, ensureEimKeys } from '../../src/eim/server-keys.ts';
import { bulkContext } from '../../src/jobs/fleets.ts';
import { housekeeping } from '../../src/jobs/housekeeping.ts';
import { createAccount } from '../../src/operator/account/account.ts';
import { reserveBatch } from '../../src/operator/reserve.ts';
import { completeEid } from '../../src/rsp/identifiers.ts';
import { builtInSmdp } from '../../src/smdp/orders/built-in-smdp.ts';
import { generateTestStock } from '../../src/smdp/stock/test-stock.ts';
import type { BulkOperationRow, EimOperationRow } from '../../src/store/schema.ts';
import { unitsOf } from '../../src/unit.ts';
import type { Units } from '../../src/unit.ts';
import type { TestData } from '../data.ts';
import { openTestData } from '../data.ts';
import { onEachDatabase } from '../databases.ts';
import { eim as eimInvariant } from '../../src/verify/eim.ts';
import { fleets } from '../../src/verify/fleets.ts';
import { violated } from '../verify/violated.ts';

const log = pino({ level: 'silent' });
const SMDP = 'smdp.example';
const ICCID = '89882110000000000014';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

onEachDatabase('fleets of the eIM', (database) => {
  let data: TestData;
  let clock: Date;
  let units: Units;
  let eim: EimContext['eim'];
  let bulks: BulkContext;
  /** Of each test. */
  let accountSid: string;
  let made = 0;

  const now = () => clock;
  const pass = (ms: number) => {
    clock = new Date(clock.getTime() + ms);
  };

  before(async () => {
    data = await openTestData(database);
    clock = data.store.now();
    units = unitsOf(data.store, now);
    await ensureEimKeys(data);
    eim = {
      keys: await EimKeyRing.open(data),
      es9plus: {
        reaches: (address) => address === SMDP,
        isNamed: () => false,
        isBuiltIn: (address) => address === SMDP,
        call: () => Promise.reject(new Error('nothing is downloaded here')),
      },
      noteOnOrder: () => Promise.resolve(),
      confirmationCodeOf: () => Promise.resolve(undefined),
    };
    bulks = bulkContext({ ...data, ...units, log, now });
  });
  after(() => data[Symbol.asyncDispose]());
  beforeEach(async () => {
    const created = await data.transact((unit) =>
      createAccount({ friendlyName: 'Fleet' }, data.masterKey, unit),
    );
    accountSid = created!.account.sid;
  });

  const context = () => ({ ...data, ...units, eim, log, now });
  const eid = () => completeEid(`89049032${String(++made).padStart(22, '0')}`);
  const given = (one: Partial<Extract<ImportedItem, { eid: string }>> = {}): ImportedItem => ({
    eid: eid(),
    resultSignature: 'associationToken',
    unsignedResults: false,
    ...one,
  });
  const importing = (
    items: readonly ImportedItem[],
    how: { allOrNothing?: boolean; update?: boolean; dryRun?: boolean } = {},
  ) =>
    importEuiccs(
      accountSid,
      { items, allOrNothing: false, update: false, dryRun: false, ...how },
      context(),
    );
  /** Registered, and with their first operations ended. */
  async function fleet(count: number, group = 'Berlin'): Promise<string[]> {
    const items = Array.from({ length: count }, () => given({ group }));
    assert.equal((await importing(items)).registered, count);
    const eids = items.map((item) => (item as { eid: string }).eid);
    await units.transact(async (unit) => {
      for (const one of eids) {
        const [first] = await unit.tables.eimOperations.underWay(one);
        await endOperation(first!, { status: 'completed' }, {}, unit);
      }
    });
    return eids;
  }
  const end = (
    { eid: of, sid }: EimOperationRow,
    status: 'completed' | 'failed',
    result?: object,
  ) =>
    units.transact(async (unit) => {
      await unit.tables.euiccs.lock(of);
      const current = await unit.tables.eimOperations.find(of, sid);
      await endOperation(current!, { status, result, errorCode: 'testing' }, {}, unit);
    });
  async function bulkOn(
    of: Preparing['of'],
    how: Partial<NewBulk> = {},
    asked: Partial<Preparing> = {},
  ): Promise<BulkOperationRow> {
    const preparing = {
      accountSid,
      asked: { kind: 'listProfileInfo' },
      of,
      hasOrder: false,
    } as const;
    const { parameters, items } = await prepareBulk({ ...preparing, ...asked }, context());
    return units.transact((unit) =>
      createBulk(
        {
          accountSid,
          kind: asked.asked?.kind ?? 'listProfileInfo',
          parameters,
          items,
          target: { list: true },
          canaryApproval: false,
          placedBy: 'by a test',
          ...how,
        },
        unit,
      ),
    );
  }
  const listOf = (eids: readonly string[]) => ({ items: eids.map((one) => ({ eid: one })) });
  const find = async (bulk: BulkOperationRow) => (await data.store.bulkOperations.find(bulk))!;
  const counts = async (bulk: BulkOperationRow) => countBulk(await find(bulk), data.store);
  const runAll = async () => {
    while (await runBulks(bulks));
  };
  const queuedOf = (bulk: BulkOperationRow) =>
    data.store.eimOperations.listOfBulk(bulk, { status: 'queued' }, 10_000);
  /** As a device does that polls. */
  const poll = async (of: string) => (await nextAllowed(of, data.store))?.sid;
  const violations = () => violated(data.config.database, data.masterKey, [eimInvariant, fleets]);

  test('many are registered at once, with names, groups and metadata; what is wrong is told by its number, and again does no harm', async () => {
    const one = given({ friendlyName: 'Pump 7', group: 'Berlin', metadata: '{"site":"north"}' });
    const items = [
      one,
      given({ group: 'Berlin' }),
      one,
      { problem: 'no EID (line 5 of the file)' },
      given(),
    ];
    const planned = await importing(items, { dryRun: true });
    assert.deepEqual([planned.registered, planned.refused], [3, 2]);
    assert.equal(await findGroup(accountSid, 'Berlin', data.store), undefined);
    const { problems, ...report } = await importing(items);
    assert.deepEqual(report, { count: 5, registered: 3, updated: 0, unchanged: 0, refused: 2 });
    const { eid: of } = one as { eid: string };
    assert.deepEqual(problems, [
      { item: 3, message: `EID ${of} is that of item 1, too` },
      { item: 4, message: 'no EID (line 5 of the file)' },
    ]);
    const again = await importing([one, given()]);
    assert.deepEqual([again.registered, again.unchanged], [1, 1]);
    const [row] = await data.store.euiccs.findMany([(one as { eid: string }).eid]);
    const group = await findGroup(accountSid, 'Berlin', data.store);
    assert.deepEqual(
      [row!.friendly_name, row!.group_sid, row!.metadata],
      ['Pump 7', group!.sid, '{"site":"north"}'],
    );
    const [first] = await data.store.eimOperations.underWay(row!.eid);
    assert.equal(first!.kind, 'euiccData');
    const moved = { ...one, friendlyName: undefined, group: 'Hamburg', metadata: undefined };
    const updated = await importing([moved], { update: true });
    assert.equal(updated.updated, 1);
    const [changed] = await data.store.euiccs.findMany([row!.eid]);
    const hamburg = await findGroup(accountSid, 'Hamburg', data.store);
    assert.deepEqual([changed!.friendly_name, changed!.group_sid], ['Pump 7', hamburg!.sid]);
  });

  test('all or nothing registers nothing if an EID is taken, by whichever account', async () => {
    const [taken] = await fleet(1);
    const created = await data.transact((unit) =>
      createAccount({ friendlyName: 'Other' }, data.masterKey, unit),
    );
    accountSid = created!.account.sid;
    const free = given({ group: 'New' });
    const report = await importing([free, given({ eid: taken! })], { allOrNothing: true });
    assert.deepEqual([report.registered, report.refused], [0, 1]);
    assert.match(report.problems[0]!.message, /registered already/);
    assert.equal(await data.store.euiccs.find((free as { eid: string }).eid), undefined);
    assert.equal(await findGroup(accountSid, 'New', data.store), undefined);
    assert.equal((await importing([free], { allOrNothing: true })).registered, 1);
  });

  test('eUICCs are found by group, metadata and when they were seen, page by page; a group that has some is not deleted', async () => {
    const eids = await fleet(5);
    const group = (await findGroup(accountSid, 'Berlin', data.store))!;
    const change = (of: string, changed: Parameters<typeof updateEuicc>[1]) =>
      units.transact(async (unit) => {
        await updateEuicc((await unit.tables.euiccs.find(of))!, changed, unit);
      });
    await change(eids[1]!, () => ({ metadata: '{"site":"north"}' }));
    await change(eids[3]!, () => ({ metadata: '{"site":"north","rack":"2"}' }));
    await change(eids[4]!, () => ({ group: null }));
    const found = async (filter: object, size = 10) => {
      const of = { accountSid, ...filter };
      const { rows, more } = await findEuiccs(of, { kind: 'first' }, size, data.store);
      return [rows.map((row) => eids.indexOf(row.eid)), more];
    };
    assert.deepEqual(await found({ groupSid: group.sid }), [[3, 2, 1, 0], false]);
    assert.deepEqual(await found({ metadata: { site: 'north' } }, 1), [[3], true]);
    assert.deepEqual(await found({ groupSid: group.sid, metadata: { rack: '2' } }), [[3], false]);
    assert.deepEqual(await found({ seenAfter: clock }), [[], false]);
    const deleting = () => units.transact((unit) => deleteGroup(group, unit));
    await assert.rejects(deleting(), /There are eUICCs in the group 'Berlin'/);
    for (const one of eids.slice(0, 4)) await change(one, () => ({ group: null }));
    await deleting();
    assert.equal(await findGroup(accountSid, 'Berlin', data.store), undefined);
    assert.deepEqual(await violations(), []);
  });

  test('the canaries of a group are those that have polled last; a list keeps its order', async () => {
    const eids = await fleet(4);
    const group = (await findGroup(accountSid, 'Berlin', data.store))!;
    const seen = (of: string, date_seen: string) =>
      units.transact((unit) => unit.tables.euiccs.update(of, { date_seen }));
    await seen(eids[0]!, '2026-11-01T00:00:00.000Z');
    await seen(eids[2]!, '2026-11-02T00:00:00.000Z');
    const of = { filter: { accountSid, groupSid: group.sid } };
    const orderOf = async (asked: Partial<Preparing>) => {
      const all = { accountSid, asked: { kind: 'listEim' }, of, hasOrder: false } as const;
      const { items } = await prepareBulk({ ...all, ...asked }, context());
      return items.map((item) => eids.indexOf(item.eid!));
    };
    assert.deepEqual(await orderOf({}), [3, 2, 1, 0]);
    assert.deepEqual(await orderOf({ hasCanaries: true }), [2, 0, 3, 1]);
    assert.deepEqual(await orderOf({ hasCanaries: true, of: listOf(eids) }), [0, 1, 2, 3]);
  });

  test('every eUICC of a group is given one operation, and it is completed when all have ended', async () => {
    const eids = await fleet(120);
    const group = (await findGroup(accountSid, 'Berlin', data.store))!;
    const bulk = await bulkOn({ filter: { accountSid, groupSid: group.sid } });
    // Of those that come later, none is part of it.
    await fleet(1);
    assert.equal(await runBulks(bulks), true);
    assert.deepEqual((await counts(bulk)).queued, 50, 'a turn');
    await runAll();
    assert.deepEqual(await counts(bulk), {
      waiting: 0,
      queued: 120,
      sent: 0,
      completed: 0,
      failed: 0,
      cancelled: 0,
      refused: 0,
      not_sent: 0,
    });
    assert.deepEqual(await violations(), []);
    const operations = await queuedOf(bulk);
    assert.deepEqual(new Set(operations.map(({ eid: of }) => of)), new Set(eids));
    for (const [index, one] of operations.entries())
      await end(one, index < 2 ? 'failed' : 'completed');
    pass(MINUTE);
    await runAll();
    const { status, step, date_ended: ended } = await find(bulk);
    assert.deepEqual([status, step, ended], ['completed', null, clock.toISOString()]);
    const items = (await Array.fromAsync(walkBulkItems(await find(bulk), {}, data.store))).flat();
    assert.deepEqual(
      items.map(({ eid: of }) => of),
      eids.toReversed(),
    );
    assert.equal(items.filter(({ state }) => state === 'failed').length, 2);
  });

  test('Rate: so many are given theirs in a minute, and not more after a time without a server', async () => {
    const bulk = await bulkOn(listOf(await fleet(40)), { rate: 10 });
    const queuedAfter = async (ms: number) => {
      pass(ms);
      await runAll();
      return (await counts(bulk)).queued;
    };
    assert.equal(await queuedAfter(0), 1, 'the first at once');
    assert.equal(await queuedAfter(5_999), 1);
    assert.equal(await queuedAfter(1), 2);
    const seconds: number[] = [];
    for (let second = 0; second < 60; second++) seconds.push(await queuedAfter(SECOND));
    assert.equal(seconds.at(-1), 12, 'ten in a minute');
    assert.equal(await queuedAfter(DAY), 13, 'what was missed is not made good');
    assert.equal(await queuedAfter(MINUTE - 6_000), 14);
    assert.equal((await find(bulk)).date_due, new Date(clock.getTime() + 6_000).toISOString());
  });

  test('MaximumFailures: it is halted when more have failed, and what was not sent is not sent until it is resumed', async () => {
    const eids = await fleet(60);
    const told: string[] = [];
    const own = {
      ...bulks,
      tell: async ({ status, error_code: code }: BulkOperationRow) => {
        told.push(`${status} ${code}`);
      },
    };
    const bulk = await bulkOn(listOf(eids), { maximumFailures: '5%' });
    while (await runBulks(own));
    const operations = await queuedOf(bulk);
    const next = async () => {
      pass(MINUTE);
      while (await runBulks(own));
      return (await find(bulk)).status;
    };
    for (const one of operations.slice(0, 3)) await end(one, 'failed');
    assert.equal(await next(), 'running', '3 of 60 are not more than 5%');
    await end(operations[3]!, 'failed');
    assert.equal(await next(), 'halted');
    const { error_message: message } = await find(bulk);
    assert.equal(message, '4 eUICCs have failed, more than 3');
    assert.deepEqual(told, ['halted maximumFailures']);
    const waiting = operations[10]!;
    assert.equal(await poll(waiting.eid), undefined);
    assert.equal(await next(), 'halted', 'it stays so');
    await units.transact((unit) => resumeBulk(bulk, unit));
    assert.equal(await poll(waiting.eid), waiting.sid);
    assert.equal(await next(), 'running');
    for (const one of operations.slice(4, 8)) await end(one, 'failed');
    assert.equal(await next(), 'halted', 'as many again');
    assert.match((await find(bulk)).error_message!, /^4 eUICCs have failed since it was resumed/);
  });

  test('MaximumFailures: a failure whose result comes after all makes room for no other', async () => {
    const bulk = await bulkOn(listOf(await fleet(5)), { maximumFailures: '0' });
    while (await runBulks(bulks));
    const operations = await queuedOf(bulk);
    const next = async () => {
      pass(MINUTE);
      while (await runBulks(bulks));
      return (await find(bulk)).status;
    };
    const [one, other, third] = operations as [EimOperationRow, EimOperationRow, EimOperationRow];
    for (const early of [one, other]) await end(early, 'failed');
    assert.equal(await next(), 'halted');
    await units.transact((unit) => resumeBulk(bulk, unit));
    for (const late of [one, other]) await end(late, 'completed');
    assert.equal(await next(), 'running');
    await end(third, 'failed');
    assert.equal(await next(), 'halted');
  });

  test('paused: what is queued is not handed out, other operations are, and what was sent is sent again; resumed, it goes on', async () => {
    const [first, second] = await fleet(2);
    const bulk = await bulkOn(listOf([first!, second!]));
    await runAll();
    const [one] = await data.store.eimOperations.ofBulkOn(bulk, [first!]);
    const [other] = await data.store.eimOperations.ofBulkOn(bulk, [second!]);
    const date_sent = clock.toISOString();
    await units.transact(({ tables }) =>
      tables.eimOperations.update(one!, { status: 'sent', date_sent }),
    );
    await units.transact((unit) => pauseBulk(bulk, unit));
    assert.equal(await poll(first!), one!.sid);
    assert.equal(await poll(second!), undefined);
    const later = await bulkOn(listOf([second!]));
    await runAll();
    const [behind] = await data.store.eimOperations.ofBulkOn(later, [second!]);
    assert.equal(await poll(second!), behind!.sid);
    await assert.rejects(
      units.transact((unit) => pauseBulk(bulk, unit)),
      /is paused; one can be paused while it is running/,
    );
    await units.transact((unit) => resumeBulk(bulk, unit));
    assert.equal(await poll(second!), other!.sid);
  });

  test('cancelled, or expired, it takes back what was not sent, and gives no more eUICCs their operation', async () => {
    const eids = await fleet(130);
    const told: string[] = [];
    const own = { ...bulks, tell: async ({ status }: BulkOperationRow) => void told.push(status) };
    for (const how of ['cancelled', 'completed'] as const) {
      const expiresAt = new Date(clock.getTime() + DAY);
      const bulk = await bulkOn(listOf(eids), { rate: 60_000, expiresAt });
      for (let turn = 0; turn < 2; turn++) {
        await runBulks(own);
        pass(50);
      }
      const [one] = await queuedOf(bulk);
      const sent = { status: 'sent', date_sent: clock.toISOString() } as const;
      await units.transact(({ tables }) => tables.eimOperations.update(one!, sent));
      const { queued } = await counts(bulk);
      assert.ok(queued > 0 && queued < 130);
      if (how === 'cancelled') await units.transact((unit) => cancelBulk(bulk, unit));
      else pass(DAY);
      assert.equal(await runBulks(own), true);
      while (await runBulks(own));
      const { sent: left, cancelled, not_sent: notSent, waiting } = await counts(bulk);
      assert.deepEqual([left, cancelled, notSent, waiting], [1, queued, 129 - queued, 0]);
      const { status, step, error_code: code } = await find(bulk);
      assert.deepEqual([status, step, code], [how, null, how === 'cancelled' ? null : 'expired']);
      await end({ ...one!, status: 'sent' }, 'completed');
      assert.equal((await counts(bulk)).completed, 1, 'a late result counts');
    }
    assert.deepEqual(told, ['cancelled', 'completed']);
    assert.deepEqual(await violations(), []);
  });

  test('Canary: the first go first; it goes on by itself, waits for approval, or is halted', async () => {
    const eids = await fleet(20);
    for (const [status, approval, then] of [
      ['completed', false, 'running'],
      ['completed', true, 'paused'],
      ['failed', false, 'halted'],
    ] as const) {
      const bulk = await bulkOn(listOf(eids), { canary: 3, canaryApproval: approval });
      await runAll();
      const canaries = await queuedOf(bulk);
      assert.equal(canaries.length, 3);
      for (const one of canaries.slice(1)) await end(one, 'completed');
      pass(MINUTE);
      await runAll();
      assert.equal((await counts(bulk)).waiting, 17, 'one has not ended');
      await end(canaries[0]!, status);
      pass(MINUTE);
      await runAll();
      assert.equal((await find(bulk)).status, then);
      assert.equal((await counts(bulk)).waiting, then === 'running' ? 0 : 17);
      if (then !== 'running') await units.transact((unit) => resumeBulk(bulk, unit));
      await runAll();
      assert.equal((await counts(bulk)).waiting, 0);
      await units.transact((unit) => cancelBulk(bulk, unit));
      await runAll();
    }
  });

  test('a turn that dies leaves nothing behind, and is done again; two nodes at once give each eUICC one operation', async () => {
    const bulk = await bulkOn(listOf(await fleet(200)));
    const dies = {
      ...bulks,
      transact: (work: Parameters<typeof bulks.transact>[0]) =>
        bulks.transact(async (unit) => {
          await work(unit);
          throw new Error('the process dies here');
        }),
    } as BulkContext;
    await assert.rejects(runBulks(dies), /dies here/);
    assert.equal((await counts(bulk)).queued, 0);
    const node = async () => {
      while ((await counts(bulk)).queued < 200) await runBulks(bulks);
    };
    await Promise.all([node(), node()]);
    const eids = new Set((await queuedOf(bulk)).map(({ eid: of }) => of));
    assert.equal(eids.size, 200);
    assert.deepEqual(await violations(), []);
  });

  test('what is wrong with an eUICC is told with its number, when it is made or later, and the others go on', async () => {
    const [first, second, third] = await fleet(3);
    const unknown = eid();
    const bulk = await bulkOn(listOf([first!, unknown, second!, first!, third!]));
    await units.transact(async (unit) =>
      removeEuicc((await unit.tables.euiccs.find(second!))!, unit),
    );
    await runAll();
    const items = (await Array.fromAsync(walkBulkItems(await find(bulk), {}, data.store))).flat();
    assert.deepEqual(
      items.map(({ state, error }) => [state, error]),
      [
        ['queued', null],
        ['refused', `The account has no eUICC with EID ${unknown}`],
        ['refused', 'The eUICC was removed'],
        ['refused', `EID ${first!} is that of item 1, too`],
        ['queued', null],
      ],
    );
    await units.transact(async (unit) =>
      removeEuicc((await unit.tables.euiccs.find(third!))!, unit),
    );
    const { refused, queued, waiting, not_sent: notSent } = await counts(await find(bulk));
    assert.deepEqual([refused, queued, waiting, notSent], [3, 1, 0, 1]);
    for (const one of await queuedOf(bulk)) await end(one, 'completed');
    pass(MINUTE);
    await runAll();
    assert.deepEqual((await counts(bulk)).not_sent, 1, 'the one that was removed');
    assert.equal((await find(bulk)).status, 'completed');
    assert.deepEqual(await violations(), []);
  });

  test('Profile: on each eUICC the only one that is disabled, or that which a bulk download has installed', async () => {
    const eids = await fleet(3);
    const profiles = (states: string[]) =>
      JSON.stringify(states.map((state, index) => ({ iccid: `8988${index}`, state })));
    for (const [index, states] of [['enabled', 'disabled'], ['enabled']].entries()) {
      await units.transact(({ tables }) =>
        tables.euiccs.update(eids[index]!, { profiles: profiles(states) }),
      );
    }
    const preparing = { accountSid, asked: { kind: 'delete' }, hasOrder: false } as const;
    const { items } = await prepareBulk(
      { ...preparing, of: listOf(eids), profile: 'disabled' },
      context(),
    );
    assert.deepEqual(items, [
      { eid: eids[0], problem: 'delete needs Iccid, that of a profile on the eUICC' },
      { eid: eids[1], problem: 'expected one disabled profile on the eUICC; got 0' },
      { eid: eids[2], problem: 'What is on the eUICC is not known: listProfileInfo tells' },
    ]);
    await units.transact(({ tables }) =>
      tables.euiccs.update(eids[0]!, {
        profiles: JSON.stringify([{ iccid: ICCID, state: 'disabled' }]),
      }),
    );
    const codes = eids.map((of, index) => ({
      eid: of,
      own: { activationCode: `LPA:1$${SMDP}$CODE-${index}` },
    }));
    const download = await bulkOn(
      { items: codes },
      {},
      { asked: { kind: 'download', enable: true } },
    );
    await runAll();
    const operations = await queuedOf(download);
    assert.deepEqual(JSON.parse(operations[1]!.parameters), {
      activation_code: `1$${SMDP}$CODE-1`,
      enable: true,
    });
    await end(operations[0]!, 'completed', { iccid: ICCID });
    await end(operations[1]!, 'failed');
    const enabling = await prepareBulk(
      {
        ...preparing,
        asked: { kind: 'enable', rollback: true },
        of: listOf(eids),
        profile: download.sid,
      },
      context(),
    );
    assert.deepEqual(enabling, {
      parameters: { rollback: true },
      items: [
        { eid: eids[0], own: { iccid: ICCID, rollback: true } },
        { eid: eids[1], problem: `${download.sid} has installed nothing` },
        { eid: eids[2], problem: `${download.sid} has installed nothing` },
      ],
    });
  });

  test('Order: a profile is ordered for each eUICC, and downloaded once it is available; one without stock has failed', async () => {
    await data.transact((unit) => generateTestStock(accountSid, 2, 'fleet', data.masterKey, unit));
    const eids = await fleet(3);
    const bulk = await bulkOn(
      listOf(eids),
      { orderOf: { profileType: 'fleet', friendlyName: 'Pump' } },
      { asked: { kind: 'download', enable: true, rollback: true }, hasOrder: true },
    );
    await runAll();
    const operations = await queuedOf(bulk);
    assert.equal(operations.length, 3);
    assert.equal(await poll(eids[0]!), undefined, 'its profile is not available yet');
    const reserving = {
      ...data,
      ...units,
      log,
      smdp: (account: string, unit: Parameters<typeof builtInSmdp>[0]['unit']) =>
        builtInSmdp({ accountSid: account, smdpAddress: SMDP, masterKey: data.masterKey, unit }),
    };
    await reserveBatch(reserving, 10);
    for (const { esim_profile_sid: order } of operations) {
      await considerOrder(accountSid, order!, context());
      await considerOrder(accountSid, order!, context());
    }
    const { queued, failed } = await counts(bulk);
    assert.deepEqual([queued, failed], [2, 1]);
    const then = await data.store.eimOperations.listOfBulk(bulk, {}, 10);
    assert.deepEqual(new Set(then.map(({ error_code: code }) => code)), new Set([null, '83500']));
    const order = await data.store.esimProfiles.find(accountSid, operations[0]!.esim_profile_sid!);
    assert.deepEqual([order!.eid, order!.friendly_name], [eids[0], 'Pump']);
    const parameters = JSON.parse(then[0]!.parameters);
    assert.deepEqual(parameters, {
      enable: true,
      rollback: true,
      activation_code: order!.activation_code,
    });
    assert.equal(await poll(eids[0]!), then[0]!.sid);
    assert.equal((await data.store.eimOperations.underWay(eids[0]!)).length, 1, 'and no other');
  });

  test('Registered at once, each eUICC is pushed its orders, however many there are for another one', async () => {
    await data.transact((unit) => generateTestStock(accountSid, 1, 'many', data.masterKey, unit));
    const [any] = await fleet(1);
    const orderOf = { orderOf: { profileType: 'many' } };
    const bulk = await bulkOn(listOf([any!]), orderOf, {
      asked: { kind: 'download', enable: true },
      hasOrder: true,
    });
    await runAll();
    const [{ esim_profile_sid: ordered }] = (await queuedOf(bulk)) as [EimOperationRow];
    const order = (await data.store.esimProfiles.find(accountSid, ordered!))!;
    const [few, many] = [given(), given()] as [{ eid: string }, { eid: string }];
    await data.transact(async ({ tables, sids }) => {
      for (const of of [few, ...Array.from({ length: 120 }, () => many)]) {
        const sid = sids.next('esimProfile', tables.now());
        const activation_code = `LPA:1$${SMDP}$${sid}`;
        await tables.esimProfiles.insert({
          ...order,
          sid,
          eid: of.eid,
          iccid: null,
          status: 'available',
          activation_code,
        });
      }
    });
    await importing([few, many] as ImportedItem[]);
    const downloads = async (of: string) =>
      (await data.store.eimOperations.underWay(of)).filter(({ kind }) => kind === 'download');
    assert.equal((await downloads(few.eid)).length, 1);
    assert.ok((await downloads(many.eid)).length > 40);
  });

  test('Orders are followed further in each turn, however many events came since the mark, and each event is kept in mind only until the mark is past it', async () => {
    await data.transact((unit) => generateTestStock(accountSid, 4, 'far', data.masterKey, unit));
    const eids = await fleet(4);
    const bulk = await bulkOn(
      listOf(eids),
      { orderOf: { profileType: 'far' } },
      { asked: { kind: 'download', enable: true }, hasOrder: true },
    );
    await runAll();
    await reserveBatch(
      {
        ...data,
        ...units,
        log,
        smdp: (account: string, unit: Parameters<typeof builtInSmdp>[0]['unit']) =>
          builtInSmdp({ accountSid: account, smdpAddress: SMDP, masterKey: data.masterKey, unit }),
      },
      10,
    );
    const [first, ...others] = await queuedOf(bulk);
    // More than are read at once, and then those that matter.
    const [told] = await data.store.esimProfileEvents.list(accountSid, first!.esim_profile_sid!);
    await data.transact(async ({ tables, sids }) => {
      for (let count = 0; count < 1_100; count++) {
        const sid = sids.next('event', tables.now());
        await tables.esimProfileEvents.insert({ ...told!, sid, type: 'notification' });
      }
    });
    await data.transact(async ({ tables, sids }) => {
      for (const { esim_profile_sid: order } of others) {
        const sid = sids.next('event', tables.now());
        const event = { ...told!, sid, esim_profile_sid: order!, type: 'status' } as const;
        await tables.esimProfileEvents.insert(event);
      }
    });
    const followed: FollowedAccounts = new Map();
    const follow = async () => {
      let done: string = 'more';
      for (let turns = 1; turns < 30 && done === 'more'; turns++) {
        done = await followOrders(accountSid, followed, context(), 0);
      }
      return done;
    };
    assert.equal(await follow(), 'all');
    const codes = (await queuedOf(bulk)).map(({ parameters }) => JSON.parse(parameters));
    assert.ok(codes.every(({ activation_code: code }) => code !== undefined));
    const mark = await data.store.eimOperations.mark(accountSid);
    pass(2 * MINUTE);
    followed.get(accountSid)!.wholeAt = -Infinity;
    assert.equal(await follow(), 'all');
    assert.ok((await data.store.eimOperations.mark(accountSid))! > mark!);
    assert.equal(followed.get(accountSid)!.considered.size, 0);
  });

  test('90 days after it has ended, it is deleted with its operations, and not before', async () => {
    const [one] = await fleet(1);
    const bulk = await bulkOn(listOf([one!]), { expiresAt: new Date(clock.getTime() + 60 * DAY) });
    await runAll();
    const [operation] = await queuedOf(bulk);
    await end(operation!, 'completed');
    pass(30 * DAY);
    await runAll();
    assert.equal((await find(bulk)).status, 'completed');
    const rules = { ...data, ...units, log, now, operator: () => assert.fail('no order expires') };
    const clean = async () => {
      const { turn } = housekeeping(rules, () => {});
      while (await turn());
    };
    pass(89 * DAY);
    await clean();
    assert.equal((await counts(bulk)).completed, 1, 'its operation ended 119 days ago');
    pass(2 * DAY);
    await clean();
    assert.equal(await data.store.bulkOperations.find(bulk), undefined);
    assert.equal(await data.store.eimOperations.find(one!, operation!.sid), undefined);
    assert.deepEqual(await data.store.bulkOperations.listParts(bulk, 0, 10), []);
  });

  test('as many as may be under way of an account are told from more', async () => {
    const eids = await fleet(1);
    for (let count = 0; count < RUNNING_LIMIT; count++) {
      await bulkOn(listOf(eids), { rate: 1, expiresAt: new Date(clock.getTime() + DAY) });
    }
    await assert.rejects(bulkOn(listOf(eids)), /20 bulk operations of the account have not ended/);
  });
});
