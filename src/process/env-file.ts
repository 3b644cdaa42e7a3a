// The file `.env` in the folder of a process, for settings that its environment does not give.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';

export interface EnvFile {
  /** Settings of ours alone: what else is in such a file is for others. */
  values: Partial<Record<string, string>>;
  problems: string[];
  /** A problem, and where the setting stands that it is about, if that is in the file. */
  locate: (problem: string) => string;
}

const NAME = '.env';
/** A line that is meant as a setting of ours: `SIMWRIGHT_PORT 8080`, `export SIMWRIGHT_PORT=8080`. */
const SETTING = /^\s*(?:export\s+)?(SIMWRIGHT_\w*)\s*(=)?/;

/** @param env what goes before it */
export function readEnvFile(env: Partial<Record<string, string>>, folder = process.cwd()): EnvFile {
  let text: string;
  try {
    text = readFileSync(resolve(folder, NAME), 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    // A folder of this name is somebody else's.
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
