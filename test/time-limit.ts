// Loaded into every test file: a file whose tests are done, but whose process does not end, fails after a time limit.
// No file takes half of this.
const LIMIT_MS = 240_000;

setTimeout(() => {
  console.error(`${process.argv[1]} did not end within ${LIMIT_MS / 1000} seconds`);
  process.exit(1);
}, LIMIT_MS).unref();
