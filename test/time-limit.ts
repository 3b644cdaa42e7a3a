// Loaded into every test process: one in which nothing ends any more, neither a test nor the process, fails after a time limit.
// No test takes half of this, also on a busy machine.
import { afterEach } from 'node:test';

const LIMIT_MS = 240_000;

const limit = setTimeout(() => {
  console.error(`${process.argv[1]}: no test has ended for ${LIMIT_MS / 1000} seconds`);
  process.exit(1);
}, LIMIT_MS);
limit.unref();
// A file that takes long is not one that hangs.
afterEach(() => {
  limit.refresh();
});
