// Another commit of this project, checked out beside it, with its own benchmark modules.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const PROJECT = resolve(import.meta.dirname, '..');

/** What a comparison uses of a build. Each drives its own server and fills its own database. */
export interface Build {
  name: string;
  databases: typeof import('./databases.ts');
  child: typeof import('./child.ts');
  downloads: typeof import('./downloads.ts');
  orders: typeof import('./orders.ts');
}

const git = (...args: string[]) =>
  execFileSync('git', ['-C', PROJECT, ...args], { encoding: 'utf8' }).trim();

export function thisBuild(): Promise<Build> {
  return load('this build', PROJECT);
}

/** A commit's files with their packages, until it is disposed of. */
export interface Checkout extends Disposable {
  /** The short hash. */
  name: string;
  folder: string;
}

/** Throws if the commit is unknown, or has no benchmark. */
export async function buildOf(commit: string): Promise<Build & Disposable> {
  using opened = new DisposableStack();
  const { name, folder } = opened.use(checkOut(commit));
  const build = await load(name, folder);
  const kept = opened.move();
  return { ...build, [Symbol.dispose]: () => kept.dispose() };
}

/** Throws if the commit is unknown, or its packages cannot be installed. */
export function checkOut(commit: string): Checkout {
  const folder = mkdtempSync(join(tmpdir(), 'simwright-against-'));
  const tree = join(folder, 'tree');
  const name = git('rev-parse', '--short', `${commit}^{commit}`);
  git('worktree', 'add', '--quiet', '--detach', tree, name);
  const remove = (): void => {
    git('worktree', 'remove', '--force', tree);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    install(tree);
    return { name, folder: tree, [Symbol.dispose]: remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Both builds must have the same Node, so only the packages may differ: they are shared if they do not. */
function install(tree: string): void {
  const [ours, theirs] = [PROJECT, tree].map((folder) =>
    readFileSync(join(folder, 'package-lock.json'), 'utf8'),
  );
  if (ours === theirs) symlinkSync(join(PROJECT, 'node_modules'), join(tree, 'node_modules'));
  else execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: tree, stdio: 'ignore' });
}

async function load(name: string, folder: string): Promise<Build> {
  const part = async <Key extends Exclude<keyof Build, 'name'>>(key: Key): Promise<Build[Key]> => {
    const path = join(folder, 'bench', `${key}.ts`);
    if (!existsSync(path)) throw new Error(`${name} has no bench/${key}.ts to compare with`);
    return (await import(pathToFileURL(path).href)) as Build[Key];
  };
  return {
    name,
    databases: await part('databases'),
    child: await part('child'),
    downloads: await part('downloads'),
    orders: await part('orders'),
  };
}
