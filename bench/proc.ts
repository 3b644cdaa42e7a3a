// CPU time of other processes, on Linux.
import { readdirSync, readFileSync } from 'node:fs';
import { Client } from 'pg';
import { citusUrls } from '../test/citus.ts';

/** CPU time of all threads of a process so far, in microseconds; 0 if it has ended. */
export function cpuOfProcess(pid: number): number {
  let microseconds = 0;
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8');
      microseconds += Number(text.split(' ', 1)[0]) / 1_000;
    }
  } catch (error) {
    if (!isEnded(error)) throw error;
  }
  return microseconds;
}

/** Reads the CPU time of all of a PostgreSQL server's processes since the first reading and before, in microseconds. */
export type PostgresCpu = () => number;

/** Of Citus, all nodes. */
export async function watchDatabase(
  kind: 'postgres' | 'citus',
  url: string,
): Promise<PostgresCpu | undefined> {
  const urls = kind === 'citus' ? await citusUrls(url) : [url];
  const nodes = await Promise.all(urls.map((node) => watchPostgres(node)));
  const known = nodes.filter((node) => node !== undefined);
  if (known.length < nodes.length) return undefined;
  return () => known.reduce((sum, cpu) => sum + cpu(), 0);
}

/** @returns undefined if the server's processes are not on this machine, or it is no Linux */
async function watchPostgres(url: string): Promise<PostgresCpu | undefined> {
  if (process.platform !== 'linux') return undefined;
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const own = statusOf(rows[0]!.pid);
    if (own === undefined || !own.name.startsWith('postgres')) return undefined;
    // Of a process that has ended, what was read last still counts.
    const seen = new Map<number, number>();
    let total = 0;
    return () => {
      for (const pid of allProcesses()) {
        if (pid !== own.parent && statusOf(pid)?.parent !== own.parent) continue;
        const [before, now] = [seen.get(pid) ?? 0, cpuOfProcess(pid)];
        total += Math.max(0, now - before);
        seen.set(pid, Math.max(before, now));
      }
      return total;
    };
  } finally {
    await client.end();
  }
}

/** The processes that a process has started and that live. */
export const childrenOf = (pid: number): number[] =>
  process.platform === 'linux' ? allProcesses().filter((one) => statusOf(one)?.parent === pid) : [];

const allProcesses = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

function statusOf(pid: number): { name: string; parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [, name] = /^Name:\s+(.+)$/m.exec(text)!;
    return { name: name!, parent: Number(/^PPid:\s+(\d+)$/m.exec(text)![1]) };
  } catch (error) {
    if (isEnded(error)) return undefined;
    throw error;
  }
}

const isEnded = (error: unknown) =>
  ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '');
