// A primary that dies in the middle of orders and downloads, and its synchronous standby that is promoted: the server follows.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Readable } from 'node:stream';
import { orderAndInstall } from '../../torture/phone.ts';
import { Random } from '../../torture/random.ts';
import { httpWorld } from '../../torture/http-world.ts';
import type { World } from '../../torture/world.ts';
import { acknowledged } from '../../src/verify/acknowledged.ts';
import { INVARIANTS } from '../../src/verify/invariants.ts';
import { withoutPostgres as skip } from '../databases.ts';
import { startCluster } from '../postgres.ts';
import type { Cluster } from '../postgres.ts';
import { eventually, startTestServer } from '../server.ts';
import type { Reply, TestServer } from '../server.ts';
import { violated } from '../verify/violated.ts';
import { askPostgres } from '../ask-postgres.ts';

const CLIENTS = 4;
const DEVICES = 2;

describe('a failover to a standby', { skip }, () => {
  test('loses no answered order, assigns no ICCID twice, and lets the devices finish', async (context) => {
    const [primary, standby] = await startPair();
    context.after(() => Promise.all([primary.stop(), standby.stop()]));
    const { host } = new URL(standby.url);
    const several = primary.url.replace('/simwright_test', `,${host}/simwright_test`);
    await using server = await startTestServer({ databaseUrl: several, es9: true, stock: 3_000 });
    const answers: any[] = [];
    const world = worldOf(server, answers);

    const over = new AbortController();
    const untilOver = async (work: () => Promise<unknown>) => {
      while (!over.signal.aborted) await work();
    };
    const statuses = new Set<number>();
    const orders = Array.from({ length: CLIENTS }, () =>
      untilOver(async () => {
        const form = { GenerateMatchingId: 'true' };
        const { status, json } = await server.request('/v1/ESimProfiles', { form });
        statuses.add(status);
        if (status === 201) answers.push(json);
      }),
    );
    let installed = 0;
    const devices = Array.from({ length: DEVICES }, () =>
      untilOver(async () => {
        await orderAndInstall(world);
        installed++;
      }),
    );
    const goesOn = async () => {
      const [ordered, before] = [answers.length, installed];
      await eventually(() => (answers.length > ordered + 20 && installed > before) || undefined);
    };

    await goesOn();
    await primary.crash('SIGKILL');
    await askPostgres(standby.url, 'select pg_promote()');
    await goesOn();
    // It comes back as it was, nobody having told it of the failover, and accepts writes.
    await primary.start();
    await askPostgres(standby.url, DISCONNECT);
    await goesOn();
    over.abort();
    await Promise.all([...orders, ...devices]);

    assert.deepEqual(
      [...statuses].filter((status) => status !== 201 && status !== 503),
      [],
    );
    await eventually(async () => {
      const { json } = await server.request('/v1/ESimProfiles?Status=new');
      return json.esim_profiles.length === 0 || undefined;
    });
    const { masterKey } = server.server.context;
    const told = acknowledged(Readable.from(answers.map((answer) => JSON.stringify(answer))));
    const invariants = [...INVARIANTS, told];
    assert.deepEqual(await violated(server.config.database, masterKey, invariants), []);

    // Nor is the one that was left behind taken by a server that starts.
    await server.restart();
    const { sid } = await server.order({ GenerateMatchingId: 'true' });
    const count = `select count(*)::int as count from esim_profiles where sid = '${sid}'`;
    const left = await askPostgres(primary.url, count);
    const { pathname } = new URL(primary.url);
    const followed = await askPostgres(
      Object.assign(new URL(standby.url), { pathname }).href,
      count,
    );
    assert.deepEqual([left, followed], [[{ count: 0 }], [{ count: 1 }]]);
  });

  test('a commit for which PostgreSQL stopped waiting for its standby is not told as if it were safe', async (context) => {
    const primary = (await startCluster({ settings: { synchronous_commit: 'on' } }))!;
    context.after(() => primary.stop());
    await using server = await startTestServer({ databaseUrl: primary.url });
    const order = () =>
      server.request('/v1/ESimProfiles', { form: { GenerateMatchingId: 'true' } });
    assert.equal((await order()).status, 201);
    await setStandbys(primary, 'one_that_is_gone');
    let answer: Reply | undefined;
    const answered = order().then((reply) => (answer = reply));
    // Somebody cancels what hangs: PostgreSQL then warns, and tells that it has committed.
    await eventually(async () => {
      await askPostgres(primary.url, CANCEL);
      return answer;
    });
    const { status, json } = await answered;
    assert.deepEqual([status, json.code], [503, 20503]);
    await setStandbys(primary, '');
    assert.equal((await order()).status, 201);
  });
});

const CANCEL = `select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`;

/** So that the server opens new connections. */
const DISCONNECT = `select pg_terminate_backend(pid) from pg_stat_activity
  where application_name like 'simwright%'`;

/** A primary, and a standby for which its commits wait. */
async function startPair(): Promise<[Cluster, Cluster]> {
  const settings = { synchronous_commit: 'on' };
  const primary = (await startCluster({ settings }))!;
  const standby = (await startCluster({ standbyOf: primary, settings }))!;
  await setStandbys(primary, '*');
  return [primary, standby];
}

async function setStandbys({ url }: Cluster, names: string): Promise<void> {
  await askPostgres(url, `alter system set synchronous_standby_names = '${names}'`);
  await askPostgres(url, 'select pg_reload_conf()');
  await eventually(async () => {
    const [row] = await askPostgres(url, 'show synchronous_standby_names');
    return row.synchronous_standby_names === names || undefined;
  });
}

function worldOf({ server, account, url, config }: TestServer, answers: object[]): World {
  const { hostname: host, port } = new URL(`https://${config.smdpAddress}`);
  return httpWorld({
    random: new Random(1),
    account: { sid: account.username, authToken: account.password },
    apiUrl: () => url,
    es9At: () => ({ host, port: Number(port) }),
    esipaAt: () => ({ host: '127.0.0.1', port: 0 }),
    smdpAddress: config.smdpAddress,
    pki: server.context.pki,
    // Nothing here asks for callbacks.
    receiver: { url: 'http://127.0.0.1:9/', accepted: [] },
    acknowledge: (resource) => answers.push(resource),
  });
}
