// The file of the command line that tests start as a process: the build, which loads in a third of the time.
import { join } from 'node:path';

/** Without the set-up of `npm test`, the sources. */
export const MAIN = process.env['TEST_MAIN'] ?? join(import.meta.dirname, '../src/main.ts');
