// Builds the server and its commands into a few files in dist: what the package runs, and the servers that the tests start.
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src');
const target = join(root, 'dist');
const CONSOLE = join(source, 'console/app');
const PROGRAMS = {
  main: join(source, 'main.ts'),
  worker: join(source, 'worker.ts'),
  process: join(source, 'pkcs11/process.ts'),
};

if (!(process.argv.includes('--if-newer') && isNewest())) await bundle(PROGRAMS, target);

function isNewest() {
  const built = statSync(join(target, 'main.js'), { throwIfNoEntry: false });
  if (built === undefined) return false;
  const sources = readdirSync(source, { recursive: true })
    .map((file) => join(source, String(file)))
    .filter((file) => !file.startsWith(CONSOLE));
  const others = ['package-lock.json', 'bin/build-server.js', 'bin/bundle.js'];
  const files = [...sources, ...others.map((file) => join(root, file))];
  return files.every((file) => statSync(file).mtimeMs <= built.mtimeMs);
}
