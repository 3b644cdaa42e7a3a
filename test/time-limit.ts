// Loaded into every test process: one that does not end fails after a time limit, which begins anew with each of its files.
// No file takes half of this, also on a busy machine.
const LIMIT_MS = 240_000;

export const timeLimit = setTimeout(() => {
  console.error(`${process.argv[1]} did not end within ${LIMIT_MS / 1000} seconds`);
  process.exit(1);
}, LIMIT_MS);
timeLimit.unref();
