// Test files that run one after the other in one process: most of what a file costs is to load and warm up the server.
import { describe } from 'node:test';
import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';

// What these clean up is that of the whole process, and not of the file that needs them first.
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
