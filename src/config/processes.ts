// The processes of a server, and how they end.
import type { SettingsReader } from './reader.ts';

export interface ProcessConfig {
  /** How long a server that is told to end still serves. */
  drainMs: number;
  /** Processes that serve; 1: the only one. */
  workers: number;
  /** Size of libuv's thread pool (`UV_THREADPOOL_SIZE`); at most half of it resolves names. */
  threads: number;
}

export const PROCESS_SETTINGS = [
  [
    'SIMWRIGHT_DRAIN_SECONDS',
    '0',
    'How long a server that is told to end (SIGTERM) still serves, while /readyz answers 503 so that proxies leave it.',
  ],
  [
    'SIMWRIGHT_WORKERS',
    '1',
    'Processes that serve requests; more than one uses more than one core.',
  ],
] as const;

const MOST_WORKERS = 64;
const LONGEST_DRAIN_S = 600;

export const parseProcesses = ({ integer }: SettingsReader): ProcessConfig => ({
  drainMs: 1_000 * integer('SIMWRIGHT_DRAIN_SECONDS', 0, 0, LONGEST_DRAIN_S),
  workers: integer('SIMWRIGHT_WORKERS', 1, 1, MOST_WORKERS),
  threads: integer('UV_THREADPOOL_SIZE', 4, 1, 1024),
});
