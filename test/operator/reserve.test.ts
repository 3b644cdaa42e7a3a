// The reservation: orders and stock, with concurrency and crashes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInSmdp } from '../../src/smdp/orders/built-in-smdp.ts';
import { FunctionExecutionError } from '../../src/rsp/function-execution-error.ts';
import { changeStatus, insertEsimProfile } from '../../src/operator/esim-profile.ts';
import { reserveBatch } from '../../src/operator/reserve.ts';
import { startServer } from '../../src/server.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { eventually } from '../server.ts';
import { unitAt } from '../unit.ts';

const EID = '89049032005008882600033489aaaaaa';

onEachDatabase('the reservation', (database) => {
  const server = serverOn(database, { stock: 50 });

  test('64 orders at once against a stock of 50: 50 profiles, 14 failures, none assigned twice', async () => {
    // A second node on the same database, if possible.
    const { config, secrets } = server();
    const { log } = server().server.context;
    const second =
      config.database.kind === 'postgres' ? await startServer(config, secrets, log) : undefined;
    const form = { GenerateMatchingId: 'true' };
    const orders = await Promise.all(Array.from({ length: 64 }, () => server().order(form)));
    await second?.[Symbol.asyncDispose]();

    const available = orders.filter(({ status }) => status === 'available');
    const failed = orders.filter(({ status }) => status === 'failed');
    assert.deepEqual([available.length, failed.length], [50, 14]);
    for (const name of ['iccid', 'sim_sid', 'matching_id', 'activation_code']) {
      assert.equal(new Set(available.map((profile) => profile[name])).size, 50, name);
    }
    for (const { error_code: code, error_message: message, iccid } of failed) {
      assert.deepEqual([code, message, iccid], ['83500', 'No eSIM Profiles are available', null]);
    }
    const { json } = await server().request('/v1/Sims?PageSize=1000');
    assert.equal(json.sims.length, 50);
    const summary = await server().server.context.store.stock.summary(server().account.username);
    assert.deepEqual(
      summary.map((row) => ({ ...row })),
      [{ profile_type: 'default', state: 'Released', count: 50 }],
    );
  });
});

onEachDatabase('an order', (database) => {
  const server = serverOn(database, { stock: 10 });

  test('by EID waits at the default SM-DP+ without a matching ID', async () => {
    const profile = await server().order({ Eid: EID });
    assert.equal(profile.smdp_plus_address, 'localhost:8443');
    assert.deepEqual([profile.matching_id, profile.activation_code], [null, null]);
    const { store } = server().server.context;
    const row = await store.subscriptions.find(server().account.username, profile.iccid);
    assert.deepEqual([row?.state, row?.eid, row?.matching_id], ['Released', EID, '']);
  });

  test('with both has an activation code bound to the EID', async () => {
    const profile = await server().order({ Eid: EID, GenerateMatchingId: 'true' });
    const { store } = server().server.context;
    const row = await store.subscriptions.find(server().account.username, profile.iccid);
    assert.deepEqual([row?.eid, row?.matching_id], [EID, profile.matching_id]);
  });

  test('ListEsimProfileEvent: has a history of every transition with time and cause, newest first, in pages', async () => {
    const { sid } = await server().order({ GenerateMatchingId: 'true' });
    const { json } = await server().request(`/v1/ESimProfiles/${sid}/Events`);
    assert.deepEqual(
      json.events.map((event: any) => [event.previous_status, event.status, event.cause]),
      [
        ['reserving', 'available', 'released by the SM-DP+'],
        ['new', 'reserving', 'reservation begun'],
        [null, 'new', 'ordered through the API'],
      ],
    );
    assert.match(json.events[2].detail, /^request RQ[0-9a-f]{32}$/);
    assert.equal(json.meta.key, 'events');
    const page = await server().request(`/v1/ESimProfiles/${sid}/Events?PageSize=1`);
    const next = await server().request(page.json.meta.next_page_url);
    assert.deepEqual(next.json.events, [json.events[1]]);
  });

  test('of an unknown profile type fails with 83500', async () => {
    const profile = await server().order({ GenerateMatchingId: 'true', ProfileType: 'iot' });
    assert.deepEqual([profile.status, profile.error_code], ['failed', '83500']);
  });

  test('of an ICCID gets that subscription; one in use fails with 8.2.1/3.3, one unknown with 8.2.1/3.9', async () => {
    const { store } = server().server.context;
    const [wanted] = await store.subscriptions.list(server().account.username, {
      state: 'Available',
      after: (await server().order({ GenerateMatchingId: 'true' })).iccid,
      limit: 1,
    });
    const order = (iccid: string) => server().order({ GenerateMatchingId: 'true', Iccid: iccid });
    const profile = await order(`${wanted!.iccid}F`);
    assert.deepEqual([profile.status, profile.iccid], ['available', wanted!.iccid]);
    const again = await order(wanted!.iccid);
    assert.deepEqual([again.status, again.error_code], ['failed', '8.2.1/3.3']);
    const unknown = await order('8999901999999999999');
    assert.deepEqual([unknown.status, unknown.error_code], ['failed', '8.2.1/3.9']);
  });

  test('of an ICCID and a profile type, or of something else than an ICCID, is refused', async () => {
    const refusal = async (form: Record<string, string>) => {
      const all = { GenerateMatchingId: 'true', ...form };
      const { status, json } = await server().request('/v1/ESimProfiles', { form: all });
      return [status, json.message];
    };
    assert.deepEqual(await refusal({ Iccid: '8999901000000000013', ProfileType: 'default' }), [
      400,
      'Invalid parameter Iccid: expected it without ProfileType: an ICCID has its type already',
    ]);
    assert.deepEqual(await refusal({ Iccid: '4711' }), [
      400,
      "Invalid parameter Iccid: expected 18 to 20 digits that begin with 89; got '4711'",
    ]);
  });

  test('left in reserving is resumed, and gets its assigned profile', async () => {
    const { store, config, masterKey, now } = server().server.context;
    const accountSid = server().account.username;
    const created = await store.transaction(async (tables) => {
      const fields = {
        account_sid: accountSid,
        eid: null,
        generate_matching_id: 1 as const,
        profile_type: null,
        confirmation_code: null,
        callback_url: null,
        callback_method: 'POST' as const,
      };
      const row = await insertEsimProfile(fields, { cause: 'test' }, unitAt(tables, now()));
      await changeStatus(row, 'reserving', {}, { cause: 'test' }, unitAt(tables, now()));
      const smdp = builtInSmdp({
        accountSid,
        smdpAddress: config.smdpAddress,
        masterKey,
        unit: unitAt(tables, now()),
      });
      const { iccid } = await smdp.downloadOrder({
        header: { functionRequesterIdentifier: accountSid, functionCallIdentifier: row.sid },
      });
      return { sid: row.sid, iccid };
    });
    server().server.context.wake('reservation');
    const profile = await eventually(async () => {
      const { json } = await server().request(`/v1/ESimProfiles/${created.sid}`);
      return json.status === 'available' ? json : undefined;
    });
    assert.equal(profile.iccid, created.iccid);
  });

  test('is not affected by a reservation that fails as a whole', async () => {
    const { store } = server().server.context;
    const before = await store.stock.summary(server().account.username);
    await assert.rejects(
      store.transaction(async (tables) => {
        const row = await tables.subscriptions.claimAvailable(server().account.username, null);
        await tables.subscriptions.transition(row!, { ...row!, state: 'Allocated' });
        throw new Error('the process dies here');
      }),
      /the process dies here/,
    );
    assert.deepEqual(await store.stock.summary(server().account.username), before);
    assert.equal(await reserveBatch(server().server.context, 10), 0);
  });
});

const call = (id: string) => ({
  header: { functionRequesterIdentifier: 'test', functionCallIdentifier: id },
});

async function assertRefused(refused: Promise<unknown>, subjectCode: string, reasonCode: string) {
  await assert.rejects(refused, (error) => {
    assert.ok(error instanceof FunctionExecutionError);
    assert.deepEqual([error.subjectCode, error.reasonCode], [subjectCode, reasonCode]);
    return true;
  });
}

onEachDatabase('§5.3 ES2+ of the built-in SM-DP+', (database) => {
  const server = serverOn(database, { stock: 10 });
  /** Runs `work` with the built-in SM-DP+, in a transaction. */
  function atSmdp<T>(work: (smdp: ReturnType<typeof builtInSmdp>) => Promise<T>): Promise<T> {
    const { store, config, masterKey, now } = server().server.context;
    return store.transaction((tables) =>
      work(
        builtInSmdp({
          accountSid: server().account.username,
          smdpAddress: config.smdpAddress,
          masterKey,
          unit: unitAt(tables, now()),
        }),
      ),
    );
  }

  async function stateOf(iccid: string): Promise<string | undefined> {
    const { store } = server().server.context;
    return (await store.subscriptions.find(server().account.username, iccid))?.state;
  }

  test('§5.3.1 DownloadOrder: Available → Allocated, with an EID → Linked; the same call, the same profile', async () => {
    const ordered = await atSmdp((smdp) => smdp.downloadOrder(call('a')));
    const { iccid } = ordered;
    assert.equal(ordered.profileType, 'default');
    assert.equal(await stateOf(iccid), 'Allocated');
    assert.deepEqual(await atSmdp((smdp) => smdp.downloadOrder(call('a'))), ordered);
    const linked = await atSmdp((smdp) => smdp.downloadOrder({ ...call('b'), eid: EID }));
    assert.equal(await stateOf(linked.iccid), 'Linked');
    assert.notEqual(linked.iccid, iccid);
  });

  test('§5.3.1 DownloadOrder of an ICCID: in use → 8.2.1 / 3.3, unknown → 8.2.1 / 3.9', async () => {
    const { iccid } = await atSmdp((smdp) => smdp.downloadOrder(call('c')));
    await assertRefused(
      atSmdp((smdp) => smdp.downloadOrder({ ...call('d'), iccid })),
      '8.2.1',
      '3.3',
    );
    await assertRefused(
      atSmdp((smdp) => smdp.downloadOrder({ ...call('d'), iccid: '8900' })),
      '8.2.1',
      '3.9',
    );
  });

  test('§5.3.1 DownloadOrder of a type that is not in stock → 8.2.5 / 3.7', async () => {
    await assertRefused(
      atSmdp((smdp) => smdp.downloadOrder({ ...call('e'), profileType: 'none' })),
      '8.2.5',
      '3.7',
    );
  });

  test('§5.3.2 ConfirmOrder, §5.3.4 ReleaseProfile: Allocated → Confirmed → Released; a second time → 8.2.1 / 3.5', async () => {
    const { iccid } = await atSmdp((smdp) => smdp.downloadOrder(call('f')));
    const confirmed = await atSmdp((smdp) =>
      smdp.confirmOrder({ ...call('f'), iccid, releaseFlag: false }),
    );
    assert.match(confirmed.matchingId, /^[A-Z2-9]{5}(-[A-Z2-9]{5}){4}$/);
    assert.equal(await stateOf(iccid), 'Confirmed');
    const again = await atSmdp((smdp) =>
      smdp.confirmOrder({ ...call('f'), iccid, releaseFlag: false }),
    );
    assert.deepEqual(again, confirmed);
    await atSmdp((smdp) => smdp.releaseProfile({ ...call('g'), iccid }));
    assert.equal(await stateOf(iccid), 'Released');
    // §5.3.4: only a confirmed profile can be released.
    await assertRefused(
      atSmdp((smdp) => smdp.releaseProfile({ ...call('h'), iccid })),
      '8.2.1',
      '3.5',
    );
  });

  test('§5.3.2 ConfirmOrder: not ordered → 8.2.1 / 3.3, another EID → 8.1.1 / 3.10, an empty MatchingID without an EID → 8.1.1 / 2.2', async () => {
    const inStock = await server().server.context.store.subscriptions.list(
      server().account.username,
      { state: 'Available', limit: 1 },
    );
    const free = inStock[0]!.iccid;
    const request = { ...call('i'), releaseFlag: true };
    await assertRefused(
      atSmdp((smdp) => smdp.confirmOrder({ ...request, iccid: free })),
      '8.2.1',
      '3.3',
    );
    const { iccid } = await atSmdp((smdp) => smdp.downloadOrder({ ...call('j'), eid: EID }));
    await assertRefused(
      atSmdp((smdp) => smdp.confirmOrder({ ...request, iccid, eid: '0'.repeat(32) })),
      '8.1.1',
      '3.10',
    );
    const allocated = await atSmdp((smdp) => smdp.downloadOrder(call('k')));
    await assertRefused(
      atSmdp((smdp) => smdp.confirmOrder({ ...request, iccid: allocated.iccid, matchingId: '' })),
      '8.1.1',
      '2.2',
    );
  });

  test('§5.3.3 CancelOrder: back to stock, or out of use for good; another EID → 8.2.1 / 3.10, another MatchingID → 8.2.6 / 3.10, nothing to cancel → 8.2.1 / 3.3', async () => {
    const { iccid } = await atSmdp((smdp) => smdp.downloadOrder({ ...call('l'), eid: EID }));
    const cancel = { ...call('m'), iccid };
    await assertRefused(
      atSmdp((smdp) =>
        smdp.cancelOrder({
          ...cancel,
          eid: '0'.repeat(32),
          finalProfileStatusIndicator: 'Available',
        }),
      ),
      '8.2.1',
      '3.10',
    );
    await assertRefused(
      atSmdp((smdp) =>
        smdp.cancelOrder({ ...cancel, matchingId: 'X', finalProfileStatusIndicator: 'Available' }),
      ),
      '8.2.6',
      '3.10',
    );
    await atSmdp((smdp) =>
      smdp.cancelOrder({ ...cancel, finalProfileStatusIndicator: 'Available' }),
    );
    assert.equal(await stateOf(iccid), 'Available');
    await assertRefused(
      atSmdp((smdp) => smdp.cancelOrder({ ...cancel, finalProfileStatusIndicator: 'Available' })),
      '8.2.1',
      '3.3',
    );
    const other = await atSmdp((smdp) => smdp.downloadOrder({ ...call('n'), iccid }));
    await atSmdp((smdp) =>
      smdp.cancelOrder({
        ...call('o'),
        iccid: other.iccid,
        finalProfileStatusIndicator: 'Unavailable',
      }),
    );
    assert.equal(await stateOf(iccid), 'Unavailable');
  });
});
