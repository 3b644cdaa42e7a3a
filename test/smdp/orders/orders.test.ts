// The functions of ES2+ as operators call them: every state and transition of §3.1.6, and every code of §5.3.1 to
// §5.3.4.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { SmdpFunctions } from '../../../src/es2plus/functions.ts';
import { FunctionExecutionError } from '../../../src/rsp/function-execution-error.ts';
import { formatStatusCode } from '../../../src/rsp/status-codes.ts';
import { builtInSmdp } from '../../../src/smdp/orders/built-in-smdp.ts';
import { NO_ORDER } from '../../../src/smdp/profile-state.ts';
import { generateTestStock } from '../../../src/smdp/stock/test-stock.ts';
import type { ProfileState, SubscriptionRow } from '../../../src/store/schema.ts';
import type { TestData } from '../../data.ts';
import { openTestData } from '../../data.ts';
import { onEachDatabase } from '../../databases.ts';

const ACCOUNT = 'AC00000000000000000000000000000001';
const OTHER_ACCOUNT = 'AC00000000000000000000000000000002';
const OPERATOR = 'OP00000000000000000000000000000001';
const OTHER = 'OP00000000000000000000000000000002';
const EID = '89049032123451234512345678901235';
const OTHER_EID = '89049032123451234512345678901236';
const DONE = 'done';

type Name = keyof SmdpFunctions;

onEachDatabase('ES2+', (database) => {
  let data: TestData;
  let iccid: string;
  let calls = 0;
  before(async () => {
    data = await openTestData(database);
    await data.transact((unit) =>
      generateTestStock(OTHER_ACCOUNT, 60, undefined, data.masterKey, unit),
    );
  });
  after(() => data[Symbol.asyncDispose]());
  beforeEach(async () => {
    iccid = (
      await data.transact((unit) => generateTestStock(ACCOUNT, 1, 'tested', data.masterKey, unit))
    ).first;
  });

  const find = async () => (await data.store.subscriptions.find(ACCOUNT, iccid))!;

  /** An ICCID that only the other account has. */
  const lastOfOther = async () =>
    (await data.store.subscriptions.list(OTHER_ACCOUNT, { limit: 100 })).at(-1)!;

  /** @returns the response, or throws the code of the refusal */
  async function call(
    name: Name,
    members: object,
    { by = OPERATOR, id = `call ${++calls}`, accountSid = ACCOUNT }: Caller = {},
  ): Promise<any> {
    const header = { functionRequesterIdentifier: 'x', functionCallIdentifier: id };
    return data.transact<unknown>((unit) => {
      const smdp = builtInSmdp({
        accountSid,
        ...(by === null ? {} : { operatorSid: by }),
        smdpAddress: 'smdp.example',
        masterKey: data.masterKey,
        unit,
      });
      return smdp[name]({ header, ...members } as never);
    });
  }

  interface Caller {
    by?: string | null;
    id?: string;
    accountSid?: string;
  }

  /** @returns DONE, or the code of the refusal */
  async function result(name: Name, members: object, caller?: Caller): Promise<string> {
    try {
      await call(name, members, caller);
      return DONE;
    } catch (error) {
      if (!(error instanceof FunctionExecutionError)) throw error;
      return formatStatusCode(error);
    }
  }

  /** Writes the profile as the operator's order may have left it. */
  async function put(columns: Partial<SubscriptionRow>): Promise<void> {
    const row = await find();
    await data.transact(({ tables }) =>
      tables.subscriptions.transition(row, { ...row, ...columns }),
    );
  }

  const ordered = () => ({
    ordered_by: `an order of ${iccid}`,
    operator_sid: OPERATOR,
    matching_id: `M-${iccid}`,
    date_released: '2026-11-01T00:00:00Z',
    order_number: 1,
  });
  const bring = (state: ProfileState) =>
    put({
      ...NO_ORDER,
      ...(state === 'Available' || state === 'Unavailable' ? {} : ordered()),
      ...(['Linked', 'Downloaded', 'Installed'].includes(state) ? { eid: EID } : {}),
      requests: null,
      state,
    });

  describe('§3.1.6 in each state', () => {
    const available = { finalProfileStatusIndicator: 'Available' };
    const unavailable = { finalProfileStatusIndicator: 'Unavailable' };
    const TABLE: [Name, object, Record<ProfileState, string>][] = [
      [
        'downloadOrder',
        {},
        {
          Available: 'Allocated',
          Allocated: '8.2.1/3.3',
          Linked: '8.2.1/3.3',
          Confirmed: '8.2.1/3.3',
          Released: '8.2.1/3.3',
          Downloaded: '8.2.1/3.3',
          Installed: '8.2.1/3.3',
          Error: '8.2.1/3.3',
          Unavailable: '8.2.1/3.3',
        },
      ],
      [
        'downloadOrder',
        { eid: OTHER_EID },
        {
          Available: 'Linked',
          Allocated: '8.2.1/3.3',
          Linked: '8.1.1/3.10',
          Confirmed: '8.2.1/3.3',
          Released: '8.2.1/3.3',
          Downloaded: '8.2.1/3.3',
          Installed: '8.2.1/3.3',
          Error: '8.2.1/3.3',
          Unavailable: '8.2.1/3.3',
        },
      ],
      [
        'confirmOrder',
        { releaseFlag: false },
        {
          Available: '8.2.1/3.3',
          Allocated: 'Confirmed',
          Linked: 'Confirmed',
          Confirmed: '8.2.1/3.3',
          Released: '8.2.1/3.3',
          Downloaded: '8.2.1/3.3',
          Installed: '8.2.1/3.3',
          Error: '8.2.1/3.3',
          Unavailable: '8.2.1/3.3',
        },
      ],
      [
        'confirmOrder',
        { releaseFlag: true },
        {
          Available: '8.2.1/3.3',
          Allocated: 'Released',
          Linked: 'Released',
          Confirmed: '8.2.1/3.3',
          Released: '8.2.1/3.3',
          Downloaded: '8.2.1/3.3',
          Installed: '8.2.1/3.3',
          Error: '8.2.1/3.3',
          Unavailable: '8.2.1/3.3',
        },
      ],
      [
        'releaseProfile',
        {},
        {
          Available: '8.2.1/3.5',
          Allocated: '8.2.1/3.5',
          Linked: '8.2.1/3.5',
          Confirmed: 'Released',
          Released: '8.2.1/3.5',
          Downloaded: '8.2.1/3.5',
          Installed: '8.2.1/3.5',
          Error: '8.2.1/3.5',
          Unavailable: '8.2.1/3.5',
        },
      ],
      [
        'cancelOrder',
        available,
        {
          Available: '8.2.1/3.3',
          Allocated: 'Available',
          Linked: 'Available',
          Confirmed: 'Available',
          Released: 'Available',
          // A profile that may be on an eUICC never returns to stock.
          Downloaded: '8.2.1/3.3',
          Installed: '8.2.1/3.3',
          Error: '8.2.1/3.3',
          Unavailable: '8.2.1/3.3',
        },
      ],
      [
        'cancelOrder',
        unavailable,
        {
          Available: '8.2.1/3.3',
          Allocated: 'Unavailable',
          Linked: 'Unavailable',
          Confirmed: 'Unavailable',
          Released: 'Unavailable',
          Downloaded: 'Unavailable',
          Installed: '8.2.1/3.3',
          Error: 'Unavailable',
          Unavailable: '8.2.1/3.3',
        },
      ],
    ];
    for (const [name, members, outcomes] of TABLE) {
      test(`${name} ${JSON.stringify(members)} leads on, or is refused with 8.2.1/3.3, 8.2.1/3.5, 8.1.1/3.10`, async () => {
        for (const [state, expected] of Object.entries(outcomes)) {
          await bring(state as ProfileState);
          const outcome = await result(name, { iccid, ...members });
          const now = await find();
          if (outcome === DONE) assert.equal(now.state, expected, state);
          else assert.deepEqual([outcome, now.state], [expected, state], state);
        }
      });
    }

    test('§5.3.3 an installed profile that its eUICC has deleted can be ordered again', async () => {
      await bring('Installed');
      await put({ known_absent: 1 });
      assert.equal(await result('cancelOrder', { iccid, ...available }), DONE);
      assert.equal(await result('downloadOrder', { iccid }), DONE);
    });
  });

  describe('§5.3.1 downloadOrder', () => {
    test('of an unknown ICCID, or one of another account, is refused with 8.2.1/3.9', async () => {
      const other = await lastOfOther();
      for (const unknown of ['8999999999999999999', other.iccid]) {
        assert.equal(await result('downloadOrder', { iccid: unknown }), '8.2.1/3.9');
      }
    });
    test('of a profile of another type is refused with 8.2.5/3.8', async () => {
      const members = { iccid, profileType: 'other' };
      assert.equal(await result('downloadOrder', members), '8.2.5/3.8');
      assert.equal(await result('downloadOrder', { iccid, profileType: 'tested' }), DONE);
    });
    test('of a type that never was is refused with 8.2.5/3.9, of one without stock with 8.2.5/3.7', async () => {
      assert.equal(await result('downloadOrder', { profileType: 'never' }), '8.2.5/3.9');
      await data.transact((unit) => generateTestStock(ACCOUNT, 1, 'last', data.masterKey, unit));
      assert.equal(await result('downloadOrder', { profileType: 'last' }), DONE);
      assert.equal(await result('downloadOrder', { profileType: 'last' }), '8.2.5/3.7');
    });
    test('without ICCID and profile type is refused with 1.6/2.3', async () => {
      assert.equal(await result('downloadOrder', {}), '1.6/2.3');
    });
    test('of a profile that another operator, or the account itself, has ordered is refused with 8.2.1/1.2', async () => {
      for (const by of [OTHER, null]) {
        await bring('Available');
        assert.equal(await result('downloadOrder', { iccid }, { by }), DONE);
        assert.equal(await result('downloadOrder', { iccid }), '8.2.1/1.2');
      }
    });
    test('under a call identifier of another operator is an order of its own', async () => {
      await data.transact((unit) => generateTestStock(ACCOUNT, 2, 'pair', data.masterKey, unit));
      const [one, other] = await Promise.all(
        [OPERATOR, OTHER].map((by) =>
          call('downloadOrder', { profileType: 'pair' }, { by, id: 'x' }),
        ),
      );
      assert.notEqual(one.iccid, other.iccid);
    });
  });

  describe('§5.3.2 confirmOrder', () => {
    const confirm = { releaseFlag: true };
    test('of an unknown ICCID is refused with 8.2.1/3.9, of another’s order with 8.2.1/1.2', async () => {
      const unknown = { iccid: '8999999999999999999', ...confirm };
      assert.equal(await result('confirmOrder', unknown), '8.2.1/3.9');
      await bring('Allocated');
      assert.equal(await result('confirmOrder', { iccid, ...confirm }, { by: OTHER }), '8.2.1/1.2');
      assert.equal(await result('confirmOrder', { iccid, ...confirm }, { by: null }), '8.2.1/1.2');
    });
    test('for another EID is refused with 8.1.1/3.10', async () => {
      await bring('Linked');
      const members = { iccid, eid: OTHER_EID, ...confirm };
      assert.equal(await result('confirmOrder', members), '8.1.1/3.10');
    });
    test('with an empty MatchingID needs an EID: 8.1.1/2.2', async () => {
      await bring('Allocated');
      const members = { iccid, matchingId: '', ...confirm };
      assert.equal(await result('confirmOrder', members), '8.1.1/2.2');
      assert.equal(await result('confirmOrder', { ...members, eid: EID }), DONE);
      assert.equal((await find()).eid, EID);
    });
    test('with a text that is no MatchingID is refused with 8.2.6/2.1', async () => {
      await bring('Allocated');
      for (const matchingId of ['abc', 'A_B', 'A B', 'Ä', 'A'.repeat(256)]) {
        assert.equal(await result('confirmOrder', { iccid, matchingId, ...confirm }), '8.2.6/2.1');
      }
    });
    test('with the MatchingID of another order, of whichever account, is refused with 8.2.6/3.3', async () => {
      const other = await lastOfOther();
      const caller = { by: OTHER, accountSid: OTHER_ACCOUNT };
      const matchingId = `TAKEN-${database.name.toUpperCase()}`;
      const taken = { iccid: other.iccid, matchingId, ...confirm };
      await result('downloadOrder', { iccid: other.iccid }, caller);
      await result('confirmOrder', taken, caller);
      await bring('Allocated');
      assert.equal(await result('confirmOrder', { iccid, matchingId, ...confirm }), '8.2.6/3.3');
      assert.equal((await find()).state, 'Allocated');
    });
  });

  describe('§5.3.3 cancelOrder', () => {
    const cancel = { finalProfileStatusIndicator: 'Available' };
    test('of an unknown ICCID is refused with 8.2.1/3.9, of another’s order with 8.2.1/1.2', async () => {
      const unknown = { iccid: '8999999999999999999', ...cancel };
      assert.equal(await result('cancelOrder', unknown), '8.2.1/3.9');
      await bring('Allocated');
      assert.equal(await result('cancelOrder', { iccid, ...cancel }, { by: OTHER }), '8.2.1/1.2');
    });
    test('for another EID, or without that of the order, is refused with 8.2.1/3.10', async () => {
      await call('downloadOrder', { iccid, eid: EID });
      for (const eid of [{ eid: OTHER_EID }, {}]) {
        assert.equal(await result('cancelOrder', { iccid, ...eid, ...cancel }), '8.2.1/3.10');
      }
      assert.equal(await result('cancelOrder', { iccid, eid: EID, ...cancel }), DONE);
    });
    test('with another MatchingID is refused with 8.2.6/3.10', async () => {
      await bring('Confirmed');
      const members = { iccid, matchingId: 'M-2', ...cancel };
      assert.equal(await result('cancelOrder', members), '8.2.6/3.10');
      assert.equal(await result('cancelOrder', { ...members, matchingId: `M-${iccid}` }), DONE);
    });
  });

  describe('§5.3.4 releaseProfile', () => {
    test('of an unknown ICCID is refused with 8.2.1/3.9, of another’s order with 8.2.1/1.2', async () => {
      assert.equal(await result('releaseProfile', { iccid: '8999999999999999999' }), '8.2.1/3.9');
      await bring('Confirmed');
      assert.equal(await result('releaseProfile', { iccid }, { by: OTHER }), '8.2.1/1.2');
    });
  });

  describe('§5.3 a function that is repeated with the same input succeeds again, with other input it does not', () => {
    /** Repeats under the same identifier of the call, and under another. */
    async function again(name: Name, members: object, id: string): Promise<any[]> {
      return [await call(name, members, { id }), await call(name, members)];
    }

    test('downloadOrder by ICCID; other input is refused with 8.2.1/3.3', async () => {
      const members = { iccid, eid: EID };
      const first = await call('downloadOrder', members, { id: `by ICCID ${iccid}` });
      assert.deepEqual(await again('downloadOrder', members, `by ICCID ${iccid}`), [first, first]);
      assert.equal(await result('downloadOrder', { iccid }), '8.2.1/3.3');
      assert.equal(
        await result('downloadOrder', { iccid }, { id: `by ICCID ${iccid}` }),
        '8.2.1/3.3',
      );
    });

    test('downloadOrder by profile type, under the same identifier; another is another order', async () => {
      await data.transact((unit) => generateTestStock(ACCOUNT, 2, 'twice', data.masterKey, unit));
      const members = { profileType: 'twice' };
      const first = await call('downloadOrder', members, { id: 'by type' });
      assert.deepEqual(await call('downloadOrder', members, { id: 'by type' }), first);
      const other = { ...members, eid: EID };
      assert.equal(await result('downloadOrder', other, { id: 'by type' }), '8.2.1/3.3');
      assert.notEqual((await call('downloadOrder', members)).iccid, first.iccid);
    });

    test('confirmOrder; other input is refused with 8.2.1/3.3', async () => {
      await call('downloadOrder', { iccid });
      const members = { iccid, confirmationCode: '1234', releaseFlag: false };
      const first = await call('confirmOrder', members, { id: 'confirm' });
      assert.deepEqual(await again('confirmOrder', members, 'confirm'), [first, first]);
      for (const other of [
        { confirmationCode: '1235' },
        { releaseFlag: true },
        { eid: EID },
        { matchingId: first.matchingId },
      ]) {
        assert.equal(await result('confirmOrder', { ...members, ...other }), '8.2.1/3.3');
      }
      assert.doesNotMatch((await find()).requests!, /1234/);
    });

    test('releaseProfile, but not of a profile that confirmOrder released', async () => {
      await call('downloadOrder', { iccid });
      await call('confirmOrder', { iccid, releaseFlag: false });
      await call('releaseProfile', { iccid }, { id: 'release' });
      const { date_updated: date } = await find();
      await again('releaseProfile', { iccid }, 'release');
      assert.deepEqual([(await find()).state, (await find()).date_updated], ['Released', date]);
      await call('cancelOrder', { iccid, finalProfileStatusIndicator: 'Available' });
      await call('downloadOrder', { iccid });
      await call('confirmOrder', { iccid, releaseFlag: true });
      assert.equal(await result('releaseProfile', { iccid }), '8.2.1/3.5');
    });

    for (const final of ['Available', 'Unavailable'] as const) {
      test(`cancelOrder to ${final}; other input is refused with 8.2.1/3.3`, async () => {
        await call('downloadOrder', { iccid, eid: EID });
        const members = { iccid, eid: EID, finalProfileStatusIndicator: final };
        await call('cancelOrder', members, { id: 'cancel' });
        await again('cancelOrder', members, 'cancel');
        assert.equal((await find()).state, final);
        const { eid: _eid, ...other } = members;
        assert.equal(await result('cancelOrder', other), '8.2.1/3.3');
        assert.equal(await result('cancelOrder', members, { by: OTHER }), '8.2.1/3.3');
      });
    }

    test('cancelOrder that arrives again after the profile was ordered again does not end that order', async () => {
      const cancel = { iccid, finalProfileStatusIndicator: 'Available' };
      await call('downloadOrder', { iccid });
      await call('cancelOrder', cancel, { id: 'late' });
      await call('downloadOrder', { iccid }, { by: OTHER });
      assert.equal(await result('cancelOrder', cancel, { id: 'late' }), '8.2.1/1.2');
      assert.equal((await find()).operator_sid, OTHER);
    });
  });
});
