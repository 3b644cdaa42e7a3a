// What a storm rages over: servers and their database, and every network connection around them.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue } from 'node:sqlite';
import { Client } from 'pg';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { openData } from '../../src/data.ts';
import type { Pki } from '../../src/smdp/pki/pki.ts';
import { openPki } from '../../src/smdp/pki/current-pki.ts';
import { openStore } from '../../src/store/open.ts';
import { citusUrl, withoutCitus } from '../../test/citus.ts';
import type { Cluster } from '../../test/postgres.ts';
import { freePort, startCluster } from '../../test/postgres.ts';
import { CannotRun } from '../exit-codes.ts';
import type { Mood } from '../receiver.ts';
import type { Balancer, Place } from './balancer.ts';
import { startBalancer } from './balancer.ts';
import { startReceiver } from '../receiver.ts';
import type { CallbackReceiver } from '../world.ts';
import { openCitusCluster } from './citus-cluster.ts';
import type { Link } from './link.ts';
import { startLink } from './link.ts';
import type { DatabaseKind, LinkName } from './schedule.ts';
import { ServerProcess } from './server-process.ts';
import type { Version } from './version.ts';
import { THIS_VERSION } from './version.ts';

export const SMDP_ADDRESS = 'localhost:8443';
const EIM_FQDN = 'localhost:8445';
export const ACCOUNT = { sid: `AC${'7'.repeat(32)}`, authToken: 'torture'.repeat(4) };
/** More is imported while the storm lasts. */
const FIRST_STOCK = 500;
/** Longer than the proxy needs to notice. */
const DRAIN_SECONDS = '5';

export interface Site {
  folder: string;
  /** Settings for commands, which reach the database by the direct way. */
  env: Record<string, string>;
  servers: ServerProcess[];
  links: Record<LinkName, Link[]>;
  /** Undefined on SQLite. */
  cluster: Omit<Cluster, 'folder'> | undefined;
  /** The database file and its log; empty on PostgreSQL. */
  files: string[];
  receiver: CallbackReceiver;
  pki: Pki;
  /** In front of all servers, if they are replaced. */
  balancer: Balancer | undefined;
}

export interface SiteSettings {
  folder: string;
  database: DatabaseKind;
  nodes: number;
  workers: number;
  mood: () => Mood;
  preloads: readonly string[];
  /** What servers run at first; they are then behind a proxy, and are replaced. */
  version?: Version | undefined;
}

const INHERITED = ['PATH', 'TMPDIR', 'NODE_COMPILE_CACHE'];
const COMPILE_CACHE = join(import.meta.dirname, '../../node_modules/.cache/simwright');

/** The environment of a server. Our own may have settings; it gets none of them. */
export function settingsFor(data: string): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    ...Object.fromEntries(inherited),
    SIMWRIGHT_DATA: data,
    SIMWRIGHT_SMDP_ADDRESS: SMDP_ADDRESS,
    SIMWRIGHT_EIM_FQDN: EIM_FQDN,
    SIMWRIGHT_ACCOUNT_SID: ACCOUNT.sid,
    SIMWRIGHT_AUTH_TOKEN: ACCOUNT.authToken,
    SIMWRIGHT_TEST_STOCK: String(FIRST_STOCK),
    // As behind a load balancer; otherwise each server would call a resource by its own address.
    SIMWRIGHT_PUBLIC_URL: 'http://simwright.example.com',
  };
}

/** What `readConfig` makes of such an environment. */
export function configOf(env: Record<string, string>): ReturnType<typeof readConfig> {
  const settings = Object.entries(env).filter(([name]) => name.startsWith('SIMWRIGHT_'));
  return readConfig(Object.fromEntries(settings));
}

/** Starts everything, calm. Disposing of it ends everything at once. */
export async function openSite(settings: SiteSettings): Promise<Site & AsyncDisposable> {
  const { folder, database, nodes, workers, mood, preloads, version } = settings;
  await using opened = new AsyncDisposableStack();
  const data = join(folder, 'data');
  mkdirSync(folder, { recursive: true });
  const cluster = await openCluster();
  if (cluster !== undefined) opened.defer(() => cluster.stop());

  const env = {
    ...settingsFor(data),
    ...(cluster === undefined ? {} : { SIMWRIGHT_DATABASE_URL: cluster.url }),
  };

  async function openLink(target: number): Promise<Link> {
    return opened.use(await startLink(target));
  }
  const receiver = opened.use(await startReceiver(mood));
  const toReceiver = await openLink(Number(new URL(receiver.url).port));
  const links: Site['links'] = {
    clients: [],
    devices: [],
    ipas: [],
    database: [],
    receiver: [toReceiver],
  };
  const servers: ServerProcess[] = [];
  const places: Place[] = [];
  let pki: Pki | undefined;
  if (version !== undefined && version !== THIS_VERSION && cluster !== undefined) {
    const logFile = join(folder, 'first-start.log');
    const own = {
      SIMWRIGHT_PORT: '0',
      SIMWRIGHT_ES9_PORT: '0',
      SIMWRIGHT_ESIPA_PORT: '0',
    };
    const first = new ServerProcess({ name: 'first', env: { ...env, ...own }, logFile, version });
    opened.defer(() => first.end());
    await first.firstStart();
    await first.stop();
    pki = await readPkiOfCopy(env, cluster, folder);
  }
  for (let node = 0; node < nodes; node++) {
    const [port, es9Port, esipaPort] = [await freePort(), await freePort(), await freePort()];
    places.push({ port, es9Port, esipaPort });
    if (version === undefined) {
      links.clients.push(await openLink(port));
      links.devices.push(await openLink(es9Port));
      links.ipas.push(await openLink(esipaPort));
    }
    const own: Record<string, string> = {
      SIMWRIGHT_PORT: String(port),
      SIMWRIGHT_ES9_PORT: String(es9Port),
      SIMWRIGHT_ESIPA_PORT: String(esipaPort),
      SIMWRIGHT_WORKERS: String(workers),
      ...(version === undefined ? {} : { SIMWRIGHT_DRAIN_SECONDS: DRAIN_SECONDS }),
    };
    if (cluster !== undefined) {
      const url = new URL(cluster.url);
      const link = await openLink(Number(url.port));
      links.database.push(link);
      url.port = String(link.port);
      own['SIMWRIGHT_DATABASE_URL'] = url.href;
    }
    const name = `server-${node + 1}`;
    const logFile = join(folder, `${name}.log`);
    const running = version === undefined ? {} : { version };
    const server = new ServerProcess({
      name,
      env: { ...env, ...own },
      logFile,
      preloads,
      ...running,
    });
    opened.defer(() => server.end());
    servers.push(server);
    // The first one makes what the others use.
    await server.firstStart();
  }
  const balancer = version && opened.use(await startBalancer(places));
  if (balancer !== undefined) {
    links.clients.push(await openLink(balancer.port));
    links.devices.push(await openLink(balancer.es9Port));
    links.ipas.push(await openLink(balancer.esipaPort));
  }
  const file = join(data, 'simwright.db');
  const moved = opened.move();
  return {
    folder,
    env,
    servers,
    links,
    cluster,
    files: cluster === undefined ? [file, `${file}-wal`] : [],
    receiver: { url: `http://127.0.0.1:${toReceiver.port}`, accepted: receiver.accepted },
    pki: pki ?? (await readPkiOf(env)),
    balancer,
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };

  async function openCluster(): Promise<Omit<Cluster, 'folder'> | undefined> {
    if (database === 'sqlite') return undefined;
    if (database === 'citus') {
      if (citusUrl === undefined) throw new CannotRun(String(withoutCitus));
      return openCitusCluster(citusUrl);
    }
    const started = await startCluster({ durable: true, isDetached: true });
    if (started === undefined) throw new CannotRun('PostgreSQL is not installed here');
    return started;
  }
}

/** Devices are issued by the test PKI that the first start has made. */
export async function readPkiOf(env: Record<string, string>): Promise<Pki> {
  const { config, secrets } = configOf(env);
  const data = await openData(config, secrets);
  const now = () => data.store.now();
  try {
    const pki = await openPki({ ...data, config, now, log: pino({ level: 'silent' }) });
    return pki.at(now());
  } finally {
    await data.store.close();
  }
}

/**
 * Of a database of an older version, which stays as that version has made it: what the PKI consists of is copied into one of this
 * version.
 */
async function readPkiOfCopy(
  env: Record<string, string>,
  { url }: Pick<Cluster, 'url'>,
  folder: string,
): Promise<Pki> {
  const file = join(folder, 'pki.db');
  await (await openStore({ kind: 'sqlite', file })).close();
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    using copy = new DatabaseSync(file);
    for (const table of ['settings', 'pki_certificates', 'pki_crls']) {
      const { rows } = await client.query<Record<string, SQLInputValue>>(`select * from ${table}`);
      for (const row of rows) {
        const columns = Object.keys(row);
        const places = columns.map(() => '?');
        copy
          .prepare(`insert or replace into ${table} (${columns.join()}) values (${places.join()})`)
          .run(...Object.values(row));
      }
    }
  } finally {
    await client.end();
  }
  return readPkiOf({ ...env, SIMWRIGHT_DATABASE_URL: `sqlite:${file}` });
}
