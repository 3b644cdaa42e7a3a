// Every setting, its default and its check: a file for each subject. The only file that reads the environment.
import { DATA_SETTINGS, parseData } from './config/data.ts';
import type { DataConfig } from './config/data.ts';
import { EIM_SETTINGS, parseEim } from './config/eim.ts';
import type { EimConfig } from './config/eim.ts';
import {
  FIRST_ACCOUNT_SETTINGS,
  parseAccountSecret,
  parseFirstAccount,
} from './config/first-account.ts';
import type { FirstAccountConfig } from './config/first-account.ts';
import { INSTALL_PAGE_SETTINGS, parseInstallPages } from './config/install-pages.ts';
import type { InstallPageConfig } from './config/install-pages.ts';
import { LIMIT_SETTINGS, parseLimits } from './config/limits.ts';
import type { LimitConfig } from './config/limits.ts';
import { LISTENER_SETTINGS, parseListeners, refuseSharedPorts } from './config/listeners.ts';
import type { ListenerConfig } from './config/listeners.ts';
import { LOG_SETTINGS, parseLogs } from './config/logs.ts';
import type { LogConfig } from './config/logs.ts';
import { ORDER_SETTINGS, parseOrders } from './config/orders.ts';
import type { OrderConfig } from './config/orders.ts';
import { OUTGOING_SETTINGS, parseOutgoing } from './config/outgoing.ts';
import type { OutgoingConfig } from './config/outgoing.ts';
import { parseProcesses, PROCESS_SETTINGS } from './config/processes.ts';
import type { ProcessConfig } from './config/processes.ts';
import { settingsReader } from './config/reader.ts';
import { parseRentedSmdp, RENTED_SMDP_SETTINGS } from './config/rented-smdp.ts';
import type { RentedConfig } from './config/rented-smdp.ts';
import { elsewhereOf, IS_SECRET, secretsOf } from './config/secrets.ts';
import type { Env, Secrets } from './config/secrets.ts';
import { hsmPinSettings, parseSigner, SIGNER_SETTINGS } from './config/signer.ts';
import type { SignerConfig } from './config/signer.ts';
import { parseSmdp, SMDP_SETTINGS } from './config/smdp.ts';
import type { SmdpConfig } from './config/smdp.ts';
import { parseTraceHeaders, parseTraces } from './config/traces.ts';
import type { TracesConfig } from './config/traces.ts';
import { readEnvFile } from './process/env-file.ts';
import { MASTER_KEYS } from './process/keys.ts';

export type { DatabaseConfig } from './config/data.ts';
export type { RentedSmdpConfig } from './config/rented-smdp.ts';
export type { Secrets } from './config/secrets.ts';
export type { TracesConfig } from './config/traces.ts';

export interface Config
  extends
    ListenerConfig,
    EimConfig,
    SmdpConfig,
    RentedConfig,
    ProcessConfig,
    DataConfig,
    FirstAccountConfig,
    OrderConfig,
    LimitConfig,
    OutgoingConfig,
    SignerConfig,
    InstallPageConfig,
    LogConfig {
  /** Where traces are sent; undefined: nowhere. */
  traces: TracesConfig | undefined;
}

export interface Settings {
  config: Config;
  secrets: Secrets;
  /** The settings that name a file or a command for a secret, for display. */
  elsewhere: Record<string, string>;
}

/** Every variable with its default and its meaning, in the order of the manual. */
export const SETTINGS = [
  ...LISTENER_SETTINGS,
  ...EIM_SETTINGS,
  ...SMDP_SETTINGS,
  ...RENTED_SMDP_SETTINGS,
  ...PROCESS_SETTINGS,
  ...DATA_SETTINGS,
  ...FIRST_ACCOUNT_SETTINGS,
  ...ORDER_SETTINGS,
  ...LIMIT_SETTINGS,
  ...OUTGOING_SETTINGS,
  ...SIGNER_SETTINGS,
  ...INSTALL_PAGE_SETTINGS,
  ...LOG_SETTINGS,
] as const;

/** Everything that is wrong with the settings, one line each. */
export class ConfigError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`The settings are invalid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads the settings from `env`; by default from the environment of this process, then from the file `.env` in its
 * working directory. Throws `ConfigError`.
 */
export function readConfig(env?: Env): Settings {
  if (env !== undefined) return parseConfig(env, []);
  const { values, problems, locate } = readEnvFile(process.env);
  try {
    return parseConfig({ ...values, ...process.env }, problems);
  } catch (error) {
    throw error instanceof ConfigError ? new ConfigError(error.problems.map(locate)) : error;
  }
}

function parseConfig(env: Env, already: string[]): Settings {
  const problems = [...already];
  const known = new Set<string>(SETTINGS.map(([name]) => name));
  for (const name of Object.keys(env)) {
    if (name.startsWith('SIMWRIGHT_') && !known.has(name))
      problems.push(`${name} is not a setting`);
  }

  const secret = secretsOf(env, problems);
  const text = (name: string) =>
    IS_SECRET.has(name) ? secret(name) : env[name]?.trim() || undefined;
  const read = settingsReader(text, problems);

  const account = parseAccountSecret(read);
  const signer = parseSigner(read);
  const installPages = parseInstallPages(read);
  const listeners = parseListeners(read);
  const rented = parseRentedSmdp(read);
  const config: Config = {
    ...listeners,
    ...parseEim(read, listeners, rented.rentedSmdp),
    ...parseSmdp(read, listeners, rented.rentedSmdp),
    ...rented,
    ...parseProcesses(read),
    ...parseData(read),
    ...parseLogs(read),
    ...parseOrders(read),
    ...parseLimits(read),
    ...parseOutgoing(read),
    ...parseFirstAccount(read),
    ...signer,
    ...installPages,
    traces: parseTraces(read),
  };
  const masterKeyCommand = env['SIMWRIGHT_MASTER_KEY_COMMAND']?.trim() || undefined;
  const secrets: Secrets = {
    masterKey: read.pattern(
      'SIMWRIGHT_MASTER_KEY',
      MASTER_KEYS,
      '32 bytes as 64 hexadecimal digits',
    ),
    ...(masterKeyCommand === undefined ? {} : { masterKeyCommand }),
    hsmPin: hsmPinSettings(text),
    account,
    traceHeaders: parseTraceHeaders(read),
  };
  refuseSharedPorts(config, read);
  if (problems.length > 0) throw new ConfigError(problems);
  return { config: Object.freeze(config), secrets, elsewhere: elsewhereOf(env) };
}

/** What the code of others gets: our settings have secrets. */
export function environmentOfOthers(): Record<string, string> {
  const entries = Object.entries(process.env);
  return Object.fromEntries(
    entries.flatMap(([name, value]) =>
      value === undefined || name.startsWith('SIMWRIGHT_') ? [] : [[name, value]],
    ),
  );
}

/** Who has become somebody else with sudo to run a command, for the audit log. */
export const sudoUser = (): string | undefined => process.env['SUDO_USER'] || undefined;

/** The settings once ES9+ listens, with the port that the system chose. */
export function withEs9Port(config: Config, port: number): Config {
  const smdpAddress = config.smdpAddress.replace(/:0$/, `:${port}`);
  return Object.freeze({ ...config, smdpAddress });
}

/** The settings once ESipa listens, with the port that the system chose. */
export function withEsipaPort(config: Config, port: number): Config {
  return Object.freeze({ ...config, eimFqdn: config.eimFqdn.replace(/:0$/, `:${port}`) });
}
