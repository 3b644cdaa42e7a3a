// Test files that run one after the other in one process: most of what a file costs is to load and warm up the server.
import { describe } from 'node:test';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

// What these clean up is that of the whole process, and not of the file that needs them first.
await import('./databases.ts');
await import('./process.ts');

/** Each file becomes a suite, so that its hooks are its own. */
export function group(urls: string[]): void {
  for (const url of urls) {
    describe(relative(process.cwd(), fileURLToPath(url)), async () => {
      await import(url);
    });
  }
}
