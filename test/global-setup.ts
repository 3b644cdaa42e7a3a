// What all test files of a run share: one PostgreSQL, in which each takes databases of its own, and the code
// compiled once.
import { join } from 'node:path';
import type { Postgres } from './postgres.ts';
import { startPostgres } from './postgres.ts';

let postgres: Postgres | undefined;

export async function globalSetup(): Promise<void> {
  process.env['NODE_COMPILE_CACHE'] ??= join(
    import.meta.dirname,
    '../node_modules/.cache/simwright',
  );
  postgres = await startPostgres();
  if (postgres !== undefined) process.env['TEST_DATABASE_URL'] = postgres.url;
}

export async function globalTeardown(): Promise<void> {
  await postgres?.stop();
}
