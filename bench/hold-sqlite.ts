// A thread that writes to an SQLite file for half of the time, and so keeps others from it.
import { DatabaseSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';

const { file, holdMs } = workerData as { file: string; holdMs: number };
const db = new DatabaseSync(file, { timeout: 60_000 });
const pause = new Int32Array(new SharedArrayBuffer(4));
for (;;) {
  db.exec('begin immediate');
  Atomics.wait(pause, 0, 0, holdMs);
  db.exec('rollback');
  Atomics.wait(pause, 0, 0, holdMs);
}
