// kill -9 while a report of progress is on its way: it is sent again, and those after it follow in order.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { createAccount } from '../../src/operator/account/account.ts';
import { startServer } from '../../src/server.ts';
import { createOperator } from '../../src/smdp/operators/operators.ts';
import { enqueueProgressReport } from '../../src/smdp/operators/progress-report.ts';
import type { SubscriptionRow } from '../../src/store/schema.ts';
import { openTestData } from '../data.ts';
import { startProcess } from '../process.ts';
import { eventually } from '../server.ts';
import { peerPki, startTlsPeer } from '../tls-peer.ts';

const ICCID = '8999901000000000012';
const CALLS = ['first', 'second', 'third'];

test('§5.3.5 kill -9 while the operator is told of progress: nothing is lost, and the order is kept', async (context) => {
  const data = await openTestData({
    name: 'SQLite',
    fresh: async () => undefined,
    own: async () => undefined,
  });
  context.after(() => data[Symbol.asyncDispose]());
  const { config, masterKey, transact } = data;
  const { account } = (await transact((unit) =>
    createAccount({ friendlyName: 'Killed' }, masterKey, unit),
  ))!;
  const pki = peerPki();
  // Any client is let in: the certificates of the process do not exist yet.
  await using peer = await startTlsPeer(pki, { tls: { rejectUnauthorized: false } });
  const { operator } = await createOperator(
    {
      accountSid: account.sid,
      friendlyName: 'Operator',
      requesterIdentifier: null,
      progressUrl: peer.url.href,
      progressCa: pki.ca,
    },
    undefined,
    data,
  );
  const profile = { account_sid: account.sid, iccid: ICCID, order_number: 1 } as SubscriptionRow;
  await transact(async (unit) => {
    for (const functionCallIdentifier of CALLS) {
      const info = {
        header: { functionCallIdentifier },
        iccid: ICCID,
        profileType: 'default',
        timestamp: '2026-06-01T12:00:00Z',
        notificationPointId: 3,
        notificationPointStatus: { status: 'Executed-Success' },
      } as const;
      await enqueueProgressReport(profile, operator.sid, info, unit);
    }
  });
  const env = {
    SIMWRIGHT_DATA: config.data,
    SIMWRIGHT_PORT: '0',
    SIMWRIGHT_ES9_PORT: '0',
    SIMWRIGHT_METRICS_PORT: 'off',
    SIMWRIGHT_LOG_LEVEL: 'error',
  };
  peer.answer = () => {};
  const first = await startProcess(env);
  await eventually(() => peer.calls.length === 1 || undefined);
  first.process.kill('SIGKILL');
  await once(first.process, 'exit');

  peer.answer = (_call, _request, response) => void response.writeHead(204).end();
  const { config: settings, secrets } = readConfig(env);
  await using second = await startServer(settings, secrets, pino({ level: 'error' }));
  await eventually(() => peer.calls.length === 4 || undefined);
  assert.ok(second.context.config.data === config.data);
  const told = peer.calls.map(({ json }) => json.header.functionCallIdentifier);
  assert.deepEqual(told, ['first', ...CALLS]);
});
