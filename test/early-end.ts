// Loaded into every test process. One that ends before its tests fails, however it ends: without this, `process.exit(0)` in a test,
// or in what it tests, passes, and takes along the tests of all files that share its process. So does one in which nothing ends any
// more, neither a test nor the process, after a time limit; no test takes half of it, also on a busy machine.
import { rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, afterEach, beforeEach } from 'node:test';
import type { TestContext } from 'node:test';

const LIMIT_MS = 240_000;
/** Where each process says which test it has begun, for `test/main.ts`, also if it is killed. */
const folder = process.env['TEST_RUNNING'];
const note =
  folder === undefined
    ? undefined
    : join(folder, `${basename(process.argv[1] ?? '')}-${process.pid}`);

const limit = setTimeout(() => {
  console.error(`${process.argv[1]}: no test has ended for ${LIMIT_MS / 1000} seconds`);
  process.exit(1);
}, LIMIT_MS);
limit.unref();

/** Of a test, or of a file that is loaded. */
export function noteBegun(name: string): void {
  if (note !== undefined) writeFileSync(note, name);
}

beforeEach((context) => noteBegun((context as TestContext).fullName));
// A file that takes long is not one that hangs.
afterEach(() => {
  limit.refresh();
});
after(() => {
  if (note !== undefined) rmSync(note, { force: true });
});
