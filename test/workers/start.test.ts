// A server of several workers: what it is from outside, and what becomes of it when its processes die.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine } from '../cli/command.ts';
import { onEachDatabase } from '../databases.ts';
import { SUCCESS } from '../es9plus/calls.ts';
import { freePort } from '../postgres.ts';
import { eventually } from '../server.ts';
import { lives, startWorkers } from './running.ts';
import type { Running } from './running.ts';

onEachDatabase('a server of two workers', (database) => {
  let server: Running;
  before(async () => (server = await startWorkers(await database.own())));
  after(() => server[Symbol.asyncDispose]());
  const workers = (msg: RegExp) =>
    new Set(server.logged.filter((line) => msg.test(line.msg)).map(({ worker }) => worker));

  test('serves by both, on one port', async () => {
    assert.deepEqual([...server.pids().keys()], [1, 2]);
    const orders = [await server.order(), await server.order(), await server.order()];
    assert.equal(new Set(orders.map(({ iccid }) => iccid)).size, 3);
    const steps = server.steps(orders[0].matching_id);
    const result = await steps.install();
    assert.equal((await steps.notify(result)).status, 204);
    const { json } = await server.request(`/v1/ESimProfiles/${orders[0].sid}`);
    assert.equal(json.status, 'installed');
    await eventually(async () => {
      await server.order();
      return workers(/^POST \/v1\/ESimProfiles$/).size === 2 ? true : undefined;
    });
    await eventually(async () => {
      await server.steps(orders[1].matching_id).initiate();
      return workers(/^ES9\+ /).size === 2 ? true : undefined;
    });
  });

  if (database.name === 'SQLite') {
    test('refuses a second server on the same data, with one worker or several', async () => {
      for (const count of ['1', '2']) {
        await using second = await commandLine(
          { SIMWRIGHT_WORKERS: count, SIMWRIGHT_PORT: '0' },
          server.config.data,
        );
        const { code, stdout, stderr } = await second.runAlone('start');
        assert.deepEqual([code, stdout], [1, '']);
        assert.match(
          stderr,
          new RegExp(`process ${server.process.pid} on .*, listening on ${server.url}\\.`),
        );
      }
    });
  }

  test('replaces a worker that is killed in the middle of downloads, and loses nothing', async () => {
    const { json: earlier } = await server.request('/v1/ESimProfiles?PageSize=1000');
    const known = new Set(earlier.esim_profiles.map(({ sid }: any) => sid));
    const answered: string[] = [];
    const tries = Array.from({ length: 4 }, async () => {
      for (let done = 0; done < 4;) {
        try {
          const order = await server.order();
          answered.push(order.sid);
          const steps = server.steps(order.matching_id);
          // What a device does that gets no answer: it begins anew, or sends the notification again.
          const result = await steps.install();
          for (;;) {
            const reply = await steps.notify(result).catch(() => undefined);
            if (reply?.status === 204) break;
            await sleep(100);
          }
          done++;
        } catch (error) {
          // While both are replaced, nobody listens.
          assert.match(String(error), /ECONN|socket hang up|EPIPE|aborted|disconnected before/);
          await sleep(100);
        }
      }
    });
    for (const number of [1, 2]) {
      const few = answered.length;
      await eventually(() => (answered.length > few + 1 ? true : undefined));
      const pid = await eventually(() => server.pids().get(number));
      process.kill(pid, 'SIGKILL');
      await eventually(() => (server.pids().get(number) === pid ? undefined : true));
    }
    await Promise.all(tries);
    await eventually(() => (server.pids().size === 2 ? true : undefined));
    const { json } = await server.request('/v1/ESimProfiles?PageSize=1000');
    const profiles = json.esim_profiles.filter(({ sid }: any) => !known.has(sid));
    const statuses = new Map(profiles.map((one: any) => [one.sid, one.status]));
    assert.ok(answered.length >= 16);
    for (const sid of answered)
      assert.match(String(statuses.get(sid)), /available|downloaded|installed/);
    assert.equal(profiles.filter((one: any) => one.status === 'installed').length, 16);
    const iccids = json.esim_profiles.map(({ iccid }: any) => iccid);
    assert.equal(new Set(iccids).size, iccids.length);
    const line = server.logged.find(({ msg }) => String(msg).startsWith('worker ended'));
    // At once, if it has served for a while: on a busy machine.
    assert.match(line.msg, /^worker ended by SIGKILL; it is replaced( in \d+ ms)?$/);
    assert.equal(line.level, 50);
  });

  test('leaves no worker behind when it is killed, and starts again at once', async () => {
    const order = await server.order();
    const pids = [...server.pids().values()];
    await server.restart();
    // They may still be writing what Node keeps of compiled code.
    await eventually(async () => (pids.some(lives) ? undefined : true));
    assert.deepEqual(new Set(server.pids().keys()), new Set([1, 2]));
    const { json } = await server.request(`/v1/ESimProfiles/${order.sid}`);
    assert.deepEqual(json, order);
    assert.equal(
      (
        await server
          .steps(order.matching_id)
          .begin()
          .then((s) => s.getPackage())
      ).result,
      SUCCESS,
    );
  });

  test('ends as a whole', async () => {
    const pids = [...server.pids().values()];
    const ended = once(server.process, 'exit');
    server.process.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    assert.deepEqual(pids.filter(lives), []);
    // What it has written last may be read after its end.
    await eventually(() => (workers(/^stopping$/).size === 3 ? true : undefined));
    assert.deepEqual(workers(/^stopping$/), new Set([1, 2, undefined]));
  });
});

test('a port in use is explained once, and the server ends', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await using simwright = await commandLine({
    SIMWRIGHT_WORKERS: '2',
    SIMWRIGHT_PORT: String(await freePort()),
    SIMWRIGHT_ES9_PORT: String(port),
  });
  const outcome = await simwright.runAlone('start');
  other.close();
  assert.deepEqual(outcome, {
    code: 1,
    stdout: '',
    stderr:
      `simwright: Cannot listen on 127.0.0.1, port ${port}: another program is using it; ` +
      'stop it, or set SIMWRIGHT_ES9_PORT to another port\n',
  });
});

test('a worker that does not start ends the server with its exit code', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-fails-'));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'told-to-fail'), '2');
  await assert.rejects(
    startWorkers(undefined, { SIMWRIGHT_DATA: folder }),
    /the server ended before it listened/,
  );
  await rm(folder, { recursive: true, force: true });
});
