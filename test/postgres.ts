// A PostgreSQL for tests and benchmarks: a throwaway cluster, or the server of TEST_DATABASE_URL.
import type { ChildProcess } from 'node:child_process';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort as freePortOn } from '../src/try-to-listen.ts';
import { EXE, findBinaries } from './postgres-binaries.ts';
import { askPostgres } from './ask-postgres.ts';

export interface Postgres {
  /** What `freshDatabase` takes; in a temporary cluster, of an empty database. */
  url: string;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  /** Whether commits wait for the disk, as in production; not needed in tests. */
  durable?: boolean;
  /** Folder of a persistent cluster; by default it is temporary. */
  folder?: string;
  /** Whether Ctrl-C is not for it, but for the caller, which then stops it or exits. */
  isDetached?: boolean;
  /** More settings of the server. */
  settings?: Record<string, string>;
  /** A running cluster, whose standby it is to be: https://www.postgresql.org/docs/current/warm-standby.html */
  standbyOf?: Cluster;
}

const USER = 'simwright';
const START_LIMIT_MS = 30_000;

const run = promisify(execFile);
/** Databases created by this process, by server. */
const made: { host: string; name: string }[] = [];
/** How each server copies a database. */
const strategies = new Map<string, string>();

/** @returns undefined if PostgreSQL is not installed */
export async function startPostgres(options: ClusterOptions = {}): Promise<Postgres | undefined> {
  const server = process.env['TEST_DATABASE_URL'];
  if (server === undefined || server === '') return startCluster(options);
  return {
    url: server,
    async stop() {
      const { host } = new URL(server);
      for (const database of made.splice(0)) {
        if (database.host !== host) made.push(database);
        else await askPostgres(server, `drop database ${database.name} with (force)`);
      }
    },
  };
}

/** Creates a database on the server of `url`: empty, or a copy of the one named `template`. @returns its URL */
export async function freshDatabase(url: string, template?: string): Promise<string> {
  const name = `simwright_test_${randomBytes(8).toString('hex')}`;
  await askPostgres(
    url,
    `create database ${name}${template === undefined ? '' : await copyOf(url, template)}`,
  );
  const fresh = new URL(url);
  made.push({ host: fresh.host, name });
  fresh.pathname = `/${name}`;
  return fresh.href;
}

/** By files if the server can, which is half of the work of writing each page to its log. */
async function copyOf(url: string, template: string): Promise<string> {
  const { host } = new URL(url);
  let strategy = strategies.get(host);
  if (strategy === undefined) {
    const [{ version }] = await askPostgres(
      url,
      `select current_setting('server_version_num')::int as version`,
    );
    strategy = version >= 150_000 ? ' strategy file_copy' : '';
    strategies.set(host, strategy);
  }
  return ` template ${template}${strategy}`;
}

/** A cluster that a trial may end at any moment. */
export interface Cluster extends Postgres {
  /** Its data, and the password of its user. */
  folder: string;
  /** Ends all of it at once: as told by `pg_ctl stop -m immediate`, or by SIGKILL of its first process. */
  crash(how: 'immediate' | 'SIGKILL'): Promise<void>;
  /** Starts it again, at the same address. */
  start(): Promise<void>;
}

/** @returns undefined if PostgreSQL is not installed */
export async function startCluster({
  durable = false,
  folder: kept,
  isDetached = false,
  settings: more = {},
  standbyOf: primary,
}: ClusterOptions = {}): Promise<Cluster | undefined> {
  const owner = await unprivilegedUser();
  if (owner === undefined) return undefined;
  const bin = await findBinaries(owner);
  if (bin === undefined) return undefined;

  const folder = kept ?? mkdtempSync(join(tmpdir(), 'simwright-postgres-'));
  const asOwner = { ...owner, cwd: folder };
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  if (!existsSync(join(data, 'PG_VERSION'))) {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    const password = primary && readFileSync(join(primary.folder, 'password'));
    writeFileSync(passwordFile, password ?? randomBytes(16).toString('hex'), { mode: 0o600 });
    giveTo(owner, [folder, data, passwordFile]);
    if (primary === undefined) {
      const options = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync'];
      options.push(`--pgdata=${data}`, `--username=${USER}`, `--pwfile=${passwordFile}`);
      await run(join(bin, `initdb${EXE}`), options, asOwner);
    } else {
      await copyCluster(primary, data, { bin, asOwner });
    }
  }

  const port = await freePort();
  const commits = durable ? 'on' : 'off';
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: commits,
    synchronous_commit: commits,
    full_page_writes: commits,
    // Otherwise it would visit the many databases of tests, all the time.
    ...(durable ? {} : { autovacuum: 'off' }),
    // Tables that were never analysed look large, and a query on them would be compiled.
    ...(durable ? {} : { jit: 'off' }),
    ...(primary === undefined ? {} : { primary_conninfo: primary.url }),
    ...more,
  };
  const command = [
    '-D',
    data,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  let log = '';
  let running: { child: ChildProcess; ended: Promise<unknown> } | undefined;

  function launch(): ChildProcess {
    const child = spawn(join(bin!, `postgres${EXE}`), command, {
      ...asOwner,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: isDetached,
    });
    child.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4_000)));
    running = { child, ended: once(child, 'exit') };
    // Lets the process end even if nobody stops the cluster; then `killNow` does.
    child.unref();
    (child.stderr as Socket).unref();
    return child;
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const { child, ended } = running!;
    child.ref();
    child.kill(signal);
    await ended;
  }

  const killNow = () => {
    spawnSync(join(bin, `pg_ctl${EXE}`), ['stop', '-D', data, '-m', 'immediate'], asOwner);
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', killNow);

  async function stop(): Promise<void> {
    process.off('exit', killNow);
    await end('SIGINT');
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  }

  const password = readFileSync(passwordFile, 'utf8');
  const url = `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`;

  async function start(): Promise<void> {
    const deadline = Date.now() + START_LIMIT_MS;
    let child = launch();
    for (;;) {
      try {
        await askPostgres(url, 'select 1');
        return;
      } catch (cause) {
        if (Date.now() > deadline) {
          throw new Error(`PostgreSQL does not start:\n${log}`, { cause });
        }
        await sleep(50);
        // After SIGKILL it refuses to start until all its other processes have noticed.
        if (child.exitCode !== null) child = launch();
      }
    }
  }

  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  const ownDatabase = kept === undefined && primary === undefined;
  return {
    url: ownDatabase ? await freshDatabase(url) : url,
    folder,
    stop,
    start,
    crash: (how) => end(how === 'immediate' ? 'SIGQUIT' : 'SIGKILL'),
  };
}

type Owner = { uid: number; gid: number } | {};

/** PostgreSQL refuses to run as root, so it runs as its own user, or as nobody; undefined if there is neither. */
export async function unprivilegedUser(): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(
        ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, name])).stdout)),
      );
      return { uid: uid!, gid: gid! };
    } catch {
      continue;
    }
  }
  return undefined;
}

function giveTo(owner: Owner, paths: string[]): void {
  if ('uid' in owner) for (const path of paths) chownSync(path, owner.uid, owner.gid);
}

/** The data of a running cluster, to be followed by a standby. */
async function copyCluster(
  { url, folder }: Cluster,
  data: string,
  { bin, asOwner }: { bin: string; asOwner: Owner & { cwd: string } },
): Promise<void> {
  const program = join(bin, 'pg_basebackup');
  if (existsSync(program)) {
    const options = [`--dbname=${url}`, `--pgdata=${data}`, '--checkpoint=fast', '--no-sync'];
    await run(program, options, asOwner);
  } else {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(`select pg_backup_start('standby', true)`);
    const isOwn = (path: string) => !/postmaster\.(pid|opts)$/.test(path);
    cpSync(join(folder, 'data'), data, { recursive: true, filter: isOwn });
    const { rows } = await client.query('select labelfile from pg_backup_stop(false)');
    await client.end();
    writeFileSync(join(data, 'backup_label'), rows[0].labelfile as string);
  }
  writeFileSync(join(data, 'standby.signal'), '');
  giveTo(
    asOwner,
    readdirSync(data, { recursive: true, encoding: 'utf8' }).map((name) => join(data, name)),
  );
}

export const freePort = () => freePortOn('127.0.0.1');
