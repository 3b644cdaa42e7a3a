// Makes what SQLite itself reads and writes, in its C code, slow or fail, by tampering with its system calls.
import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether this machine can: strace is there, and may trace our own processes. */
export function canTamper(): boolean {
  return spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
}

/**
 * Attaches to a process for a while. Whatever it was doing goes on afterwards.
 * @param inject as in strace(1): `error=EIO`, `delay_enter=MICROSECONDS`
 */
export async function tamper(
  pid: number,
  files: readonly string[],
  inject: string,
  forMs: number,
): Promise<void> {
  const calls = 'pwrite64,fsync,fdatasync,ftruncate';
  const paths = files.flatMap((file) => ['-P', file]);
  const strace: ChildProcess = spawn(
    'strace',
    ['-f', '-q', '-o', '/dev/null', '-p', String(pid), ...paths].concat(
      '-e',
      `trace=${calls}`,
      '-e',
      `inject=${calls}:${inject}`,
    ),
    { stdio: 'ignore' },
  );
  const ended = once(strace, 'exit');
  strace.on('error', () => {});
  await Promise.race([sleep(forMs), ended]);
  // It lets go of the process on SIGINT.
  strace.kill('SIGINT');
  await ended;
}
