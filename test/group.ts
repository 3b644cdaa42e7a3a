// Runs test files one after the other in one process, because most of a file's time is loading and warming up the server.
import { beforeEach, describe } from 'node:test';
import type { TestContext } from 'node:test';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { noteBegun } from './early-end.ts';
import { begins } from './tracking.ts';

/** Each file becomes a suite, so that its hooks are its own. */
export async function group(urls: string[]): Promise<void> {
  if (urls.length > 1) await importShared();
  beforeEach((context) => begins((context as TestContext).fullName));
  for (const url of urls) {
    const file = relative(process.cwd(), fileURLToPath(url));
    describe(file, async () => {
      noteBegun(file);
      await import(url);
    });
  }
}

/** So that their hooks clean up for the whole process, not for the first file that imports them. */
async function importShared(): Promise<void> {
  await import('./databases.ts');
  await import('./process.ts');
  await import('./console/browser.ts');
}
