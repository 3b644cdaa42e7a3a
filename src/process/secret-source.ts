// A secret of the settings: the value of NAME, the content of the file NAME_FILE, or what the command NAME_COMMAND prints.
import { execFile, spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { fileError } from './private-files.ts';

/** Of a file, or of what a command prints. */
const LIMIT = 64 * 1024;
const TIME_LIMIT_MS = 30_000;
/** Of what a command says when it fails. */
const SHOWN = 200;

type Env = Partial<Record<string, string>>;

export type SecretSource =
  | { kind: 'value'; text: string }
  | { kind: 'file'; file: string }
  | { kind: 'command'; command: string };

/** A secret cannot be had. The message begins with the name of the setting, and does not have the secret. */
export class SecretError extends Error {
  override name = 'SecretError';
}

/** Where the secret `name` comes from; undefined: it is not set. Throws `SecretError` if it is set twice. */
export function secretSource(name: string, env: Env): SecretSource | undefined {
  const given = (suffix: string) => env[`${name}${suffix}`]?.trim() || undefined;
  const [text, file, command] = [given(''), given('_FILE'), given('_COMMAND')];
  const set = ['', '_FILE', '_COMMAND'].filter((suffix) => given(suffix) !== undefined);
  if (set.length > 1) {
    const names = set.map((suffix) => `${name}${suffix}`);
    throw new SecretError(`${names.join(' and ')} are set; set only one of them`);
  }
  if (text !== undefined) return { kind: 'value', text };
  if (file !== undefined) return { kind: 'file', file };
  return command === undefined ? undefined : { kind: 'command', command };
}

/** The secret `name`, asked for again each time; undefined: it is not set. Throws `SecretError`. */
export async function readSecret(name: string, env: Env): Promise<string | undefined> {
  const source = secretSource(name, env);
  return source && secretFrom(name, source);
}

/** As `readSecret`, of a source. */
export async function secretFrom(name: string, source: SecretSource): Promise<string> {
  if (source.kind !== 'command') return textOf(name, source);
  const [program, ...parameters] = wordsOf(name, source.command);
  return new Promise((resolve, reject) => {
    const child = execFile(
      program!,
      parameters,
      { timeout: TIME_LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: LIMIT, encoding: 'utf8' },
      (error, stdout, stderr) => {
        try {
          resolve(printedBy(name, { error, stdout, stderr }));
        } catch (problem) {
          reject(problem);
        }
      },
    );
    child.stdin?.end();
  });
}

/** What commands have printed to this process: settings are read more than once. */
const printed = new Map<string, string>();

/** As `secretFrom`, for the settings of a process that starts: it waits, and a command runs once. */
export function secretAtStart(name: string, source: SecretSource): string {
  if (source.kind !== 'command') return textOf(name, source);
  const before = printed.get(source.command);
  if (before !== undefined) return before;
  const [program, ...parameters] = wordsOf(name, source.command);
  const { error, status, signal, stdout, stderr } = spawnSync(program!, parameters, {
    timeout: TIME_LIMIT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: LIMIT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const failure = status === 0 ? null : Object.assign(new Error(), { code: status, signal });
  const text = printedBy(name, { error: error ?? failure, stdout, stderr });
  printed.set(source.command, text);
  return text;
}

function textOf(name: string, source: Exclude<SecretSource, { kind: 'command' }>): string {
  if (source.kind === 'value') return source.text;
  const setting = `${name}_FILE`;
  let text: string;
  try {
    text = beginningOf(source.file);
  } catch (error) {
    throw new SecretError(fileError(`${setting}: ${source.file} cannot be read`, error).message);
  }
  if (text.length > LIMIT)
    throw new SecretError(`${setting}: ${source.file} is longer than 64 KiB`);
  if (text.trim() === '') throw new SecretError(`${setting}: ${source.file} is empty`);
  return text.trim();
}

/** At most one byte more than allowed, also of what has no end. */
function beginningOf(file: string): string {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(LIMIT + 1);
    let length = 0;
    while (length < bytes.length) {
      const read = readSync(handle, bytes, length, bytes.length - length, null);
      if (read === 0) break;
      length += read;
    }
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(handle);
  }
}

type Failure = Error & { code?: unknown; signal?: unknown };

interface Printed {
  error: Failure | null;
  stdout: string | null;
  stderr: string | null;
}

function printedBy(name: string, { error, stdout, stderr }: Printed): string {
  const setting = `${name}_COMMAND`;
  const secret = stdout?.trim() ?? '';
  if (error !== null) {
    throw new SecretError(`${setting}: the command ${reasonOf(error)}${said(stderr, secret)}`);
  }
  if (secret === '') throw new SecretError(`${setting}: the command printed nothing`);
  return secret;
}

function reasonOf({ code, signal }: Failure): string {
  if (code === 'ENOENT') return 'was not found; name a program on the PATH, or its whole path';
  if (code === 'EACCES') return 'cannot be executed';
  if (code === 'ENOBUFS' || code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return 'printed more than 64 KiB';
  }
  if (code === 'ETIMEDOUT' || signal === 'SIGKILL') {
    return `did not end within ${TIME_LIMIT_MS / 1000} seconds`;
  }
  if (typeof code === 'number') return `ended with exit code ${code}`;
  if (typeof signal === 'string') return `was ended by ${signal}`;
  return `failed (${String(code)})`;
}

/** The first line of its complaint, unless that repeats the secret. */
function said(stderr: string | null, secret: string): string {
  const [line = ''] = (stderr ?? '').trim().split('\n');
  if (line === '' || (secret !== '' && line.includes(secret))) return '';
  return `: ${line.slice(0, SHOWN)}`;
}

/**
 * The program and its parameters: words between spaces; '…' and "…" hold one together. No shell runs it, so what only a shell
 * understands is refused rather than passed on. Throws `SecretError`.
 */
function wordsOf(name: string, command: string): string[] {
  const words: string[] = [];
  let rest = command.trim();
  while (rest !== '') {
    const [word] = /^(?:'[^']*'|"[^"]*"|[^\s'"|&;<>$`()\\])+/.exec(rest) ?? [];
    const after = word === undefined ? rest : rest.slice(word.length);
    if (word === undefined || !/^(\s|$)/.test(after)) {
      const what = after.charAt(0);
      const quote = what === "'" || what === '"';
      throw new SecretError(
        quote
          ? `${name}_COMMAND: a quotation mark ${what} has no end`
          : `${name}_COMMAND has ${what}, and is not run by a shell: put it between quotation marks, or write sh -c '…'`,
      );
    }
    words.push(word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'));
    rest = after.trimStart();
  }
  return words;
}
