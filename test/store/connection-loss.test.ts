// A PostgreSQL that drops connections: the server stays alive, and answers 503 in the meantime.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from 'pg';
import { databaseWithTables, withoutPostgres as skip } from '../databases.ts';
import { startTestServer } from '../server.ts';

test('connections closed during orders', { skip }, async () => {
  const url = await databaseWithTables();
  await using server = await startTestServer({ stock: 0, databaseUrl: url });
  const admin = new Client({ connectionString: url });
  await admin.connect();
  const statuses: number[] = [];
  const answered: string[] = [];
  let done = false;
  const clients = Array.from({ length: 6 }, async () => {
    for (;;) {
      const form = { GenerateMatchingId: 'true' };
      const { status, json } = await server.request('/v1/ESimProfiles', { form });
      statuses.push(status);
      if (status === 201) answered.push(json.sid);
      if (done && answered.length > 0) return;
    }
  });
  for (let round = 0; round < 12; round++) {
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name like 'simwright%' and datname = current_database()`,
    );
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  done = true;
  await Promise.all(clients);
  await admin.end();

  assert.deepEqual(
    statuses.filter((status) => status !== 201 && status !== 503),
    [],
  );
  assert.equal((await server.request('/v1/ESimProfiles')).status, 200);
  for (const sid of answered) {
    assert.equal((await server.request(`/v1/ESimProfiles/${sid}`)).status, 200);
  }
});
