// Runs test files one after the other in one process, because most of a file's time is loading and warming up the server.
import { describe } from 'node:test';
import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';

// Imported here, so that their hooks clean up for the whole process, not for the first file that imports them.
await import('./databases.ts');
await import('./process.ts');

/** @param files absolute paths; each becomes a suite, so that its hooks are its own */
export function group(files: string[]): void {
  for (const file of files) {
    describe(relative(process.cwd(), file), async () => {
      await import(pathToFileURL(file).href);
    });
  }
}
