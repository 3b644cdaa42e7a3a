// The RSP log of a profile while its sessions go on, and ever after: no call is lost, and none moves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStore } from '../../src/store/open.ts';
import { listRspLog } from '../../src/smdp/download/rsp-log.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { asOlderVersion } from '../smdp/download/older-session.ts';
import { moveClock, NO_CONTENT, statusOf, stepsOf, SUCCESS } from './calls.ts';
import type { Es9Reply, Steps } from './calls.ts';
import { newEuicc } from './phone.ts';

const MINUTE_MS = 60 * 1_000;

onEachDatabase('the RSP log', (database) => {
  const running = serverOn(database, { es9: true, stock: 20 });

  const newOrder = () => running().order({ GenerateMatchingId: 'true' });

  /** Oldest first, as the API lists it. */
  async function logOf({ sid }: { sid: string }): Promise<any[]> {
    const { json } = await running().request(`/v1/ESimProfiles/${sid}/RspLog?PageSize=1000`);
    return json.rsp_log.toReversed();
  }

  /** Through all pages of a size, and back. */
  async function paged({ sid }: { sid: string }, size: number): Promise<any[][]> {
    const pages: any[] = [];
    let next = `/v1/ESimProfiles/${sid}/RspLog?PageSize=${size}`;
    while (next) {
      const { json } = await running().request(next.replace(running().url, ''));
      pages.push(json);
      next = json.meta.next_page_url;
    }
    for (const [index, page] of pages.entries()) {
      assert.equal(page.rsp_log.length <= size, true);
      if (index === 0) continue;
      const back = page.meta.previous_page_url.replace(running().url, '');
      const { json } = await running().request(back);
      assert.deepEqual(json.rsp_log, pages[index - 1].rsp_log);
    }
    return pages.map(({ rsp_log }) => rsp_log);
  }

  const bySid = (one: string, other: string) => (one < other ? -1 : 1);

  const functions = (log: any[]) => log.map(({ function: name, status }) => `${name} ${status}`);

  test('each call is in it at once, and keeps its SID and its place', async () => {
    const order = await newOrder();
    const steps = stepsOf(running(), order.matching_id);
    const other = stepsOf(running(), order.matching_id);
    let reply: Es9Reply | undefined;
    const calls: [name: string, call: () => Promise<unknown>, logged: string[]][] = [
      ['begun', () => steps.begin(), ['initiateAuthentication', 'authenticateClient']],
      ['abandoned', () => other.begin(), ['initiateAuthentication', 'authenticateClient']],
      ['bound', async () => (reply = await steps.getPackage()), ['getBoundProfilePackage']],
      ['refused', () => other.getPackage(), ['getBoundProfilePackage']],
      ['repeated', () => steps.again('getBoundProfilePackage'), ['getBoundProfilePackage']],
      ['ended', () => steps.notify(steps.load(reply!)), ['handleNotification']],
      ['repeated at the end', () => steps.again('handleNotification'), ['handleNotification']],
    ];
    let before: any[] = [];
    for (const [name, call, logged] of calls) {
      await call();
      const log = await logOf(order);
      assert.deepEqual(log.slice(0, before.length), before, name);
      const status = name === 'refused' ? 'Failed' : SUCCESS;
      assert.deepEqual(
        functions(log.slice(before.length)),
        logged.map((one) => `${one} ${status}`),
      );
      before = log;
    }
    const sids = before.map(({ sid }) => sid);
    assert.deepEqual(sids, [...new Set(sids)].toSorted(bySid));
    assert.equal(sids.length, 9);
    assert.equal(await statusOf(running(), order.sid), 'installed Installed');
    // The whole message, with the certificate that is stored once.
    assert.match(before[1].request, /euiccCertificate/);
    for (const size of [1, 2, 3, 4, 8, 9, 10]) {
      assert.deepEqual((await paged(order, size)).flat(), before.toReversed(), `${size} a page`);
    }
  });

  test('another process reads the same, while the session is open', async () => {
    const order = await newOrder();
    const steps = await stepsOf(running(), order.matching_id).begin();
    await steps.getPackage();
    const store = await openStore(running().config.database);
    try {
      const about = { accountSid: running().account.username, order: order.sid };
      const read = await listRspLog(about, store);
      const log = await logOf(order);
      assert.equal(log.length, 3);
      assert.deepEqual(
        read.map(({ sid }) => sid),
        log.map(({ sid }) => sid),
      );
    } finally {
      await store.close();
    }
  });

  test('a session that the device cancels, or refuses, has its calls', async () => {
    const order = await newOrder();
    const steps = await stepsOf(running(), order.matching_id).begin();
    await steps.cancel('postponed');
    assert.deepEqual(functions(await logOf(order)), [
      `initiateAuthentication ${SUCCESS}`,
      `authenticateClient ${SUCCESS}`,
      `cancelSession ${SUCCESS}`,
    ]);
  });

  async function rowsOf({ sid }: { sid: string }): Promise<number> {
    const { store } = running().server.context;
    return (await store.rspLog.list(running().account.username, sid)).length;
  }

  async function sessionOf({ transactionId }: Steps) {
    return (await running().server.context.store.rspSessions.find(transactionId))!;
  }

  test('a session of an older version goes on, with its calls as rows, and is due as it was', async () => {
    const order = await newOrder();
    const steps = await stepsOf(running(), order.matching_id).begin();
    const begun = await logOf(order);
    await asOlderVersion(running(), order.sid);
    assert.deepEqual(await logOf(order), begun);
    const result = steps.load(await steps.getPackage());
    assert.equal((await steps.notify(result)).result, NO_CONTENT);
    assert.equal(await statusOf(running(), order.sid), 'installed Installed');
    const log = await logOf(order);
    assert.deepEqual(log.slice(0, 2), begun);
    assert.deepEqual([log.length, await rowsOf(order)], [4, 4]);
    const { date_due: due, date_expires: expires } = await sessionOf(steps);
    assert.equal(due, expires);
  });

  test('an older node takes a session on: its rows are listed among the calls of the session', async () => {
    const order = await newOrder();
    const steps = await stepsOf(running(), order.matching_id).begin();
    const { store, transact } = running().server.context;
    const [begun] = await listRspLog(
      { accountSid: running().account.username, order: order.sid },
      store,
    );
    // As it writes them: the row of the call, and of the session only the columns that it knows.
    await transact(async ({ tables, sids, now }) => {
      const sid = sids.next('rspLog', now);
      await tables.rspLog.insertMany([{ ...begun!, sid, function: 'of an older node' }]);
      const { transactionId } = steps;
      const row = {
        transaction_id: transactionId,
        step: 'authenticated',
        bind_digest: 'x',
      } as const;
      await tables.rspSessions.advance('authenticated', row);
    });
    await steps.getPackage();
    assert.deepEqual(
      (await logOf(order)).map(({ function: name }) => name),
      [
        'initiateAuthentication',
        'authenticateClient',
        'of an older node',
        'getBoundProfilePackage',
      ],
    );
  });

  test('a result that comes after the session has expired is a row, kept for as long as other rows', async () => {
    const order = await newOrder();
    const euicc = newEuicc(running());
    const steps = stepsOf(running(), order.matching_id, euicc);
    const result = await steps.install();
    moveClock(running(), 31 * MINUTE_MS);
    try {
      assert.equal((await steps.notify(result)).result, NO_CONTENT);
    } finally {
      moveClock(running(), 0);
    }
    assert.deepEqual([(await logOf(order)).length, await rowsOf(order)], [4, 1]);
  });
});
