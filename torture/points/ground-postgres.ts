// PostgreSQL: a database is a copy of a template, and its clock is ahead by what a table says.
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { loadOldDatabase } from '../old-database.ts';
import { startPostgres } from '../../test/postgres.ts';
import type { Ground, Origin, Prepare } from './ground.ts';

/** Found before those of PostgreSQL itself, by the search path of the database. */
const CLOCK = `
  create schema trial;
  create table trial.clock (ahead interval not null);
  insert into trial.clock values ('0');
  ${functionFor('statement_timestamp')}
  ${functionFor('clock_timestamp')}`;

function functionFor(name: string): string {
  return `create function trial.${name}() returns timestamptz volatile language sql
    as 'select pg_catalog.${name}() + ahead from trial.clock';`;
}

/** @returns undefined if PostgreSQL is not installed */
export async function postgresGround(prepare: Prepare): Promise<Ground | undefined> {
  const postgres = await startPostgres({ isDetached: true });
  if (postgres === undefined) return undefined;
  const urlOf = (name: string) =>
    Object.assign(new URL(postgres.url), { pathname: `/${name}` }).href;
  const admin = await connect(postgres.url);
  async function create(from: string): Promise<string> {
    const name = `simwright_points_${randomBytes(6).toString('hex')}`;
    await admin.query(`create database ${name} template ${from}`);
    await admin.query(`alter database ${name} set search_path = public, trial, pg_catalog`);
    return name;
  }
  async function template(fill: (url: string) => Promise<void>): Promise<string> {
    const name = await create('template1');
    await fill(urlOf(name));
    return name;
  }
  const empty = await template((url) => withClient(url, (client) => client.query(CLOCK)));
  const templates: Record<Origin, string> = {
    empty,
    old: await template(async (url) => {
      await loadOldDatabase({ kind: 'postgres', url });
      await withClient(url, (client) => client.query(CLOCK));
    }),
    ready: await create(empty),
  };
  await prepare({ kind: 'postgres', url: urlOf(templates.ready) });
  return {
    kind: 'postgres',
    async lay(origin) {
      const name = await create(templates[origin]);
      const client = await connect(urlOf(name));
      return {
        database: () => ({ kind: 'postgres', url: urlOf(name) }),
        keep() {},
        async setAhead(ms) {
          await client.query(`update trial.clock set ahead = '${ms} milliseconds'`);
        },
        async free() {
          await client.end();
          await admin.query(`drop database ${name} with (force)`);
        },
      };
    },
    async [Symbol.asyncDispose]() {
      for (const name of Object.values(templates)) {
        await admin.query(`drop database if exists ${name} with (force)`);
      }
      await admin.end();
      await postgres.stop();
    },
  };
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function withClient(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = await connect(url);
  await work(client);
  await client.end();
}
