// Bundles programs of the server into a few files, as the package has them. Loading them takes a third of the time that the
// sources take, which are many small files, and the server has some 50 MiB less: Node need not strip types.
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Packages that consist of hundreds of files each. The others are loaded from node_modules. */
const BUNDLED = ['typebox', 'kysely'];

/**
 * Replaces what another bundle has left in the folder.
 * @param {Record<string, string>} programs sources of programs, by the names of the files to make
 * @param {string} target folder
 */
export async function bundle(programs, target) {
  const { build } = await import('vite');
  const built = await build({
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
        input: programs,
        output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  });
  const files = 'output' in built ? built.output : [];
  await mkdir(target, { recursive: true });
  // The programs come last: a server that starts meanwhile finds all that they import.
  const programsLast = files.toSorted((a, b) => Number(isProgram(a)) - Number(isProgram(b)));
  for (const file of programsLast) {
    const name = join(target, file.fileName);
    const content = file.type === 'chunk' ? inLatin1(file.code) : file.source;
    await writeFile(`${name}.${process.pid}`, content);
    await rename(`${name}.${process.pid}`, name);
  }
  const names = new Set(files.map(({ fileName }) => fileName));
  for (const old of await readdir(target, { withFileTypes: true })) {
    if (old.name.endsWith('.js') && !names.has(old.name)) await rm(join(target, old.name));
  }
}

/** @param {{ type: string, isEntry?: boolean }} file */
function isProgram({ type, isEntry: is }) {
  return type === 'chunk' && is === true;
}

/**
 * V8 keeps the text of a program, with two octets for each letter if one of them is not in Latin-1. All such letters are in
 * comments, strings and regular expressions.
 * @param {string} code
 */
function inLatin1(code) {
  const escaped = /\\[^\0-\xff]/.exec(code);
  if (escaped !== null) throw new Error(`a letter with a backslash before it: ${escaped[0]}`);
  return code.replaceAll(
    /[^\0-\xff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
