// Loaded into every test file: one whose tests have ended, but that something keeps from ending, fails in time.
// No file takes half of it.
const LIMIT_MS = 240_000;

setTimeout(() => {
  console.error(`${process.argv[1]} did not end within ${LIMIT_MS / 1000} seconds`);
  process.exit(1);
}, LIMIT_MS).unref();
