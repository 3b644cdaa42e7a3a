// The dashboard and the alerts, against a real Prometheus that scrapes real servers while they take orders and serve downloads.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { databaseWithTables, postgres } from '../databases.ts';
import { newPhone } from '../es9plus/phone.ts';
import { Ipa } from '../esipa/ipa.ts';
import { freePort } from '../postgres.ts';
import { startReceiver } from '../receiver.ts';
import { issueCrl } from '../../src/rsp/certificate-issue.ts';
import { insertPoint } from '../../src/smdp/crls/crl-points.ts';
import { importCrl } from '../../src/smdp/crls/import-crls.ts';
import { ciPKIdHexOf } from '../../src/smdp/pki/pki-certificate.ts';
import { ownHolder } from '../es9plus/wrong-certificates.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';

const DEPLOY = join(import.meta.dirname, '../../deploy');
const FILES = {
  prometheus: join(DEPLOY, 'prometheus/prometheus.yml'),
  alerts: join(DEPLOY, 'prometheus/alerts.yml'),
  alertTests: join(DEPLOY, 'prometheus/alerts.test.yml'),
  dashboard: join(DEPLOY, 'grafana/simwright.json'),
};

const isInstalled = (tool: string) => spawnSync(tool, ['--version']).error === undefined;
const withoutPrometheus =
  !(isInstalled('prometheus') && isInstalled('promtool')) && 'Prometheus is not installed here';

interface Target {
  panel: string;
  expr: string;
}

async function targetsOf(file: string): Promise<Target[]> {
  const { panels } = JSON.parse(await readFile(file, 'utf8'));
  return panels.flatMap(({ title, targets = [] }: any) =>
    targets.map(({ expr }: any) => ({ panel: title, expr: filledIn(expr) })),
  );
}

/** As Grafana does. */
const filledIn = (expr: string) =>
  expr.replaceAll('$job', 'simwright').replaceAll('$__rate_interval', '5m');

/** What the panels of this kind of database show. */
const ONLY_ON: Record<string, string> = {
  'Connections to PostgreSQL': 'PostgreSQL',
  'Write-ahead log of PostgreSQL': 'PostgreSQL',
};

/** Panels whose values, added up, are more than 0 once an order was placed and its profile downloaded. */
const SHOWS_THEM = [
  'Changes of status per minute',
  'eSIM Profiles by status',
  'From the order to available',
  'From the order to installed',
  'In stock by profile type',
  'Requests per second by operation',
  'Requests per second by status',
  'Time to answer by operation, 95 %',
  'Calls per second by function',
  'Calls per second by code',
  'Time to answer by function, 95 %',
  'Failed TLS handshakes per second',
  'Days until certificates expire',
  'Attempts at callbacks per second',
  'Calls of ESipa per second by code',
  'Time to answer ESipa, 95 %',
  'Operations on eUICCs under way',
  'Time of an attempt at a callback, 95 %',
  'Database answers',
  'Size of the database',
  'CPU',
  'Memory',
  'Workers',
  'Time of background jobs',
];

/** Orders a profile, and a phone installs it. */
async function orderAndInstall(server: TestServer, callbackUrl: string): Promise<void> {
  const order = await server.order({ GenerateMatchingId: 'true', CallbackUrl: callbackUrl });
  await newPhone(server).download(`LPA:${order.activation_code}`);
  // Somebody who knocks, says something, and goes.
  const { port } = new URL(server.server.es9Url);
  const knocking = connect(Number(port), '127.0.0.1');
  knocking.on('error', () => {});
  knocking.end(Buffer.from([22, 3, 1]));
  await once(knocking, 'close');
}

/** An IoT device polls, and is handed its first package. */
async function pollOnce(server: TestServer): Promise<void> {
  const ipa = new Ipa(server);
  await server.request('/v1/Euiccs', { form: { Eid: ipa.eid } });
  await ipa.poll();
}

/** Has a CRL, and somewhere to fetch it from, where nobody answers. */
async function haveCrl(server: TestServer): Promise<void> {
  const { context } = server.server;
  const ci = ownHolder(server, 'ci');
  const [thisUpdate, nextUpdate] = [Date.now() - 60_000, Date.now() + 86_400_000];
  const list = issueCrl({ thisUpdate: new Date(thisUpdate), nextUpdate: new Date(nextUpdate) }, ci);
  const issuer = ciPKIdHexOf(ci.certificate);
  await context.transact(async (unit) => {
    await importCrl(list, unit);
    await insertPoint({ issuer, kind: 'ci', url: 'http://127.0.0.1:1/ci.crl' }, 'hand', unit);
  });
}

describe('the files for Prometheus', { skip: withoutPrometheus }, () => {
  const promtool = (...args: string[]) => spawnSync('promtool', args, { encoding: 'utf8' });

  test('are valid', () => {
    for (const [what, file] of [
      ['rules', FILES.alerts],
      ['config', FILES.prometheus],
    ] as const) {
      const { status, stdout, stderr } = promtool('check', what, file);
      assert.equal(status, 0, stdout + stderr);
    }
  });

  test('the alerts are raised when they should be, and only then', () => {
    const { status, stdout, stderr } = promtool('test', 'rules', FILES.alertTests);
    assert.equal(status, 0, stdout + stderr);
  });
});

describe('with Prometheus', { skip: withoutPrometheus }, () => {
  const cleanUp = new AsyncDisposableStack();
  let url: string;

  async function query(expr: string): Promise<{ metric: any; value: number }[]> {
    const form = new URLSearchParams({ query: expr });
    const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body: form });
    const { status, data, error } = (await response.json()) as any;
    assert.equal(status, 'success', `${expr}: ${error}`);
    return data.result.map(({ metric, value }: any) => ({ metric, value: Number(value[1]) }));
  }

  before(async () => {
    const receiver = cleanUp.use(await startReceiver());
    const databases = [undefined, ...(postgres ? [await databaseWithTables()] : [])];
    const servers = await Promise.all(
      databases.map((databaseUrl) =>
        startTestServer({
          es9: true,
          env: {
            SIMWRIGHT_METRICS_PORT: '0',
            SIMWRIGHT_ES2_PORT: '0',
            SIMWRIGHT_ESIPA_PORT: '0',
          },
          ...(databaseUrl === undefined ? {} : { databaseUrl }),
        }),
      ),
    );
    for (const server of servers) cleanUp.use(server);
    for (const server of servers) await server.order({ GenerateMatchingId: 'true' });
    await haveCrl(servers[0]!);
    const folder = await mkdtemp(join(tmpdir(), 'simwright-prometheus-'));
    cleanUp.defer(() => rm(folder, { recursive: true, force: true }));
    const targets = servers.map(({ server }) => `'${new URL(server.metricsUrl!).host}'`);
    const config = (await readFile(FILES.prometheus, 'utf8'))
      .replace("'simwright:9464'", targets.join(', '))
      .replaceAll('interval: 15s', 'interval: 1s');
    await writeFile(join(folder, 'prometheus.yml'), config);
    await writeFile(join(folder, 'alerts.yml'), await readFile(FILES.alerts));
    const address = `127.0.0.1:${await freePort()}`;
    url = `http://${address}`;
    const prometheus = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${address}`,
        '--log.level=error',
      ],
      { stdio: 'inherit' },
    );
    cleanUp.defer(async () => {
      prometheus.kill('SIGKILL');
      if (prometheus.exitCode === null && prometheus.signalCode === null)
        await once(prometheus, 'exit');
    });
    // Rises are seen only of what was scraped before.
    await eventually(async () => {
      const up = await query('sum(up{job="simwright"} == 1)').catch(() => []);
      return up[0]?.value === servers.length || undefined;
    });
    for (const server of servers) {
      await orderAndInstall(server, receiver.url);
      await pollOnce(server);
    }
  });
  after(() => cleanUp.disposeAsync());

  test('every query of every panel returns the order and the download', async () => {
    const targets = await targetsOf(FILES.dashboard);
    const shown = targets.filter(({ panel }) => postgres || ONLY_ON[panel] !== 'PostgreSQL');
    assert.ok(shown.length > 35);
    const missing = await Promise.all(
      shown.map(async ({ panel, expr }) => {
        const least = SHOWS_THEM.includes(panel) ? Number.MIN_VALUE : 0;
        const found = eventually(async () => {
          const results = await query(expr);
          const sum = results.reduce((total, { value }) => total + value, 0);
          return (results.length > 0 && sum >= least) || undefined;
        });
        return found.then(
          () => [],
          () => `${panel}: ${expr}`,
        );
      }),
    );
    assert.deepEqual(missing.flat(), []);
  });

  test('the statuses and functions of the download are there', async () => {
    const statuses = await eventually(async () => {
      const found = await query('max by (status) (simwright_esim_profiles) > 0');
      return found.length > 1 ? found : undefined;
    });
    assert.deepEqual(
      Object.fromEntries(statuses.map(({ metric, value }) => [metric.status, value])),
      { available: 1, installed: 1 },
    );
    const functions = await query(
      'sum by (function) (simwright_es9plus_calls_total{code="ok"}) > 0',
    );
    assert.deepEqual(functions.map(({ metric }) => String(metric.function)).toSorted(), [
      'authenticateClient',
      'getBoundProfilePackage',
      'handleNotification',
      'initiateAuthentication',
    ]);
  });

  test('every alert is loaded and evaluated', async () => {
    const rules = await eventually(async () => {
      const response = await fetch(`${url}/api/v1/rules`);
      const { data } = (await response.json()) as any;
      const found: any[] = data.groups.flatMap((group: any) => group.rules);
      return found.every(({ health }) => health !== 'unknown') ? found : undefined;
    });
    assert.ok(rules.length > 15);
    assert.deepEqual(
      rules.filter(({ health }) => health !== 'ok').map(({ name, lastError }) => [name, lastError]),
      [],
    );
  });
});
