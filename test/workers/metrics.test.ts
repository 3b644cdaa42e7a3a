// One scrape of a server with several workers: all of them together, also those that have died.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { onEachDatabase } from '../databases.ts';
import { samplesAt } from '../metrics/samples.ts';
import { freePort } from '../postgres.ts';
import { eventually } from '../server.ts';
import { startWorkers } from './running.ts';
import type { Running } from './running.ts';

const PATIENCE_MS = 30_000;

onEachDatabase('the metrics of a server with workers', (database) => {
  let server: Running;
  let url: string;
  before(async () => {
    const port = String(await freePort());
    url = `http://127.0.0.1:${port}/metrics`;
    server = await startWorkers(await database.own(), { SIMWRIGHT_METRICS_PORT: port });
  });
  after(() => server[Symbol.asyncDispose]());

  const read = () => samplesAt(url, AbortSignal.timeout(PATIENCE_MS));
  const LISTED = 'simwright_http_requests_total{operation="ListEsimProfile",status="200"}';

  test('are the sum of all; those that describe the database are there once', async () => {
    const first = await read();
    assert.equal(first.get('simwright_workers'), 2);
    assert.equal(first.get('simwright_database_up'), 1);
    assert.equal(first.get('simwright_stock{profile_type="default"}'), 50);
    for (let call = 0; call < 20; call++) await server.request('/v1/ESimProfiles');
    const listed = await eventually(async () => {
      const found = (await read()).get(LISTED);
      return found === undefined || found < 20 ? undefined : found;
    });
    assert.equal(listed, 20);
  });

  test('no counter goes back when a worker dies', async () => {
    // The one that reads the database for all.
    const victim = server.pids().get(1)!;
    process.kill(victim, 'SIGKILL');
    await eventually(() => (server.pids().get(1) === victim ? undefined : true));
    assert.equal((await read()).get(LISTED), 20);
    await eventually(async () =>
      (await read()).get('simwright_workers') === 2 ? true : undefined,
    );
    for (let call = 0; call < 10; call++) await server.request('/v1/ESimProfiles');
    await eventually(async () => ((await read()).get(LISTED) === 30 ? true : undefined));
  });
});
