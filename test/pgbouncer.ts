// PgBouncer in transaction mode before a PostgreSQL: each transaction may have another session.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isListening } from './is-listening.ts';
import { freePort, unprivilegedUser } from './postgres.ts';

/** Debian's is where the PATH of users does not lead. */
const PROGRAM = [process.env['TEST_PGBOUNCER'], 'pgbouncer', '/usr/sbin/pgbouncer'].find(
  (program) => program !== undefined && spawnSync(program, ['--version']).error === undefined,
);
const START_LIMIT_MS = 30_000;

export interface PgBouncer extends AsyncDisposable {
  /** The URL of a database, through it. */
  urlOf(url: string): string;
  /** As `kill -9`, and a new one at the same address. */
  restart(): Promise<void>;
}

/** Why tests of it are skipped. */
export const withoutPgBouncer = PROGRAM === undefined && 'PgBouncer is not installed here';

/**
 * @param target URL of a PostgreSQL
 * @param settings of the section `pgbouncer`
 */
export async function startPgBouncer(
  target: string,
  settings: Record<string, string | number> = {},
): Promise<PgBouncer> {
  const { hostname, port: targetPort, username, password } = new URL(target);
  const owner = await unprivilegedUser();
  const folder = mkdtempSync(join(tmpdir(), 'simwright-pgbouncer-'));
  const port = await freePort();
  const file = join(folder, 'pgbouncer.ini');
  const users = join(folder, 'users.txt');
  const all = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: users,
    pool_mode: 'transaction',
    default_pool_size: 4,
    // So that the next transaction has another session whenever there is one.
    server_round_robin: 1,
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(
    file,
    `[databases]\n* = host=${hostname} port=${targetPort}\n[pgbouncer]\n${lines.join('\n')}\n`,
  );
  writeFileSync(users, `"${username}" "${password}"\n`);
  if (owner !== undefined && 'uid' in owner) {
    for (const path of [folder, file, users]) chownSync(path, owner.uid, owner.gid);
  }
  async function start(): Promise<() => Promise<void>> {
    const child = spawn(PROGRAM!, [file], {
      ...owner,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    child.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4_000)));
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    const ended = once(child, 'exit');
    const deadline = Date.now() + START_LIMIT_MS;
    while (!(await isListening(port))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`PgBouncer does not start:\n${log}`);
      }
      await sleep(20);
    }
    return async () => {
      process.off('exit', kill);
      kill();
      await ended;
    };
  }
  let end = await start();
  return {
    urlOf: (url) => Object.assign(new URL(url), { host: `127.0.0.1:${port}` }).href,
    async restart() {
      await end();
      end = await start();
    },
    async [Symbol.asyncDispose]() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
