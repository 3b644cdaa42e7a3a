// Databases on the Citus cluster of TEST_CITUS_URL, which names a database with the extension whose coordinator knows its workers.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { askPostgres } from './ask-postgres.ts';

/** Few, so that tables are made soon. */
const SHARDS = 6;
const DROP_ATTEMPTS = 5;
const DROP_PAUSE_MS = 500;

export const citusUrl = process.env['TEST_CITUS_URL'] || undefined;

/** Why something is not run on Citus. */
export const withoutCitus =
  citusUrl === undefined && 'TEST_CITUS_URL does not name a Citus cluster';

const made: string[] = [];

interface Node {
  nodename: string;
  nodeport: number;
  groupid: number;
}

/** An empty database on all nodes of the cluster. @param shards of each table. @returns the URL at its coordinator */
export async function freshCitusDatabase(url: string, shards = SHARDS): Promise<string> {
  const fresh = await plainDatabase(url);
  await makeCitus(fresh, shards);
  return fresh;
}

/** An empty database of the same name on all nodes of the cluster, which do not know each other yet. */
export async function plainDatabase(url: string): Promise<string> {
  const name = `simwright_test_${randomBytes(8).toString('hex')}`;
  made.push(name);
  const nodes = [url, ...workers(await nodesOf(url), url)];
  await Promise.all(nodes.map((node) => askPostgres(node, `create database ${name}`)));
  return on(url, name);
}

/** @param fresh made by `plainDatabase` */
export async function makeCitus(fresh: string, shards = SHARDS): Promise<void> {
  const name = new URL(fresh).pathname.slice(1);
  const nodes = await nodesOf(citusUrl!);
  await Promise.all(
    [fresh, ...workers(nodes, fresh)].map((node) => askPostgres(node, 'create extension citus')),
  );
  const coordinator = nodes.find(({ groupid }) => groupid === 0);
  await askPostgres(
    fresh,
    ...(coordinator === undefined
      ? []
      : [`select citus_set_coordinator_host('${coordinator.nodename}', ${coordinator.nodeport})`]),
    ...nodes
      .filter(({ groupid }) => groupid !== 0)
      .map(({ nodename, nodeport }) => `select citus_add_node('${nodename}', ${nodeport})`),
    `alter database ${name} set citus.shard_count = ${shards}`,
    `alter database ${name} set citus.enable_stat_counters = on`,
  );
}

/** Of a database on all nodes, workers first. @param url at the coordinator */
export async function citusUrls(url: string): Promise<string[]> {
  return [...workers(await nodesOf(url), url), url];
}

/** Drops what this process has made. What cannot be dropped is left, and named: what was to be found out is known by then. */
export async function dropCitusDatabases(): Promise<void> {
  const url = citusUrl;
  if (url === undefined || made.length === 0) return;
  const nodes = [url, ...workers(await nodesOf(url), url)];
  for (const name of made.splice(0)) {
    // Otherwise the nodes' own daemons connect to one another again, from each that still has it.
    await Promise.all(
      nodes.map((node) => askPostgres(node, `alter database ${name} with allow_connections false`)),
    );
    for (const node of nodes) await drop(name, node);
  }
}

/** A session that has been told to end may take a moment. */
async function drop(name: string, node: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await askPostgres(node, `drop database if exists ${name} with (force)`);
      return;
    } catch (error) {
      if (attempt === DROP_ATTEMPTS) {
        console.error(`${name} is left at ${new URL(node).host}: ${(error as Error).message}`);
        return;
      }
      await sleep(DROP_PAUSE_MS);
    }
  }
}

async function nodesOf(url: string): Promise<Node[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Node>(
      'select nodename, nodeport, groupid from pg_dist_node',
    );
    return rows;
  } finally {
    await client.end();
  }
}

/** Their URLs, with the user of the coordinator's. */
function workers(nodes: readonly Node[], url: string): string[] {
  return nodes
    .filter(({ groupid }) => groupid !== 0)
    .map(({ nodename, nodeport }) => {
      const worker = new URL(url);
      worker.hostname = nodename;
      worker.port = String(nodeport);
      return worker.href;
    });
}

function on(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}
