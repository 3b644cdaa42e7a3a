// Orders answered with 201, and batches and bulk operations answered with 202, survive kill -9, and nothing is lost or done twice.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { completeEid } from '../../src/rsp/identifiers.ts';
import { onEachDatabase } from '../databases.ts';
import { startProcess } from '../process.ts';
import { basic, eventually } from '../server.ts';

const CYCLES = 3;
const ACCOUNT = { username: `AC${'1'.repeat(32)}`, password: 'a'.repeat(32) };

/** More than is ordered in one transaction. */
const BATCH = { Count: '35', GenerateMatchingId: 'true' };
/** eUICCs of a fleet: more than are given their operation in one transaction. */
const FLEET = 120;
const BULK = { Kind: 'listProfileInfo', AllEuiccs: 'true' };

async function call(
  url: string,
  init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
): Promise<any> {
  const response = await fetch(url, {
    ...init,
    headers: { ...init.headers, Authorization: basic(ACCOUNT) },
  });
  assert.ok(response.ok);
  return JSON.parse(await response.text());
}

onEachDatabase('kill -9', (database) => {
  test('at any time during orders, batches and bulk operations loses none that was confirmed, and does none twice', async (context) => {
    const data = await mkdtemp(join(tmpdir(), 'simwright-kill-'));
    context.after(() => rm(data, { recursive: true, force: true }));
    const databaseUrl = await database.own();
    const env: Record<string, string> = {
      SIMWRIGHT_DATA: data,
      SIMWRIGHT_PORT: '0',
      SIMWRIGHT_ES9_PORT: '0',
      SIMWRIGHT_ESIPA_PORT: '0',
      SIMWRIGHT_METRICS_PORT: 'off',
      SIMWRIGHT_LOG_LEVEL: 'error',
      SIMWRIGHT_ACCOUNT_SID: ACCOUNT.username,
      SIMWRIGHT_AUTH_TOKEN: ACCOUNT.password,
      SIMWRIGHT_TEST_STOCK: '2000',
      ...(databaseUrl === undefined ? {} : { SIMWRIGHT_DATABASE_URL: databaseUrl }),
    };
    const answered: string[] = [];
    const batches: string[] = [];
    const bulks: string[] = [];

    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const node = await startProcess(env);
      const ended = once(node.process, 'exit');
      const clients = Array.from({ length: 8 }, async () => {
        for (;;) {
          const order = await call(`${node.url}/v1/ESimProfiles`, {
            method: 'POST',
            body: new URLSearchParams({ GenerateMatchingId: 'true' }),
          }).catch(() => undefined);
          if (order === undefined) return;
          answered.push(order.sid);
        }
      });
      const batch = await call(`${node.url}/v1/ESimProfiles/Batches`, {
        method: 'POST',
        body: new URLSearchParams({ ...BATCH, AllOrNothing: String(cycle % 2 === 0) }),
      });
      batches.push(batch.sid);
      if (cycle === 0) {
        const eids = Array.from({ length: FLEET }, (_, index) =>
          completeEid(`89049032${String(index).padStart(22, '0')}`),
        );
        const imported = await call(`${node.url}/v1/Euiccs/Imports`, {
          method: 'POST',
          headers: { 'Content-Type': 'text/csv' },
          body: `Eid\n${eids.join('\n')}\n`,
        });
        assert.equal(imported.registered, FLEET);
      }
      const bulk = await call(`${node.url}/v1/Euiccs/BulkOperations`, {
        method: 'POST',
        body: new URLSearchParams(BULK),
      });
      bulks.push(bulk.sid);
      const before = answered.length;
      await eventually(() => (answered.length > before ? true : undefined));
      await sleep(Math.random() * 100);
      node.process.kill('SIGKILL');
      await ended;
      await Promise.all(clients);
    }

    const node = await startProcess(env);
    const ended = once(node.process, 'exit');
    await eventually(async () => {
      const { esim_profiles: waiting } = await call(`${node.url}/v1/ESimProfiles?Status=new`);
      return waiting.length === 0 ? true : undefined;
    });
    for (const sid of batches) {
      await eventually(async () => {
        const batch = await call(`${node.url}/v1/ESimProfiles/Batches/${sid}`);
        if (batch.status === 'running') return undefined;
        assert.deepEqual([batch.status, batch.ordered, batch.reserved], ['completed', 35, 0]);
        return true;
      });
    }
    for (const sid of bulks) {
      const path = `${node.url}/v1/Euiccs/BulkOperations/${sid}`;
      await eventually(async () => {
        const { counts } = await call(path);
        return counts.queued === FLEET ? true : undefined;
      });
      const { items } = await call(`${path}/Items?PageSize=1000`);
      const own = new Set(items.map(({ operation_sid: operation }: any) => operation));
      assert.equal(own.size, FLEET, 'each eUICC has one operation');
    }
    const profiles: any[] = [];
    let url: string | null = `${node.url}/v1/ESimProfiles?PageSize=1000`;
    while (url !== null) {
      const page: any = await call(url);
      profiles.push(...page.esim_profiles);
      url = page.meta.next_page_url;
    }
    const stored = new Map(profiles.map((profile) => [profile.sid, profile]));
    assert.deepEqual(
      answered.filter((sid) => !stored.has(sid)),
      [],
      'answered and lost',
    );
    assert.ok(profiles.every(({ status }) => status === 'available'));
    for (const sid of batches) {
      const ordered = profiles.filter(({ batch_sid: own }) => own === sid);
      assert.equal(ordered.length, 35, 'each item is ordered once');
    }
    assert.equal(new Set(profiles.map(({ iccid }) => iccid)).size, profiles.length);
    assert.equal(new Set(profiles.map(({ sim_sid: sim }) => sim)).size, profiles.length);
    for (const profile of profiles.slice(0, 20)) {
      const { events } = await call(`${node.url}/v1/ESimProfiles/${profile.sid}/Events`);
      assert.deepEqual(
        events.map(({ status }: any) => status),
        ['available', 'reserving', 'new'],
      );
    }
    node.process.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  });
});
