// Loaded into every test process before node:test, which follows each promise and each handle to know the test that has made
// it: a tenth of the CPU. It needs that while tests are declared; while they run, only to say which of them has left behind an
// error that nobody catches.
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { inspect } from 'node:util';

type AsyncHooks = typeof import('node:async_hooks');

const hooks = createRequire(import.meta.url)('node:async_hooks') as AsyncHooks;
const { createHook } = hooks;
let ofRunner: ReturnType<AsyncHooks['createHook']> | undefined;
let running = '';

// The first one that is made is that of node:test.
hooks.createHook = (callbacks) => {
  hooks.createHook = createHook;
  ofRunner = createHook(callbacks);
  return ofRunner;
};

/** Told before each test, thus once all are declared. The runner still fails the process by an error that nobody catches. */
export function begins(test: string): void {
  running = test;
  if (ofRunner === undefined) return;
  ofRunner.disable();
  ofRunner = undefined;
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.prependListener(event, (error: unknown) => {
      tellUncaught(`Not caught, in this test or one before it: ${running}\n${inspect(error)}`);
    });
  }
}

/** Beside the output of its process, which is in the middle of all others, at the end of `test/main.ts`. */
function tellUncaught(what: string): void {
  console.error(what);
  const folder = process.env['TEST_UNCAUGHT'];
  if (folder !== undefined) appendFileSync(join(folder, String(process.pid)), `${what}\n`);
}
