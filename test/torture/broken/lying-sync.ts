// Preloaded into a server, breaks it: it says that the log is on disk, and never asks the disk.
import fs from 'node:fs';
import type { NoParamCallback } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

fs.fdatasync = ((_handle: number, callback: NoParamCallback) => {
  setImmediate(callback, null);
}) as typeof fs.fdatasync;
syncBuiltinESMExports();
