// kill -9 between the commit of a function and the operator's receipt of its response: the operator asks again, and
// nothing is done twice.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request as httpsRequest } from 'node:https';
import { test } from 'node:test';
import { createAccount } from '../../src/operator/account/account.ts';
import { builtInSmdp } from '../../src/smdp/orders/built-in-smdp.ts';
import { createOperator } from '../../src/smdp/operators/operators.ts';
import { generateTestStock } from '../../src/smdp/stock/test-stock.ts';
import { openTestData } from '../data.ts';
import { freePort } from '../postgres.ts';
import { startProcess } from '../process.ts';
import { eventually } from '../server.ts';

const FUNCTIONS = ['downloadOrder', 'confirmOrder', 'releaseProfile', 'cancelOrder'] as const;
const REACHED = ['Allocated', 'Released', 'Released', 'Unavailable'];

const none = async () => undefined;

test('§5.3 kill -9 after a function has taken effect and before its response: it is asked for again, and succeeds', async (context) => {
  const data = await openTestData({ name: 'SQLite', fresh: none, own: none });
  context.after(() => data[Symbol.asyncDispose]());
  const { config, masterKey, store, transact } = data;
  const { account } = (await transact((unit) =>
    createAccount({ friendlyName: 'Killed' }, masterKey, unit),
  ))!;
  const accountSid = account.sid;
  await transact((unit) => generateTestStock(accountSid, 4, undefined, masterKey, unit));
  const { operator, made } = await createOperator(
    {
      accountSid,
      friendlyName: 'Operator',
      requesterIdentifier: null,
      progressUrl: null,
      progressCa: null,
    },
    undefined,
    data,
  );
  const iccids = (await store.subscriptions.list(accountSid, { limit: 4 })).map(
    ({ iccid }) => iccid,
  );
  await transact(async (unit) => {
    const orderer = { accountSid, operatorSid: operator.sid, smdpAddress: 'x', masterKey, unit };
    const smdp = builtInSmdp(orderer);
    for (const iccid of iccids.slice(1)) {
      const header = { functionRequesterIdentifier: 'x', functionCallIdentifier: iccid };
      await smdp.downloadOrder({ header, iccid });
      if (iccid === iccids[2]) await smdp.confirmOrder({ header, iccid, releaseFlag: false });
    }
  });
  const port = await freePort();
  const env = {
    SIMWRIGHT_DATA: config.data,
    SIMWRIGHT_PORT: '0',
    SIMWRIGHT_ES9_PORT: '0',
    SIMWRIGHT_METRICS_PORT: 'off',
    SIMWRIGHT_ES2_PORT: String(port),
    SIMWRIGHT_LOG_LEVEL: 'error',
  };
  const agent = new Agent({
    rejectUnauthorized: false,
    cert: made!.certificatePem,
    key: made!.keyPem,
  });

  function send(index: number, id: string): Promise<any> {
    const { promise, resolve, reject } = Promise.withResolvers<any>();
    const header = { functionRequesterIdentifier: 'x', functionCallIdentifier: id };
    const path = `/gsma/rsp2/es2plus/${FUNCTIONS[index]}`;
    httpsRequest({ port, host: '127.0.0.1', agent, method: 'POST', path })
      .on('response', (response) => {
        response.toArray().then((parts) => resolve(JSON.parse(parts.join(''))), reject);
      })
      .on('error', reject)
      .end(
        JSON.stringify({
          header,
          iccid: iccids[index],
          releaseFlag: true,
          finalProfileStatusIndicator: 'Unavailable',
        }),
      );
    return promise;
  }
  const states = async () =>
    (await store.subscriptions.list(accountSid, { limit: 4 })).map(({ state }) => state);

  const first = await startProcess(env);
  const lost = FUNCTIONS.map((name, index) => send(index, name).catch(() => {}));
  await eventually(async () =>
    (await states()).every((state, index) => state === REACHED[index]) ? true : undefined,
  );
  first.process.kill('SIGKILL');
  await once(first.process, 'exit');
  await Promise.all(lost);
  const before = await store.subscriptions.list(accountSid, { limit: 4 });

  const second = await startProcess(env);
  for (const id of ['the same', 'another']) {
    for (const [index, name] of FUNCTIONS.entries()) {
      const { header, iccid } = await send(index, id === 'the same' ? name : id);
      assert.equal(header.functionExecutionStatus.status, 'Executed-Success', `${id} ${name}`);
      if (name === 'downloadOrder') assert.equal(iccid, iccids[0]);
    }
  }
  assert.deepEqual(await store.subscriptions.list(accountSid, { limit: 4 }), before);
  second.process.kill('SIGKILL');
  await once(second.process, 'exit');
  agent.destroy();
});
