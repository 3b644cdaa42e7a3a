// A client that a generator of others makes from the document of a running server: its types hold, and it works.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startTestServer } from '../server.ts';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'examples/typed-client/order.ts');
const { resolve } = createRequire(import.meta.url);
const run = promisify(execFile);

test('the program of the manual, with types from openapi-typescript, orders a profile', async (context) => {
  await using server = await startTestServer();
  const folder = await mkdtemp(join(tmpdir(), 'simwright-client-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  await cp(PROGRAM, join(folder, 'order.ts'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const document = await server.request('/openapi.json', { as: null });
  await writeFile(join(folder, 'openapi.json'), document.text);

  const generator = resolve('openapi-typescript/bin/cli.js');
  const schema = join(folder, 'schema.d.ts');
  const node = (...options: string[]) => run(process.execPath, options, { cwd: folder, env });
  const env = {
    PATH: process.env['PATH'],
    SIMWRIGHT_URL: server.url,
    ACCOUNT_SID: server.account.username,
    AUTH_TOKEN: server.account.password,
  };
  await node(generator, join(folder, 'openapi.json'), '--output', schema);
  assert.doesNotMatch(await readFile(schema, 'utf8'), /: unknown\b/);

  const tsconfig = {
    compilerOptions: {
      target: 'esnext',
      module: 'nodenext',
      types: ['node'],
      strict: true,
      noUncheckedIndexedAccess: true,
      allowImportingTsExtensions: true,
      noEmit: true,
    },
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
  const types = await node(
    resolve('typescript/package.json').replace('package.json', 'bin/tsc'),
  ).catch((error: { stdout: string }) => error);
  assert.equal(types.stdout, '');

  const { stdout } = await node(join(folder, 'order.ts'));
  const printed = JSON.parse(stdout);
  assert.match(printed.activationCode, /^1\$localhost:\d+\$[A-Z0-9-]+$/);
  assert.deepEqual(printed, {
    status: 'available',
    activationCode: printed.activationCode,
    replayed: 'true',
    newest: true,
    error: 20404,
  });
});
