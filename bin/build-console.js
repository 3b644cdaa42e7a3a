// Builds the web console into dist/console/app. npm runs it after an install, and before a start when a
// source is newer than what was built. Plain JavaScript, so that any Node can read it. Where there is
// nothing to build, or nothing to build with, it does nothing.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src/console/app');
const config = join(root, 'vite.config.ts');
const target = join(root, 'dist/console/app');

const COMPRESSED = /\.(css|html|js|svg)$/;

const isWanted = existsSync(source) && !(process.argv.includes('--if-newer') && isNewest());
const vite = isWanted ? await import('vite').catch(() => undefined) : undefined;
if (vite !== undefined) await build(vite);

function isNewest() {
  const built = statSync(join(target, 'index.html'), { throwIfNoEntry: false });
  if (built === undefined) return false;
  const sources = readdirSync(source, { recursive: true }).map((file) =>
    join(source, String(file)),
  );
  return [...sources, config].every((file) => statSync(file).mtimeMs <= built.mtimeMs);
}

/** @param {typeof import('vite')} vite */
async function build({ build: bundle }) {
  const started = performance.now();
  // Made apart and moved in the end: a server that runs never sees half of it.
  const making = `${target}.${process.pid}`;
  await bundle({
    configFile: config,
    logLevel: 'warn',
    build: { outDir: making, emptyOutDir: true },
  });
  const bytes = await compressAll(making);
  await mkdir(dirname(target), { recursive: true });
  await replace(making);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`console: built in ${seconds} s, ${Math.ceil(bytes / 1024)} KiB compressed`);
}

/**
 * Moves the build to its place. If another build is moved there in between, the last one wins.
 * @param {string} making
 */
async function replace(making) {
  for (;;) {
    await rm(target, { recursive: true, force: true });
    try {
      return await rename(making, target);
    } catch (error) {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    }
  }
}

/**
 * Puts a .br and a .gz beside each file that they make smaller.
 * @param {string} folder
 * @returns how many bytes the brotli forms have together
 */
async function compressAll(folder) {
  let bytes = 0;
  for (const file of await readdir(folder, { recursive: true })) {
    if (!COMPRESSED.test(file)) continue;
    const path = join(folder, file);
    const plain = await readFile(path);
    const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
    const br = await promisify(brotliCompress)(plain, { params });
    bytes += br.length;
    await writeFile(`${path}.br`, br);
    await writeFile(
      `${path}.gz`,
      await promisify(gzip)(plain, { level: constants.Z_BEST_COMPRESSION }),
    );
  }
  return bytes;
}
