// A version of Simwright that servers of a storm run: this one, or that of another commit.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkOut } from '../../bench/other-build.ts';
import { MAIN } from '../../test/main-file.ts';
import { CannotRun } from '../exit-codes.ts';
import type { Journey } from '../journey.ts';
import { JOURNEYS } from '../journeys/index.ts';

export interface Version {
  name: string;
  /** The file with its command line. */
  main: string;
  /** Without the settings that it would refuse. */
  known: (env: Record<string, string>) => Record<string, string>;
  /** Whether it leaves in peace: it serves until proxies have noticed. */
  drains: boolean;
  /** Those that it can take part in. */
  journeys: readonly Journey[];
}

/** What a version must have for a journey that may be newer than it. */
const NEEDED: Record<string, string> = { iot: 'src/eim/eim.ts' };
/** Of versions without journeys of their own. */
const OLDEST_JOURNEYS = ['order', 'download', 'notification', 'callback', 'import'];

function versionIn(folder: string, name: string, main = join(folder, 'src/main.ts')): Version {
  const config = globSync(['src/config.ts', 'src/config/*.ts'], { cwd: folder }).map((file) =>
    readFileSync(join(folder, file), 'utf8'),
  );
  const isKnown = (setting: string) =>
    !setting.startsWith('SIMWRIGHT_') || config.some((text) => text.includes(`'${setting}'`));
  const journeys = join(folder, 'torture/journeys');
  const has = (journey: string) => {
    const needed = NEEDED[journey];
    if (needed !== undefined) return existsSync(join(folder, needed));
    return existsSync(journeys)
      ? existsSync(join(journeys, `${journey}.ts`))
      : OLDEST_JOURNEYS.includes(journey);
  };
  return {
    name,
    main,
    known: (env) => Object.fromEntries(Object.entries(env).filter(([setting]) => isKnown(setting))),
    drains: isKnown('SIMWRIGHT_DRAIN_SECONDS'),
    journeys: JOURNEYS.filter((journey) => has(journey.name)),
  };
}

export const THIS_VERSION: Version = versionIn(
  resolve(import.meta.dirname, '../..'),
  'this build',
  MAIN,
);

/** Throws `CannotRun`. */
export function versionOf(commit: string): Version & Disposable {
  try {
    using opened = new DisposableStack();
    const { name, folder } = opened.use(checkOut(commit));
    const version = versionIn(folder, name);
    const kept = opened.move();
    return { ...version, [Symbol.dispose]: () => kept.dispose() };
  } catch (error) {
    throw new CannotRun(`the commit ${commit} cannot be checked out: ${(error as Error).message}`);
  }
}
