// The cluster of TEST_CITUS_URL, whose nodes end one after the other. Nodes of this machine are killed, and started again as they
// were; of those elsewhere, all sessions are ended.
import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { citusUrls, dropCitusDatabases, freshCitusDatabase } from '../../test/citus.ts';
import type { Cluster } from '../../test/postgres.ts';
import { askPostgres } from '../../test/ask-postgres.ts';

/** As many as Citus makes by default. */
const SHARDS = 32;
/** It first reads again what it has written since its last checkpoint, which takes minutes on a busy machine. */
const START_LIMIT_MS = 5 * 60_000;
const END_SESSIONS = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()`;

interface Node {
  url: string;
  /** Undefined: it is not on this machine. */
  here: { folder: string; command: string[] } | undefined;
}

export async function openCitusCluster(citusUrl: string): Promise<Omit<Cluster, 'folder'>> {
  const url = await freshCitusDatabase(citusUrl, SHARDS);
  const nodes = await Promise.all((await citusUrls(url)).map(nodeOf));
  /** The workers come first, then the coordinator. */
  let next = 0;
  let ended: Node | undefined;

  return {
    url,
    async crash(how) {
      ended = nodes[next++ % nodes.length]!;
      if (ended.here === undefined) {
        await askPostgres(ended.url, END_SESSIONS);
        return;
      }
      const pid = currentPid(ended.here.folder);
      process.kill(pid, how === 'immediate' ? 'SIGQUIT' : 'SIGKILL');
      while (isRunning(pid)) await sleep(20);
    },
    async start() {
      if (ended?.here !== undefined) await startNode(ended.url, ended.here);
      ended = undefined;
    },
    stop: () => dropCitusDatabases(),
  };
}

async function nodeOf(url: string): Promise<Node> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ folder: string; options: string; pid: string }>(
      `select setting as folder, pg_read_file('postmaster.opts') as options,
        split_part(pg_read_file('postmaster.pid'), E'\\n', 1) as pid
      from pg_settings where name = 'data_directory'`,
    );
    const { folder, options, pid } = rows[0]!;
    const program = options.split(' "', 1)[0]!.trim();
    const given = Array.from(options.matchAll(/"([^"]*)"/g), ([, argument]) => argument!);
    const isHere = isRunning(Number(pid)) && isOf(Number(pid), folder);
    return { url, here: isHere ? { folder, command: [program, ...given] } : undefined };
  } finally {
    await client.end();
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function isOf(pid: number, folder: string): boolean {
  try {
    return readFileSync(`${folder}/postmaster.pid`, 'utf8').startsWith(`${pid}\n`);
  } catch {
    return false;
  }
}

async function startNode(
  url: string,
  { folder, command: [program, ...given] }: NonNullable<Node['here']>,
): Promise<void> {
  const { uid, gid } = statSync(folder);
  // As a client of the other nodes, it would look for certificates in our home.
  const env = { PATH: process.env['PATH'], HOME: folder };
  const launch = () => {
    spawn(program!, given, { uid, gid, env, cwd: folder, stdio: 'ignore', detached: true }).unref();
  };
  launch();
  for (const deadline = performance.now() + START_LIMIT_MS; ;) {
    try {
      await askPostgres(url, 'select 1');
      return;
    } catch (cause) {
      if (performance.now() > deadline) {
        throw new Error(`The node of Citus in ${folder} does not start; see its log`, { cause });
      }
      await sleep(500);
      // After SIGKILL it refuses to start until all its other processes have noticed.
      if (!isOf(currentPid(folder), folder) || !isRunning(currentPid(folder))) launch();
    }
  }
}

function currentPid(folder: string): number {
  try {
    return Number(readFileSync(`${folder}/postmaster.pid`, 'utf8').split('\n')[0]);
  } catch {
    return -1;
  }
}
