// Builds the server and its commands into a few files in dist: what the package runs, and the servers that the tests
// start. Loading them takes a third of the time that the sources take, which are many small files.
import { readdirSync, statSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src');
const target = join(root, 'dist');
const CONSOLE = join(source, 'console/app');
/** Packages that consist of hundreds of files each. The others are loaded from node_modules. */
const BUNDLED = ['typebox', 'kysely'];

if (!(process.argv.includes('--if-newer') && isNewest())) await build();

function isNewest() {
  const built = statSync(join(target, 'main.js'), { throwIfNoEntry: false });
  if (built === undefined) return false;
  const sources = readdirSync(source, { recursive: true })
    .map((file) => join(source, String(file)))
    .filter((file) => !file.startsWith(CONSOLE));
  const others = ['package-lock.json', 'bin/build-server.js'].map((file) => join(root, file));
  return [...sources, ...others].every((file) => statSync(file).mtimeMs <= built.mtimeMs);
}

async function build() {
  const { build: bundle } = await import('vite');
  const built = await bundle({
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: BUNDLED },
    build: {
      ssr: true,
      write: false,
      target: 'esnext',
      minify: false,
      license: { fileName: 'licenses.md' },
      rolldownOptions: {
        input: {
          main: join(source, 'main.ts'),
          worker: join(source, 'worker.ts'),
          process: join(source, 'pkcs11/process.ts'),
        },
        output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  });
  const files = 'output' in built ? built.output : [];
  await mkdir(target, { recursive: true });
  // The entries come last: a server that starts meanwhile finds all that they import.
  const entriesLast = files.toSorted((a, b) => Number(isEntry(a)) - Number(isEntry(b)));
  for (const file of entriesLast) {
    const name = join(target, file.fileName);
    await writeFile(`${name}.${process.pid}`, file.type === 'chunk' ? file.code : file.source);
    await rename(`${name}.${process.pid}`, name);
  }
  const names = new Set(files.map(({ fileName }) => fileName));
  for (const old of await readdir(target, { withFileTypes: true })) {
    if (old.name.endsWith('.js') && !names.has(old.name)) await rm(join(target, old.name));
  }
}

/** @param {{ type: string, isEntry?: boolean }} file */
function isEntry({ type, isEntry: is }) {
  return type === 'chunk' && is === true;
}
