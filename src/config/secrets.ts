// Settings that are secrets, each of which may also be in a file or come from a command.
import { resolve } from 'node:path';
import { secretAtStart, SecretError, secretSource } from '../process/secret-source.ts';

export type Env = Partial<Record<string, string>>;

/** Settings that are secrets, kept apart so that `Config` can be logged. */
export interface Secrets {
  /** One, or, while it is rotated, several; undefined: they are in `Config.masterKeyFile`. */
  masterKey: string | undefined;
  /** What printed them, if a command did. */
  masterKeyCommand?: string;
  account: { sid: string; authToken: string } | undefined;
  /** The settings of `HSM_PIN`, which is read at every login. */
  hsmPin: Env;
  /** Headers for the receiver of traces. */
  traceHeaders: Record<string, string>;
}

/** What may also be in NAME_FILE, or printed by NAME_COMMAND. */
export const IS_SECRET = new Set<string>([
  'SIMWRIGHT_MASTER_KEY',
  'SIMWRIGHT_AUTH_TOKEN',
  'SIMWRIGHT_DATABASE_URL',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
]);

/** Reads each secret once. The file of the master key is not read here: the first start makes it. */
export function secretsOf(env: Env, problems: string[]): (name: string) => string | undefined {
  const found = new Map<string, string | undefined>();
  return (name) => {
    if (!found.has(name)) found.set(name, read(name));
    return found.get(name);
  };

  function read(name: string): string | undefined {
    try {
      const source = secretSource(name, env);
      const isMade = name === 'SIMWRIGHT_MASTER_KEY' && source?.kind === 'file';
      return source === undefined || isMade ? undefined : secretAtStart(name, source);
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      problems.push(error.message);
      return undefined;
    }
  }
}

/** Of secrets that come from elsewhere: the setting and, of a file, its path. */
export function elsewhereOf(env: Env): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of IS_SECRET) {
    const file = env[`${name}_FILE`]?.trim();
    if (file) found[`${name}_FILE`] = resolve(file);
    if (env[`${name}_COMMAND`]?.trim()) found[`${name}_COMMAND`] = 'set, not shown';
  }
  return found;
}
