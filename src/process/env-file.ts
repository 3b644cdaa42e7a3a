// The file `.env` in the working directory, for settings that the environment does not set.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';

export interface EnvFile {
  /** Only our settings; the file may hold variables of other programs. */
  values: Partial<Record<string, string>>;
  problems: string[];
  /** Adds to a problem the line of the setting it names, if that setting comes from the file. */
  locate: (problem: string) => string;
}

const NAME = '.env';
/** A line that looks like a setting of ours, even without `=`: `SIMWRIGHT_PORT 8080`, `export SIMWRIGHT_PORT=8080`. */
const SETTING = /^\s*(?:export\s+)?(SIMWRIGHT_\w*)\s*(=)?/;

/** @param env takes precedence over the file */
export function readEnvFile(env: Partial<Record<string, string>>, folder = process.cwd()): EnvFile {
  let text: string;
  try {
    text = readFileSync(resolve(folder, NAME), 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    // A folder named `.env` is not ours; ignore it.
    const problems = ['ENOENT', 'EISDIR'].includes(code)
      ? []
      : [`${NAME} cannot be read: ${message}`];
    return { values: {}, problems, locate: (problem) => problem };
  }
  const parsed = Object.entries(parseEnv(text)).filter(([name]) => name.startsWith('SIMWRIGHT_'));
  const values = Object.fromEntries(parsed);
  const lines = new Map<string, number>();
  const problems: string[] = [];
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    const [, name, sign] = SETTING.exec(line) ?? [];
    if (name === undefined) continue;
    if (sign !== undefined) lines.set(name, index + 1);
    else problems.push(`${name} must be followed by = and its value (${NAME}, line ${index + 1})`);
  }
  return {
    values,
    problems,
    locate(problem) {
      const name = problem.match(/SIMWRIGHT_\w+/g)?.find((each) => lines.has(each));
      const isOfFile = name !== undefined && env[name] === undefined;
      const isLocated = problem.endsWith(')') && problem.includes(`(${NAME}, line `);
      return isOfFile && !isLocated ? `${problem} (${NAME}, line ${lines.get(name)})` : problem;
    },
  };
}
