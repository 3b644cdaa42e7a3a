// A process that dies at any point of anything that it does at a rented SM-DP+: docs/decisions/0049-rented-smdp.md.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CANCELLED, cancelOrder } from '../../../src/operator/cancel-order.ts';
import { reissueMatchingId } from '../../../src/operator/reissue-matching-id.ts';
import { releaseAgain } from '../../../src/operator/replace-order.ts';
import { updateOrder } from '../../../src/operator/update-order.ts';
import { within } from '../../../src/process/request-scope.ts';
import type { EsimProfileRow } from '../../../src/store/schema.ts';
import type { Unit } from '../../../src/unit.ts';
import { onEachDatabase } from '../../databases.ts';
import { DIES, twoSides } from './two-sides.ts';
import type { TwoSides } from './two-sides.ts';

const EID = '89049032005008882600033489AAAAAA';
const OTHER_EID = '89049032005008882600033489BBBBBB';
/** All of them take half a minute. */
const EVERY_POINT = process.env['EVERY_POINT'] === '1';
/** Who asks for the changes. */
const ASKED = {
  operation: 'UpdateESimProfile',
  by: { type: 'command', user: 'alice', host: 'lab' },
} as const;
const how = { cause: 'changed by a test' };

onEachDatabase('a process that dies at any point', (database) => {
  let sides: TwoSides;
  /** Of all points, each database has others. */
  const first = database.name === 'SQLite' ? 0 : 2;
  const step = EVERY_POINT ? 1 : 7;
  before(async () => {
    sides = await twoSides(database);
    await sides.stock(400);
  });
  after(() => sides[Symbol.asyncDispose]());

  /** Every point of what is done, one after the other, is where the process dies; the next one goes on. */
  async function dyingEverywhere(
    prepare: () => Promise<EsimProfileRow>,
    act: (row: EsimProfileRow) => Promise<unknown>,
    check: (row: EsimProfileRow, before: EsimProfileRow, point: string) => Promise<void>,
  ): Promise<string[]> {
    const points: string[] = [];
    for (let dying = first; ; dying += step) {
      sides.at = () => {};
      const row = await prepare();
      let count = 0;
      let point: string | undefined;
      sides.at = (name) => {
        if (point !== undefined) throw DIES;
        if (count++ !== dying) return;
        point = name;
        throw DIES;
      };
      await act(row).catch(() => {});
      sides.at = () => {};
      sides.restart();
      await sides.leasesEnd();
      await sides.reserveAll();
      const where: string = point ?? 'nowhere';
      await check(await sides.find(row.sid), row, where);
      assert.equal(await sides.data.store.es2plusTasks.countUpTo(1), 0, where);
      await agree(sides, where);
      if (point === undefined) return points;
      points.push(point);
    }
  }

  const order = () => sides.order();
  async function available(given?: Parameters<TwoSides['order']>[0]): Promise<EsimProfileRow> {
    const row = await sides.order(given);
    await sides.reserveAll();
    return sides.find(row.sid);
  }
  const changing =
    (change: (row: EsimProfileRow, unit: Unit) => Promise<unknown>) => (row: EsimProfileRow) =>
      within(ASKED, () =>
        sides.context.transact(async (unit) => {
          await change((await unit.tables.esimProfiles.find(row.account_sid, row.sid))!, unit);
        }),
      );
  /** Who has changed it, by the audit log. */
  async function actorsOf(sid: string): Promise<string[]> {
    const entries = await sides.data.store.auditLog.between('', '~', 1_000);
    return entries.filter(({ subject }) => subject === sid).map(({ actor }) => actor);
  }

  test('of a reservation leaves an order that gets one profile', async () => {
    const points = await dyingEverywhere(
      order,
      () => sides.reserveAll(),
      async (row, _before, point) => {
        assert.equal(row.status, 'available', point);
        assert.deepEqual(
          await sides.causes(row.sid),
          ['test', 'reservation begun', 'released by the SM-DP+'],
          point,
        );
      },
    );
    if (!EVERY_POINT) return;
    assert.deepEqual(
      points.filter((point) => /Order/.test(point)),
      ['before downloadOrder', 'after downloadOrder', 'before confirmOrder', 'after confirmOrder'],
    );
  });

  test('of a cancellation leaves an order that is as it was, or cancelled at both, by whoever asked for it', async () => {
    await dyingEverywhere(
      () => available(),
      changing((row, unit) => cancelOrder(row, 'Available', CANCELLED, how, sides.context, unit)),
      async ({ sid, status, error_code: code }, _before, point) => {
        const expected = /^before a commit$/.test(point) ? ['available', 'failed'] : ['failed'];
        assert.ok(expected.includes(status), `${point}: ${status}`);
        if (status === 'failed') assert.equal(code, '83590');
        assert.deepEqual(await actorsOf(sid), status === 'failed' ? ['alice@lab'] : [], point);
      },
    );
  });

  test('of a re-issue leaves an order with a matching ID that the SM-DP+ knows', async () => {
    await dyingEverywhere(
      () => available(),
      changing((row, unit) =>
        reissueMatchingId(
          row,
          { matchingId: undefined, confirmationCode: undefined },
          how,
          sides.context,
          unit,
        ),
      ),
      async (row, was, point) => {
        assert.equal(row.status, 'available');
        assert.equal(row.iccid, was.iccid);
        if (!/^before a commit$/.test(point)) assert.notEqual(row.matching_id, was.matching_id);
      },
    );
  });

  test('of a change of the EID leaves an order bound to the one or the other', async () => {
    await dyingEverywhere(
      () => available({ eid: EID }),
      changing((row, unit) =>
        updateOrder(row, { eid: OTHER_EID }, 'by a test', sides.context, unit),
      ),
      async (row, was) => {
        assert.equal(row.matching_id, was.matching_id);
        assert.ok([EID, OTHER_EID].includes(row.eid!), row.eid!);
      },
    );
  });

  test('of a release again leaves at most one new order', async () => {
    await dyingEverywhere(
      async () => {
        const row = await available();
        await changing((read, unit) =>
          cancelOrder(read, 'Available', CANCELLED, how, sides.context, unit),
        )(row);
        return sides.find(row.sid);
      },
      changing((row, unit) => releaseAgain(row, {}, how, sides.context, unit)),
      async (row) => {
        if (row.replaced_by_sid === null) return;
        const next = await sides.find(row.replaced_by_sid);
        assert.deepEqual([next.status, next.iccid], ['available', row.iccid]);
      },
    );
  });
});

/** Each order that has a profile has one of its own, which the SM-DP+ has released for it, and no other is ordered there. */
async function agree(sides: TwoSides, point: string): Promise<void> {
  const { rows: sids } = await sides.data.store.esimProfilePages(
    { account_sid: sides.accountSid },
    { kind: 'first' },
    1_000,
  );
  const rows = await Promise.all(sids.map(({ sid }) => sides.find(sid)));
  const ours = rows
    .filter(({ status }) => status === 'available')
    .map(({ iccid, matching_id: matchingId, eid }) => ({
      iccid,
      state: 'Released',
      matchingId,
      eid,
    }));
  const byIccid = (one: { iccid: string | null }, other: { iccid: string | null }) =>
    one.iccid! < other.iccid! ? -1 : 1;
  assert.deepEqual((await sides.ordered()).toSorted(byIccid), ours.toSorted(byIccid), point);
}
