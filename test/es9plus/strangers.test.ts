// Callers without a certificate cannot store anything in the database, however many and large their calls. Callers
// with one cannot fill the log by repeating calls.
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { Agent } from 'node:https';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { Client } from 'pg';
import { euiccInfo1 } from '../../src/device/euicc-info.ts';
import { EUICCInfo1 } from '../../src/rsp/definitions/euicc-info.ts';
import { countNext } from '../../src/operator/statistics/counting.ts';
import { encodeTlv } from '../../src/rsp/der.ts';
import { findDeviceModels } from '../../src/smdp/download/device-models.ts';
import { forgetSessions } from '../../src/smdp/download/session-retention.ts';
import { sidAt } from '../../src/values/sid.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import {
  errorsLogged,
  LPA_HEADERS,
  moveClock,
  NO_CONTENT,
  placeOf,
  post,
  statusOf,
  stepsOf,
  SUCCESS,
  toBase64,
} from './calls.ts';
import { newEid, newEuicc } from './phone.ts';
import { credentialOf, issueEuicc, issueEum, otherCi } from './wrong-certificates.ts';
import { asOlderVersion } from '../smdp/download/older-session.ts';

const CALLS = 500;
const AT_ONCE = 20;
const CI_LIMIT = 32;

/** Sizes and row counts of the tables. */
/** What was done before is entered into the audit log, which seals it within seconds. */
async function sealed({ server }: TestServer): Promise<void> {
  const { auditLog } = server.context.store;
  const entries = await auditLog.between('', '~', 1_000);
  await eventually(async () => {
    const seal = await auditLog.head();
    return seal?.last_sid === entries.at(-1)?.sid ? true : undefined;
  });
}

/** And counted for the statistics, which a server does within half a minute. */
async function counted({ server, account }: TestServer): Promise<void> {
  const counting = { ...server.context, findModels: findDeviceModels };
  const farAhead = sidAt('event', new Date('2100-01-01'));
  while ((await countNext(account.username, counting, farAhead)).more);
}

async function sizeOf({ config }: TestServer): Promise<unknown> {
  if (config.database.kind === 'sqlite') {
    using db = new DatabaseSync(config.database.file, { readOnly: true });
    const tables = db.prepare(`select name from sqlite_schema where type = 'table'`).all();
    const rows = tables.map(({ name }) => [
      name,
      db.prepare(`select count(*) as rows from ${String(name)}`).get()?.['rows'],
    ]);
    return [db.prepare('pragma page_count').get(), rows];
  }
  const client = new Client({ connectionString: config.database.url });
  await client.connect();
  await client.query('vacuum analyze');
  const { rows: tables } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  );
  const sizes: unknown[] = [];
  for (const { name } of tables) {
    const { rows } = await client.query(
      `select '${name}' as name, pg_total_relation_size('${name}') as size, count(*) as rows from ${name}`,
    );
    sizes.push(rows[0]);
  }
  await client.end();
  return sizes;
}

onEachDatabase('unauthenticated callers', (database) => {
  const running = serverOn(database, { es9: true, stock: 20 });
  after(() => assert.deepEqual(errorsLogged(running()), []));

  const infoWith = (changes: Partial<EUICCInfo1>) =>
    EUICCInfo1.encode({ ...euiccInfo1(newEuicc(running())), ...changes });
  /** The maximum number of CIs, including ours. */
  const longest = (count: number) => {
    const cis = running().server.context.pki.identities.map(({ ciPKId }) => ciPKId);
    const others = Array.from({ length: count - cis.length }, (_, at) =>
      new Uint8Array(20).fill(at),
    );
    return [...others, ...cis];
  };
  const longInfo = (count: number) =>
    infoWith({
      euiccCiPKIdListForVerification: longest(count),
      euiccCiPKIdListForSigning: longest(count),
    });

  test(`${CALLS} calls without a certificate do not change the database`, async () => {
    const server = running();
    const place = placeOf(server);
    const order = await server.order({ GenerateMatchingId: 'true' });
    // Well-formed, and as large as allowed.
    const stranger = stepsOf(server, order.matching_id);
    const eum = issueEum(otherCi());
    stranger.misbehaviour.credential = credentialOf(issueEuicc(eum, newEid()), eum);
    await stranger.initiate();
    assert.equal((await stranger.authenticate()).result, '8.11.1 / 3.9');
    const other = stepsOf(server, (await server.order({ GenerateMatchingId: 'true' })).matching_id);
    const result = await other.install();
    await other.notify(result);
    const forged = result.map((byte, at) => (at === result.length - 1 ? byte ^ 1 : byte));
    const initiate = {
      ...stranger.sent.initiateAuthentication,
      euiccInfo1: toBase64(longInfo(CI_LIMIT)),
    };
    const members: [name: string, members: () => Record<string, unknown>][] = [
      ['initiateAuthentication', () => initiate],
      ['authenticateClient', () => stranger.sent.authenticateClient!],
      ['authenticateClient', () => ({ transactionId: 'A'.repeat(100_000) })],
      [
        'getBoundProfilePackage',
        () => ({
          ...other.sent.getBoundProfilePackage,
          transactionId: randomBytes(16).toString('hex'),
        }),
      ],
      ['handleNotification', () => ({ pendingNotification: toBase64(forged) })],
      [
        'cancelSession',
        () => ({
          transactionId: stranger.transactionId,
          cancelSessionResponse: toBase64(
            encodeTlv(0xbf41, encodeTlv(0x81, Uint8Array.of(randomInt(100)))),
          ),
        }),
      ],
    ];
    const agent = new Agent({ keepAlive: true });
    const lpa = { ...LPA_HEADERS, 'User-Agent': 'x'.repeat(8_000) };
    const flood = async (count: number) => {
      let called = 0;
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          while (called < count) {
            const [name, membersOf] = members[called++ % members.length]!;
            await post(place, name, membersOf(), lpa, agent);
          }
        }),
      );
    };
    await flood(members.length);
    await sealed(server);
    await counted(server);
    const before = await sizeOf(server);
    await flood(CALLS);
    agent.destroy();
    assert.deepEqual(await sizeOf(server), before);
    const longestLine = Math.max(...server.logged.map((line) => line.length));
    assert.ok(longestLine < 2_000, `${longestLine} letters in a line of the log`);
    const honest = stepsOf(server, order.matching_id);
    await honest.notify(await honest.install());
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
  });

  test('a session that began before a flood continues after it', async () => {
    const server = running();
    const order = await server.order({ GenerateMatchingId: 'true' });
    const steps = stepsOf(server, order.matching_id);
    await steps.initiate();
    const agent = new Agent({ keepAlive: true });
    const body = steps.sent.initiateAuthentication;
    for (let round = 0; round < 300 / AT_ONCE; round += 1) {
      const place = placeOf(server);
      const calls = Array.from({ length: AT_ONCE }, () =>
        post(place, 'initiateAuthentication', body, LPA_HEADERS, agent),
      );
      for (const { result } of await Promise.all(calls)) assert.equal(result, SUCCESS);
    }
    agent.destroy();
    assert.equal((await steps.authenticate()).result, SUCCESS);
  });

  test(`euiccInfo1 with ${CI_LIMIT} CIs in each list is served, a longer one → 1.6 / 2.1`, async () => {
    const initiate = (info: Uint8Array) =>
      stepsOf(running(), '').initiate({ euiccInfo1: toBase64(info) });
    assert.equal((await initiate(longInfo(CI_LIMIT))).result, SUCCESS);
    for (const info of [
      longInfo(CI_LIMIT + 1),
      longInfo(2_000),
      infoWith({ euiccCiPKIdListForSigning: longest(CI_LIMIT + 1) }),
      infoWith({ euiccCiPKIdListForVerification: [new Uint8Array(2_048), ...longest(2)] }),
    ]) {
      const { result, json } = await initiate(info);
      assert.equal(result, '1.6 / 2.1');
      const { message, subjectIdentifier } = json.header.functionExecutionStatus.statusCodeData;
      assert.equal(subjectIdentifier, 'euiccInfo1');
      assert.match(message, /too long: at most 32 CIs a list and 2048 octets/);
    }
  });

  test('a TransactionID of a server with another master key → 8.10.1 / 3.9', async () => {
    const server = running();
    await using other = await startTestServer({ es9: true, stock: 0 });
    const order = await server.order({ GenerateMatchingId: 'true' });
    const there = stepsOf(other, order.matching_id);
    await there.initiate();
    const here = stepsOf(server, order.matching_id);
    await here.initiate();
    const { transactionId } = there;
    assert.equal((await here.authenticate({ transactionId })).result, '8.10.1 / 3.9');
  });

  test('a call of an ended session is not answered again once the session is deleted', async () => {
    const server = running();
    const order = await server.order({ GenerateMatchingId: 'true' });
    const steps = await stepsOf(server, order.matching_id).begin();
    assert.equal((await steps.again('authenticateClient')).result, SUCCESS);
    await asOlderVersion(server, order.sid);
    moveClock(server, 31 * 60 * 1000);
    try {
      const { context } = server.server;
      while ((await forgetSessions(context, 50)) > 0);
      assert.equal(await context.store.rspSessions.find(steps.transactionId), undefined);
      assert.equal((await steps.again('authenticateClient')).result, '8.10.1 / 3.9');
    } finally {
      moveClock(server, 0);
    }
  });

  test('the log of a profile shows the start of a session, even if on another node', async () => {
    const server = running();
    const order = await server.order({ GenerateMatchingId: 'true' });
    const steps = stepsOf(server, order.matching_id);
    await steps.initiate();
    await server.restart();
    assert.equal((await steps.authenticate()).result, SUCCESS);
    const { json } = await server.request(`/v1/ESimProfiles/${order.sid}/RspLog`);
    const log = json.rsp_log.toReversed();
    assert.deepEqual(
      log.map((entry: any) => [entry.function, entry.status, entry.transaction_id]),
      ['initiateAuthentication', 'authenticateClient'].map((name) => [
        name,
        SUCCESS,
        steps.transactionId,
      ]),
    );
    assert.ok(log[0].date_created <= log[1].date_created);
  });

  test('endless refusals or repeats of a device: the log has the first hundred', async () => {
    const server = running();
    const order = await server.order({ GenerateMatchingId: 'true' });
    const winner = stepsOf(server, order.matching_id);
    const result = await winner.install();
    const loser = stepsOf(server, order.matching_id);
    await loser.initiate();
    assert.equal((await loser.authenticate()).result, '8.1.1 / 3.8');
    const agent = new Agent({ keepAlive: true });
    const repeat = (steps: typeof loser, name: 'authenticateClient' | 'getBoundProfilePackage') =>
      post(placeOf(server), name, steps.sent[name], LPA_HEADERS, agent);
    for (let time = 0; time < 70; time += 1) {
      assert.equal((await repeat(loser, 'authenticateClient')).result, '8.1.1 / 3.8');
      assert.equal((await repeat(winner, 'getBoundProfilePackage')).result, SUCCESS);
    }
    agent.destroy();
    assert.equal((await winner.notify(result)).result, NO_CONTENT);
    const { json } = await server.request(`/v1/ESimProfiles/${order.sid}/RspLog?PageSize=1000`);
    // The winner's four calls, the loser's first, and a hundred without effect.
    assert.equal(json.rsp_log.length, 4 + 1 + 100);
    // Calls that change something are always logged.
    assert.equal(json.rsp_log[0].function, 'handleNotification');
  });
});
