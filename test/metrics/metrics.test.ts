// What /metrics says, to whom, and how much of it there can be.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { addDatabaseMetrics } from '../../src/metrics/database-metrics.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import { addServerMetrics } from '../../src/metrics/server-metrics.ts';
import { encodeTlv } from '../../src/rsp/der.ts';
import { eimPackageErrors } from '../../src/rsp/eim-codes.ts';
import { databaseWithTables, onAllDatabasesAtOnce, withoutPostgres } from '../databases.ts';
import { newPhone } from '../es9plus/phone.ts';
import { Ipa } from '../esipa/ipa.ts';
import { startReceiver } from '../receiver.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { startTcpProxy } from '../tcp-proxy.ts';
import { samplesAt } from './samples.ts';

const { eidNotFound } = eimPackageErrors;

const read = (server: TestServer) => samplesAt(server.server.metricsUrl!);

onAllDatabasesAtOnce('metrics', (database) => {
  let server: TestServer;
  before(async () => {
    const databaseUrl = await database.own();
    server = await startTestServer({
      es9: true,
      env: { SIMWRIGHT_METRICS_PORT: '0', SIMWRIGHT_ESIPA_PORT: '0' },
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
    });
  });
  after(() => server[Symbol.asyncDispose]());

  test('of an order, its download and its callbacks', async () => {
    await using receiver = await startReceiver();
    const order = await server.order({ GenerateMatchingId: 'true', CallbackUrl: receiver.url });
    await newPhone(server).download(`LPA:${order.activation_code}`);
    const found = await eventually(async () => {
      const samples = await read(server);
      const delivered = samples.get('simwright_callback_attempts_total{outcome="delivered"}');
      // What is read about all accounts may come later.
      const isRead = samples.has('simwright_stock{profile_type="default"}');
      return delivered === 4 && isRead ? samples : undefined;
    });
    const expected = {
      simwright_database_up: 1,
      'simwright_http_requests_total{operation="CreateEsimProfile",status="201"}': 1,
      'simwright_es9plus_calls_total{function="handleNotification",code="ok"}': 1,
      simwright_order_available_seconds_count: 1,
      simwright_order_installed_seconds_count: 1,
      'simwright_stock{profile_type="default"}': 9,
      simwright_workers: 1,
    };
    for (const [name, value] of Object.entries(expected))
      assert.equal(found.get(name), value, name);
    // On PostgreSQL it is counted half a minute later: decision 40.
    if (database.name !== 'SQLite') return;
    await eventually(async () =>
      (await read(server)).get('simwright_esim_profiles{status="installed"}') === 1
        ? true
        : undefined,
    );
  });

  test('of eUICCs and operations on them', async () => {
    const ipa = new Ipa(server);
    const path = `/v1/Euiccs/${ipa.eid}`;
    await server.request('/v1/Euiccs', { form: { Eid: ipa.eid } });
    const form = { Kind: 'listProfileInfo' };
    await server.request(`${path}/Operations`, { form });
    const packages = await ipa.poll();
    const until = (expected: Record<string, number>) =>
      eventually(async () => {
        const samples = await read(server);
        const right = Object.entries(expected).every(
          ([name, value]) => samples.get(name) === value,
        );
        return right ? samples : undefined;
      });
    const open = await until({
      'simwright_eim_operations{status="sent"}': 1,
      'simwright_eim_operations{status="queued"}': 1,
      'simwright_euiccs{status="registered"}': 1,
    });
    assert.ok(open.get('simwright_eim_oldest_operation_seconds{status="sent"}')! >= 0);
    assert.equal(open.get('simwright_eim_operations_ended{outcome="completed"}'), 0);
    await ipa.provide(ipa.dataFor(packages as Uint8Array));
    const { json } = await server.request(`${path}/Operations?Status=queued`);
    const queued = `${path}/Operations/${json.operations[0].sid}`;
    await server.request(queued, { method: 'DELETE' });
    await until({
      'simwright_eim_operations{status="sent"}': 0,
      'simwright_eim_operations{status="queued"}': 0,
      'simwright_eim_operations_ended{outcome="completed"}': 1,
      'simwright_eim_operations_ended{outcome="cancelled"}': 1,
      'simwright_eim_operations_ended{outcome="no_result"}': 0,
    });
    // As if it had polled two days ago.
    const { transact } = server.server.context;
    const date_seen = new Date(Date.now() - 172_800_000).toISOString();
    await transact(({ tables }) =>
      tables.euiccs.update(ipa.eid, { state: 'associated', date_seen }),
    );
    await until({ 'simwright_euiccs{status="associated"}': 1, simwright_euiccs_silent: 1 });
  });

  test('of ESipa: what it answers with an error, too', async () => {
    const unknown = new Ipa(server);
    assert.equal(await unknown.poll(), eidNotFound);
    const refused = encodeTlv(0xa0, encodeTlv(0x02, Uint8Array.of(1)));
    assert.equal(await unknown.provide(refused), eidNotFound);
    const samples = await read(server);
    for (const name of ['getEimPackage', 'provideEimPackageResult']) {
      const calls = `simwright_esipa_calls_total{function="${name}",code="eidNotFound"}`;
      assert.equal(samples.get(calls), 1, name);
    }
  });

  test('have no secret, no SID and no address; and no more series whatever clients do', async () => {
    const first = await read(server);
    for (let call = 0; call < 50; call++) {
      await server.request(`/v1/ESimProfiles/HP${String(call).padStart(32, '0')}`);
      await server.request(`/v1/Nothing${call}`, { method: 'PUT' });
      await fetch(`${server.url}/i/${call}`);
    }
    const samples = await read(server);
    assert.ok(samples.size <= first.size + 60, `${first.size} became ${samples.size}`);
    const text = [...samples.keys()].join('\n');
    assert.doesNotMatch(text, /\b(AC|HP|HS|CB|SK|RQ)[0-9a-f]{32}\b|\d+\.\d+\.\d+\.\d+/);
    assert.equal(text.includes(server.account.password), false);
  });

  test('are only at their path, and only read', async () => {
    const url = server.server.metricsUrl!;
    assert.equal((await fetch(new URL('/', url))).status, 404);
    const posted = await fetch(url, { method: 'POST', body: 'x' });
    assert.deepEqual([posted.status, posted.headers.get('allow')], [405, 'GET, HEAD']);
    assert.equal((await fetch(`${server.url}/metrics`)).status, 404);
  });
});

test(
  'while PostgreSQL is away, metrics come soon and say so',
  { skip: withoutPostgres },
  async () => {
    const proxy = await startTcpProxy(await databaseWithTables());
    await using server = await startTestServer({
      databaseUrl: proxy.url,
      env: { SIMWRIGHT_METRICS_PORT: '0' },
    });
    assert.equal((await read(server)).get('simwright_database_up'), 1);
    proxy.cut();
    const away = await eventually(async () => {
      const samples = await read(server);
      return samples.get('simwright_database_up') === 0 ? samples : undefined;
    });
    assert.equal(away.has('simwright_esim_profiles{status="new"}'), false);
    await proxy.mend();
    await eventually(async () =>
      (await read(server)).get('simwright_database_up') === 1 ? true : undefined,
    );
    proxy.cut();
  },
);

test('labels have at most so many values', async () => {
  const metrics = new Metrics();
  for (let code = 0; code < 1_000; code++)
    metrics.es9plusCall('authenticateClient', `8.${code}/1`, 1);
  for (let reason = 0; reason < 1_000; reason++)
    metrics.handshakeFailed('es9plus', `reason ${reason}`);
  const snapshot = await metrics.snapshot();
  const sizeOf = (name: string) => snapshot.find((one) => one.name === name)!.values.length;
  assert.equal(sizeOf('simwright_es9plus_calls_total'), 101);
  assert.equal(sizeOf('simwright_tls_handshake_failures_total'), 101);
});

describe('the port of metrics', () => {
  test('if it is the default and taken, the server serves without metrics, and says so', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { serveMetrics } = await import('../../src/metrics/listener.ts');
    const warned: string[] = [];
    const log = { warn: (text: string) => warned.push(text) } as never;
    const config = { metricsHost: '127.0.0.1', metricsPort: port };
    const nothing = async () => ({ contentType: 'text/plain', text: '' });
    const served = await serveMetrics({ ...config, isMetricsPortChosen: false }, nothing, log);
    assert.equal(served, undefined);
    assert.match(
      warned[0]!,
      /^Metrics are not served: another program uses port \d+\. Set SIMWRIGHT_METRICS_PORT/,
    );
    await assert.rejects(serveMetrics({ ...config, isMetricsPortChosen: true }, nothing, log), {
      code: 'EADDRINUSE',
    });
    other.close();
  });
});

test('docs/monitoring.md has every metric, with its type and labels, and no other', async () => {
  await using server = await startTestServer();
  const metrics = new Metrics();
  // As on PostgreSQL.
  const store = {
    ...server.server.context.store,
    connections: () => ({ open: 0, busy: 0, waiting: 0, most: 0 }),
  };
  const signing = { hsm: { state: { is: 'open' } } };
  const context = Object.create(server.server.context, {
    store: { value: store },
    signing: { value: signing },
  });
  addServerMetrics(metrics, context);
  addDatabaseMetrics(metrics, context);
  const page = readFileSync(join(import.meta.dirname, '../../docs/monitoring.md'), 'utf8');
  const documented = new Map(
    Array.from(
      page.matchAll(/^\| `(simwright_\w+)`\s+\| (counter|gauge|histogram)\s+\| ([^|]*?)\s+\|/gm),
      ([, name, type, labels]) => [name, `${type} ${labels}`],
    ),
  );
  const real = metrics.registry.getMetricsAsArray().flatMap((metric) => {
    const { name, type, labelNames } = metric as unknown as {
      name: string;
      type: string;
      labelNames: string[];
    };
    if (!name.startsWith('simwright_')) return [];
    const labels = labelNames.filter((label) => label !== 'le').map((label) => `\`${label}\``);
    return [[name, `${type} ${labels.join(', ')}`] as const];
  });
  assert.deepEqual(Object.fromEntries(documented), Object.fromEntries(real));
  for (const { name } of metrics.registry.getMetricsAsArray()) {
    const isCovered = name.startsWith('simwright_') || /^(process|nodejs)_/.test(name);
    assert.ok(isCovered, `${name} is of no group in docs/monitoring.md`);
  }
});
