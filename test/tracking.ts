// Loaded into every test process before node:test, which follows each promise and each handle to know which test has made it:
// a fifth of the CPU. It needs that while tests are declared, and for no more than the name of the test in which an error
// is not caught while they run.
import { createRequire } from 'node:module';

type AsyncHooks = typeof import('node:async_hooks');

const hooks = createRequire(import.meta.url)('node:async_hooks') as AsyncHooks;
const { createHook } = hooks;
let ofRunner: ReturnType<AsyncHooks['createHook']> | undefined;

// The first one that is made is that of node:test.
hooks.createHook = (callbacks) => {
  hooks.createHook = createHook;
  ofRunner = createHook(callbacks);
  return ofRunner;
};

/** Once all tests are declared. */
export function stopTracking(): void {
  if (ofRunner === undefined) return;
  ofRunner.disable();
  ofRunner = undefined;
  // The runner then says no more than that there was one, and that the process has failed.
  process.prependListener('uncaughtException', (error) => console.error(error));
}
