// `simwright start`: its output, and its errors.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { freePort } from '../postgres.ts';
import { eventually } from '../server.ts';
import { commandLine } from './command.ts';
import type { CommandLine } from './command.ts';

/** Starts, stops as soon as it listens. */
async function startAndStop(simwright: CommandLine): Promise<{ stdout: string; stderr: string }> {
  const child = simwright.start('start');
  child.stdout!.once('data', () => child.kill('SIGTERM'));
  const [stdout, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  return { stdout, stderr };
}

test('the greeting shows the new token; the log is separate, as JSON', async () => {
  await using simwright = await commandLine({ SIMWRIGHT_PORT: '0', SIMWRIGHT_ESIPA_PORT: '0' });
  const { stdout, stderr } = await startAndStop(simwright);
  assert.match(stdout, /Simwright listens on http:\/\/127\.0\.0\.1:\d+ /);
  const eim =
    /the eIM over ESipa at https:\/\/127\.0\.0\.1:(\d+); they know it as localhost at localhost:(\d+)/;
  const [, port, told] = eim.exec(stdout) ?? [];
  assert.ok(port !== undefined && port === told, stdout);
  const sid = /Account SID +(\w+)/.exec(stdout)![1]!;
  const token = /Auth token +(\w+)/.exec(stdout)![1]!;
  assert.doesNotMatch(stdout, /"level"/);
  const lines = stderr.trim().split('\n');
  const { msg, time } = JSON.parse(lines.at(-1)!);
  assert.equal(msg, 'stopping');
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(!stderr.includes(token));
  assert.match(await simwright.print('account', 'show', sid, '--token'), new RegExp(token));
});

test('the links of the greeting and of `simwright console` sign a browser in once; told to end, it drains', async () => {
  const port = String(await freePort());
  const settings = { SIMWRIGHT_PORT: port, SIMWRIGHT_DRAIN_SECONDS: '3' };
  await using simwright = await commandLine(settings);
  const child = simwright.start('start');
  const [greeting] = (await once(child.stdout!.setEncoding('utf8'), 'data')) as [string];
  const link = /http:\S+\/console\/#ticket=\S+/.exec(greeting)![0];
  const other = await simwright.json('console');
  assert.equal((await simwright.run('console')).stderr, '');
  assert.match(other.account_sid, /^AC[0-9a-f]{32}$/);
  assert.match(other.date_expires, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  for (const url of [link, other.url as string, (await simwright.print('console')).trim()]) {
    const [page, ticket] = url.split('#ticket=');
    const signIn = () =>
      fetch(`${page}session`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ ticket }),
      });
    assert.equal((await signIn()).status, 201);
    assert.equal((await signIn()).status, 401);
  }
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const leaving = new URL('/readyz', `http://127.0.0.1:${port}`);
  const checked = await eventually(async () => {
    const answer = await fetch(leaving);
    return answer.status === 503 ? answer.json() : undefined;
  });
  assert.equal((checked as { status: string }).status, 'stopping');
  await closed;
  await assert.rejects(fetch(leaving));
});

test('`simwright console` warns if nothing, or something else, listens where its link leads', async () => {
  const port = await freePort();
  await using simwright = await commandLine({ SIMWRIGHT_PORT: String(port) });
  await simwright.print('account', 'create');
  const nobody = await simwright.run('console');
  assert.equal(nobody.code, 0);
  assert.match(nobody.stdout, /^http:\S+\/console\/#ticket=\S+\n$/);
  assert.equal(
    nobody.stderr,
    `Nothing listens at http://127.0.0.1:${port}: start the server with: simwright start\n`,
  );
  const other = createHttpServer((_request, response) => response.end('hello'));
  other.listen(port, '127.0.0.1');
  await once(other, 'listening');
  const { stderr } = await simwright.run('console');
  other.close();
  assert.equal(stderr, `The server at http://127.0.0.1:${port} is not Simwright\n`);
});

test('a token from the settings is never printed, and no sign-in link is logged', async () => {
  const token = 'hush'.repeat(8);
  await using simwright = await commandLine({
    SIMWRIGHT_PORT: '0',
    SIMWRIGHT_ACCOUNT_SID: `AC${'1'.repeat(32)}`,
    SIMWRIGHT_AUTH_TOKEN: token,
  });
  const { stdout, stderr } = await startAndStop(simwright);
  assert.match(stdout, /listens on/);
  assert.ok(!`${stdout}${stderr}`.includes(token));
  assert.match(stdout, /\/console\/ .* npx simwright console\n/);
  assert.ok(!stdout.includes('ticket='));
});

test('warns if others may read the master key', async (context) => {
  if (process.platform === 'win32') return context.skip('Windows has no modes');
  await using simwright = await commandLine({ SIMWRIGHT_PORT: '0' });
  assert.doesNotMatch((await startAndStop(simwright)).stderr, /master key/);
  const file = join(simwright.data, 'master.key');
  await chmod(file, 0o640);
  const { stderr } = await startAndStop(simwright);
  const warnings = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { level: number; msg: string })
    .filter(({ level }) => level === 40);
  assert.deepEqual(
    warnings.map(({ msg }) => msg),
    [
      `The master key ${file} is accessible to others than its owner: its mode is 640, expected 600`,
    ],
  );
});

for (const [name, setting] of [
  ['the API', 'SIMWRIGHT_PORT'],
  ['ES9+', 'SIMWRIGHT_ES9_PORT'],
] as const) {
  test(`a port of ${name} in use is explained in words, and nothing is created`, async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await using simwright = await commandLine({ SIMWRIGHT_PORT: '0', [setting]: String(port) });
    const outcome = await simwright.run('start');
    other.close();
    assert.deepEqual(outcome, {
      code: 1,
      stdout: '',
      stderr: `simwright: Cannot listen on 127.0.0.1, port ${port}: another program is using it; stop it, or set ${setting} to another port\n`,
    });
    assert.deepEqual(await simwright.json('account', 'list'), []);
  });
}

test('a host that is not of this machine is explained in words', async () => {
  await using simwright = await commandLine({ SIMWRIGHT_HOST: '192.0.2.1', SIMWRIGHT_PORT: '0' });
  const { code, stderr } = await simwright.run('start');
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^simwright: Cannot listen on 192\.0\.2\.1, port 0: [^\n]+ SIMWRIGHT_HOST [^\n]+\n$/,
  );
});
