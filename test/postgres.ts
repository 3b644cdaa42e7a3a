// A PostgreSQL for tests and benchmarks: a throwaway cluster, or the server of TEST_DATABASE_URL.
import type { ChildProcess } from 'node:child_process';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';

export interface Postgres {
  /** What `freshDatabase` takes; in a temporary cluster, of an empty database. */
  url: string;
  stop(): Promise<void>;
}

interface Options {
  /** Whether commits wait for the disk, as in production; not needed in tests. */
  durable?: boolean;
  /** Folder of a persistent cluster; by default it is temporary. */
  folder?: string;
  /** Whether Ctrl-C is not for it, but for the caller, which then stops it or exits. */
  isDetached?: boolean;
}

const USER = 'simwright';
const START_LIMIT_MS = 30_000;

const run = promisify(execFile);
/** Databases created by this process, by server. */
const made: { host: string; name: string }[] = [];

/** @returns undefined if PostgreSQL is not installed */
export async function startPostgres(options: Options = {}): Promise<Postgres | undefined> {
  const server = process.env['TEST_DATABASE_URL'];
  if (server === undefined || server === '') return startCluster(options);
  return {
    url: server,
    async stop() {
      const { host } = new URL(server);
      for (const database of made.splice(0)) {
        if (database.host !== host) made.push(database);
        else await query(server, `drop database ${database.name} with (force)`);
      }
    },
  };
}

/** Creates a database on the server of `url`: empty, or a copy of the one named `template`. @returns its URL */
export async function freshDatabase(url: string, template?: string): Promise<string> {
  const name = `simwright_test_${randomBytes(8).toString('hex')}`;
  const copied = template === undefined ? '' : ` template ${template}`;
  await query(url, `create database ${name}${copied}`);
  const fresh = new URL(url);
  made.push({ host: fresh.host, name });
  fresh.pathname = `/${name}`;
  return fresh.href;
}

/** A cluster that a trial may end at any moment. */
export interface Cluster extends Postgres {
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
}: Options = {}): Promise<Cluster | undefined> {
  const bin = findBinaries();
  const owner = await unprivilegedUser();
  if (bin === undefined || owner === undefined) return undefined;

  const folder = kept ?? mkdtempSync(join(tmpdir(), 'simwright-postgres-'));
  const asOwner = { ...owner, cwd: folder };
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  if (!existsSync(join(data, 'PG_VERSION'))) {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    writeFileSync(passwordFile, randomBytes(16).toString('hex'), { mode: 0o600 });
    if ('uid' in owner) {
      for (const path of [folder, data, passwordFile]) chownSync(path, owner.uid, owner.gid);
    }
    const options = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync'];
    options.push(`--pgdata=${data}`, `--username=${USER}`, `--pwfile=${passwordFile}`);
    await run(join(bin, 'initdb'), options, asOwner);
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
  };
  const command = [
    '-D',
    data,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  let log = '';
  let running: { child: ChildProcess; ended: Promise<unknown> } | undefined;

  function launch(): ChildProcess {
    const child = spawn(join(bin!, 'postgres'), command, {
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
    spawnSync(join(bin, 'pg_ctl'), ['stop', '-D', data, '-m', 'immediate'], asOwner);
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
        return await query(url, 'select 1');
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
  return {
    url: kept === undefined ? await freshDatabase(url) : url,
    stop,
    start,
    crash: (how) => end(how === 'immediate' ? 'SIGQUIT' : 'SIGKILL'),
  };
}

/** The folder of PostgreSQL's programs: on the PATH, or where Debian puts the newest. */
function findBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.toSorted((a, b) => Number(b) - Number(a)).map((name) => join(debian, name, 'bin')),
  ];
  return folders.find((folder) =>
    ['initdb', 'pg_ctl', 'postgres'].every((program) => existsSync(join(folder, program))),
  );
}

/** PostgreSQL refuses to run as root, so it runs as its own user; undefined if there is none. */
export async function unprivilegedUser(): Promise<{ uid: number; gid: number } | {} | undefined> {
  if (process.getuid?.() !== 0) return {};
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
    );
    return { uid: uid!, gid: gid! };
  } catch {
    return undefined;
  }
}

/**
 * A free port on the loopback address, below those that the system gives to connections: one of them could take it
 * while a server is between two starts.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

async function query(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
