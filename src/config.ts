// Every setting, its default and its check. The only file that reads the environment.
import { existsSync } from 'node:fs';
import { isIP, isIPv4 } from 'node:net';
import { resolve } from 'node:path';
import { OWN_LANGUAGES, readTranslations } from './install/translations.ts';
import type { Languages } from './install/translations.ts';
import { readEnvFile } from './process/env-file.ts';
import { parsePkcs11Uri, Pkcs11UriError } from './pkcs11/uri.ts';
import type { Pkcs11Uri, TokenName } from './pkcs11/uri.ts';
import { MASTER_KEYS } from './process/keys.ts';
import { secretAtStart, SecretError, secretSource } from './process/secret-source.ts';
import { parseSmdsAddress } from './smdp/smds/smds-address.ts';
import type { SmdsAddress } from './smdp/smds/smds-address.ts';
import { parsePostgresUrl } from './store/postgres-url.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type DatabaseConfig = { kind: 'sqlite'; file: string } | { kind: 'postgres'; url: string };

export interface Config {
  host: string;
  port: number;
  /** Base of every URL in a response, without a trailing slash; undefined: the address that the server listens on. */
  publicUrl: string | undefined;
  es9Host: string;
  es9Port: number;
  es2Host: string;
  /** Undefined: ES2+ is not served. */
  es2Port: number | undefined;
  esipaHost: string;
  /** Undefined: there is no eIM. */
  esipaPort: number | undefined;
  /** How eUICCs know the eIM; undefined: by the host of its FQDN. */
  eimId: string | undefined;
  /** Where IPAs reach it: host, with the port if it is not 443. */
  eimFqdn: string;
  /** SM-DP+s of others from which it downloads: any, or these; host names, with their ports if they are not 443, or `*.DOMAIN`. */
  eimSmdps: 'any' | readonly string[];
  /** CAs, besides the CIs, under which their TLS certificates may be: those that Node trusts, or those in a PEM file. */
  eimSmdpCa: 'public' | { file: string } | undefined;
  /** PEM file of the CIs that the eIM trusts in front of a rented SM-DP+; with the built-in one, they are in the database. */
  eimCiFile: string | undefined;
  metricsHost: string;
  /** Undefined: metrics are not served. */
  metricsPort: number | undefined;
  /** Whether a setting names the port: then it must be free. */
  isMetricsPortChosen: boolean;
  /** Where traces are sent; undefined: nowhere. */
  traces: TracesConfig | undefined;
  /** How long a server that is told to end still serves. */
  drainMs: number;
  /** Processes that serve; 1: the only one. */
  workers: number;
  /** Addresses and networks (CIDR) whose X-Forwarded-For is trusted. */
  trustedProxies: string[];
  /** Host, with the port if it is not 443, that activation codes point to. */
  smdpAddress: string;
  /** The SM-DP+ that is rented; undefined: the built-in one. */
  rentedSmdp: RentedSmdpConfig | undefined;
  data: string;
  database: DatabaseConfig;
  /** What SQLite keeps of the file in memory. */
  sqliteCacheMb: number;
  masterKeyFile: string;
  logLevel: (typeof LOG_LEVELS)[number];
  /** Whether an all-decimal EID must pass its check digits (SGP.29: mod 97 = 1). */
  eidCheckDigits: boolean;
  /** Whether matching IDs may have underscores and be short, as those of test suites. */
  testMatchingIds: boolean;
  /** Whether an ICCID imported into stock must be decimal and end with its check digit. */
  iccidCheckDigit: boolean;
  /** What a process works on at once, for all callers; any beyond that are refused as busy. */
  maxRequests: number;
  /** Concurrent requests per account; any beyond that are answered with 429. */
  maxConcurrentRequests: number;
  /** Requests per minute, of an account and of an address; any beyond that are answered with 429. Undefined: any number. */
  maxRequestsPerMinute: number | undefined;
  maxAddressRequestsPerMinute: number | undefined;
  /** Calls of ES9+ per minute of an address; undefined: any number. */
  maxEs9CallsPerMinute: number | undefined;
  /** Concurrent event streams per account; any beyond that are answered with 429. */
  maxEventStreams: number;
  /** Concurrent exports per account; any beyond that are answered with 429. */
  maxExports: number;
  /** Whether callbacks, and reports to operators, may go to loopback, private and link-local addresses. */
  callbackPrivateNetworks: boolean;
  /** How long a report to an operator over ES2+ is retried. */
  progressRetryHours: number;
  /** Size of libuv's thread pool (`UV_THREADPOOL_SIZE`); at most half of it resolves names. */
  threads: number;
  /** Test subscriptions given to the first account at first start. */
  testStock: number;
  /** Whether CRLs are fetched from where certificates say. */
  crlFetch: boolean;
  /** How devices are treated whose CI's CRL is out of date. */
  outdatedCrl: 'warn' | 'refuse';
  /** The module that signs for DPauth and DPpb certificates whose keys are not in the database. */
  signer: string | undefined;
  /** The HSM that signs for them; undefined: there is none. */
  hsm: HsmConfig | undefined;
  /** Days after which an entry of the RSP log is deleted; undefined: never. */
  logRetentionDays: number | undefined;
  /** For how long the audit log is kept. */
  auditRetentionDays: number;
  /** The folder with translations of install pages. */
  installTexts: string | undefined;
  installLanguages: Languages;
  /** Days that an order waits for a rented SM-DP+ that does not answer; then it fails. */
  smdpPatienceDays: number;
  /** Where orders for an EID are announced. */
  smds: readonly SmdsAddress[];
  /** Days after which an order that was not downloaded expires; undefined: never. */
  orderLifetimeDays: number | undefined;
}

/** A token, its PKCS #11 module, and how many sessions each process opens. */
export interface HsmConfig {
  module: string;
  token: TokenName;
  sessions: number;
}

/** A receiver of traces (OTLP over HTTP), as named by OpenTelemetry's own settings. */
export interface TracesConfig {
  /** With the path. */
  url: string;
  serviceName: string;
  /** Which share of the traces that begin here is sent, from 0 to 1. */
  share: number;
}

/** A rented SM-DP+, and who we are for it. */
export interface RentedSmdpConfig {
  /** `https:` */
  url: string;
  /** PEM files: our certificate and its key, and the CAs that the SM-DP+'s certificates must be under. */
  certificateFile: string;
  keyFile: string;
  caFile: string;
  /** Of the certificate that our ES2+ listener shows it. */
  es2CertificateFile: string;
  es2KeyFile: string;
  /** functionRequesterIdentifier */
  requester: string;
  /** Of orders that name neither a profile type nor an ICCID, one of which ES2+ needs. */
  profileType: string | undefined;
  /** SHA-256 of certificates, besides those for its host, with which it may report; upper-case hex. */
  reporters: string[];
}

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

export interface Settings {
  config: Config;
  secrets: Secrets;
  /** The settings that name a file or a command for a secret, for display. */
  elsewhere: Record<string, string>;
}

/** Every variable with its default and its meaning, in the order of the manual. */
export const SETTINGS = [
  ['SIMWRIGHT_HOST', '127.0.0.1', 'Address that the API listens on.'],
  ['SIMWRIGHT_PORT', '3000', 'Port that the API listens on; 0 takes a free one.'],
  ['SIMWRIGHT_PUBLIC_URL', 'http://HOST:PORT', 'Base of every URL in a response.'],
  ['SIMWRIGHT_ES9_HOST', '127.0.0.1', 'Address that ES9+ listens on, for devices.'],
  ['SIMWRIGHT_ES9_PORT', '8443', 'Port that ES9+ listens on; 0 takes a free one.'],
  ['SIMWRIGHT_ES2_HOST', '127.0.0.1', 'Address that ES2+ listens on, for operators.'],
  ['SIMWRIGHT_ES2_PORT', 'off', 'Port that ES2+ listens on; 0 takes a free one, off none.'],
  [
    'SIMWRIGHT_ESIPA_HOST',
    '127.0.0.1',
    'Address that ESipa (the eIM) listens on, for IoT devices.',
  ],
  [
    'SIMWRIGHT_ESIPA_PORT',
    'off',
    'Port that ESipa listens on; 0 takes a free one, off none: then there is no eIM.',
  ],
  [
    'SIMWRIGHT_EIM_FQDN',
    'localhost and the ESipa port',
    'Host (and port) where IoT devices reach the eIM.',
  ],
  [
    'SIMWRIGHT_EIM_ID',
    'the host of SIMWRIGHT_EIM_FQDN',
    'eimId by which eUICCs know the eIM; those that have another one do not obey it.',
  ],
  [
    'SIMWRIGHT_EIM_SMDPS',
    'any',
    'SM-DP+s of others from which the eIM downloads: any, off, or hosts and *.DOMAINs, separated by commas.',
  ],
  [
    'SIMWRIGHT_EIM_SMDP_CA',
    'off',
    'CAs, besides the CIs, under which TLS certificates of those may be: public, or a PEM file.',
  ],
  [
    'SIMWRIGHT_EIM_CI',
    'none',
    'PEM file of the CIs that the eIM trusts in front of a rented SM-DP+.',
  ],
  ['SIMWRIGHT_METRICS_HOST', '127.0.0.1', 'Address that /metrics listens on, for Prometheus.'],
  [
    'SIMWRIGHT_METRICS_PORT',
    '9464, if it is free',
    'Port that /metrics listens on; 0 takes a free one, off none.',
  ],
  [
    'SIMWRIGHT_TRUSTED_PROXIES',
    'none',
    'Addresses and networks of proxies whose X-Forwarded-For is trusted, separated by commas.',
  ],
  [
    'SIMWRIGHT_SMDP_ADDRESS',
    'localhost and the ES9+ port',
    'Host (and port) that activation codes point to.',
  ],
  [
    'SIMWRIGHT_SMDP',
    'the built-in one',
    'es2plus:https://HOST[:PORT] of a rented SM-DP+, from which the profiles then come.',
  ],
  ['SIMWRIGHT_SMDP_CERTIFICATE', 'none', 'PEM file of our client certificate for it.'],
  ['SIMWRIGHT_SMDP_KEY', 'none', 'PEM file of the private key of that certificate.'],
  [
    'SIMWRIGHT_ES2_CERTIFICATE',
    'SIMWRIGHT_SMDP_CERTIFICATE',
    'PEM file of the certificate that our ES2+ shows a rented SM-DP+.',
  ],
  ['SIMWRIGHT_ES2_KEY', 'SIMWRIGHT_SMDP_KEY', 'PEM file of the private key of that certificate.'],
  ['SIMWRIGHT_SMDP_CA', 'none', 'PEM file of the CAs that its certificates must be under.'],
  [
    'SIMWRIGHT_SMDP_REQUESTER',
    'simwright',
    'functionRequesterIdentifier: how the rented SM-DP+ knows us.',
  ],
  [
    'SIMWRIGHT_SMDP_PROFILE_TYPE',
    'none',
    'ProfileType, at a rented SM-DP+, of orders that name neither that nor an ICCID.',
  ],
  [
    'SIMWRIGHT_SMDP_REPORTERS',
    'those for its host',
    'SHA-256 fingerprints of more certificates with which it may report, separated by commas.',
  ],
  [
    'SIMWRIGHT_SMDP_PATIENCE_DAYS',
    '7',
    'Days that an order waits for a rented SM-DP+ that does not answer, before it fails.',
  ],
  [
    'SIMWRIGHT_SMDS',
    'off',
    'SM-DSs where orders for an EID are announced, separated by commas: HOST[:PORT], with +forward if it forwards to a root SM-DS.',
  ],
  [
    'SIMWRIGHT_DRAIN_SECONDS',
    '0',
    'How long a server that is told to end (SIGTERM) still serves, while /readyz answers 503 so that proxies leave it.',
  ],
  [
    'SIMWRIGHT_WORKERS',
    '1',
    'Processes that serve requests; more than one uses more than one core.',
  ],
  ['SIMWRIGHT_DATA', './data', 'Folder of the database and the master key.'],
  [
    'SIMWRIGHT_DATABASE_URL',
    'sqlite:DATA/simwright.db',
    'sqlite:FILE, or postgres://USER:PASSWORD@HOST/DATABASE for more than one machine.',
  ],
  ['SIMWRIGHT_DATABASE_URL_FILE', 'none', 'File that holds that URL instead, such as a secret.'],
  ['SIMWRIGHT_DATABASE_URL_COMMAND', 'none', 'Command that prints that URL instead.'],
  [
    'SIMWRIGHT_SQLITE_CACHE_MB',
    '32',
    'Memory in which SQLite keeps pages of its file, in MB; for millions of profiles, 20 for each.',
  ],
  [
    'SIMWRIGHT_MASTER_KEY',
    'made at first start',
    'Key that encrypts secrets at rest, 64 hexadecimal digits, instead of a file.',
  ],
  ['SIMWRIGHT_MASTER_KEY_FILE', 'DATA/master.key', 'File that holds the master key.'],
  [
    'SIMWRIGHT_MASTER_KEY_COMMAND',
    'none',
    'Command that prints the master key instead; no shell runs it (docs/keys.md).',
  ],
  [
    'SIMWRIGHT_ACCOUNT_SID',
    'made at first start',
    'SID of an account to create at start if it does not exist.',
  ],
  ['SIMWRIGHT_AUTH_TOKEN', 'made at first start', 'Auth token of that account.'],
  ['SIMWRIGHT_AUTH_TOKEN_FILE', 'none', 'File that holds that token instead, such as a secret.'],
  ['SIMWRIGHT_AUTH_TOKEN_COMMAND', 'none', 'Command that prints that token instead.'],
  ['SIMWRIGHT_TEST_STOCK', '100', 'Test subscriptions at first start; 0 in production.'],
  ['SIMWRIGHT_EID_CHECK_DIGITS', 'on', 'Refuse decimal EIDs with wrong check digits: on or off.'],
  [
    'SIMWRIGHT_ICCID_CHECK_DIGIT',
    'on',
    'Import only decimal ICCIDs that end with their check digit: on or off.',
  ],
  [
    'SIMWRIGHT_TEST_MATCHING_IDS',
    'off',
    'Allow matching IDs with underscores, and short ones, for test suites: on or off.',
  ],
  [
    'SIMWRIGHT_MAX_REQUESTS',
    '2000',
    'Requests and calls, of everybody, that a process works on at once; beyond that it is busy.',
  ],
  [
    'SIMWRIGHT_MAX_CONCURRENT_REQUESTS',
    '500',
    'Concurrent requests per account; any beyond that are answered with 429.',
  ],
  [
    'SIMWRIGHT_MAX_REQUESTS_PER_MINUTE',
    'off',
    'Requests per minute of an account; any beyond that are answered with 429.',
  ],
  [
    'SIMWRIGHT_MAX_ADDRESS_REQUESTS_PER_MINUTE',
    'off',
    'Requests per minute from an address, whoever sends them; any beyond that are answered with 429.',
  ],
  [
    'SIMWRIGHT_MAX_ES9_CALLS_PER_MINUTE',
    'off',
    'Calls of ES9+ per minute from an address, which many phones may share; beyond that, 429.',
  ],
  [
    'SIMWRIGHT_MAX_EVENT_STREAMS',
    '500',
    'Concurrent event streams per account; any beyond that are answered with 429.',
  ],
  [
    'SIMWRIGHT_MAX_EXPORTS',
    '4',
    'Concurrent exports per account; any beyond that are answered with 429.',
  ],
  [
    'SIMWRIGHT_CALLBACK_PRIVATE_NETWORKS',
    'on',
    'Send callbacks to loopback and private addresses; turn off when you do not trust the tenants.',
  ],
  [
    'SIMWRIGHT_PROGRESS_RETRY_HOURS',
    '24',
    'Hours for which a report of progress to an operator over ES2+ is retried.',
  ],
  [
    'SIMWRIGHT_ORDER_LIFETIME_DAYS',
    'off',
    'Days after which an order that was not downloaded fails; off: never.',
  ],
  [
    'SIMWRIGHT_CRL_FETCH',
    'on',
    'Fetch the CRLs of trusted CAs from where their certificates say: on or off.',
  ],
  [
    'SIMWRIGHT_OUTDATED_CRL',
    'warn',
    'Devices whose CI has an outdated CRL: warn (and accept them) or refuse.',
  ],
  [
    'SIMWRIGHT_SIGNER',
    'none',
    'JavaScript module that signs for DPauth and DPpb when their keys are not here.',
  ],
  [
    'SIMWRIGHT_HSM',
    'none',
    'PKCS #11 URI of the token that has the keys of DPauth and DPpb: pkcs11:token=LABEL?module-path=FILE.',
  ],
  ['SIMWRIGHT_HSM_PIN', 'none', 'User PIN of that token.'],
  ['SIMWRIGHT_HSM_PIN_FILE', 'none', 'File that holds the PIN, instead.'],
  ['SIMWRIGHT_HSM_PIN_COMMAND', 'none', 'Command that prints the PIN, instead.'],
  ['SIMWRIGHT_HSM_SESSIONS', '4', 'Signatures that each process asks of it at once.'],
  [
    'SIMWRIGHT_INSTALL_TEXTS',
    'none',
    'Folder with translations of the install page, a JSON file for each language.',
  ],
  ['SIMWRIGHT_LOG_RETENTION_DAYS', 'off', 'Days for which the RSP log is kept; off: forever.'],
  ['SIMWRIGHT_AUDIT_RETENTION_DAYS', '3650', 'Days for which the audit log is kept, at least 30.'],
  ['SIMWRIGHT_LOG_LEVEL', 'info', `How much to log: ${LOG_LEVELS.join(', ')}.`],
] as const;

const SERVER_ADDRESS = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/;
const SMDP_PATTERN = /^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/;
const SERVER_ADDRESS_TEXT = 'a host name or an IPv4 address, with :PORT if it is not 443';

/** As OpenTelemetry's exporters for Prometheus. */
const METRICS_PORT = 9464;
const MOST_WORKERS = 64;
const MOST_HSM_SESSIONS = 64;
const LONGEST_DRAIN_S = 600;
/** An event is registered at each of them. */
const MOST_SMDS = 4;
const MOST_PER_MINUTE = 10_000_000;
/** A hundred years. */
const MOST_DAYS = 36_500;
/** Nobody should lose it by a slip. */
const LEAST_AUDIT_DAYS = 30;

/** What may also be in NAME_FILE, or printed by NAME_COMMAND. */
const IS_SECRET = new Set<string>([
  'SIMWRIGHT_MASTER_KEY',
  'SIMWRIGHT_AUTH_TOKEN',
  'SIMWRIGHT_DATABASE_URL',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
]);
/** The setting of the HSM's PIN, and how those begin that say where it is. */
export const HSM_PIN = 'SIMWRIGHT_HSM_PIN';

type Env = Partial<Record<string, string>>;

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

/** Of secrets that come from elsewhere: the setting and, of a file, its path. */
function elsewhereOf(env: Env): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of IS_SECRET) {
    const file = env[`${name}_FILE`]?.trim();
    if (file) found[`${name}_FILE`] = resolve(file);
    if (env[`${name}_COMMAND`]?.trim()) found[`${name}_COMMAND`] = 'set, not shown';
  }
  return found;
}

/** Reads each secret once. The file of the master key is not read here: the first start makes it. */
function secretsOf(env: Env, problems: string[]): (name: string) => string | undefined {
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

/** What the code of others gets: our settings have secrets. */
export function environmentOfOthers(): Record<string, string> {
  const entries = Object.entries(process.env);
  return Object.fromEntries(
    entries.flatMap(([name, value]) =>
      value === undefined || name.startsWith('SIMWRIGHT_') ? [] : [[name, value]],
    ),
  );
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

  function integer(name: string, otherwise: number, least: number, most: number): number {
    const value = text(name);
    if (value === undefined) return otherwise;
    if (/^\d+$/.test(value) && +value >= least && +value <= most) return +value;
    problems.push(`${name} must be a whole number from ${least} to ${most}; it is '${value}'`);
    return otherwise;
  }

  function portOrOff(name: string, otherwise?: number): number | undefined {
    const value = text(name);
    if (value === undefined) return otherwise;
    if (value === 'off') return undefined;
    if (/^\d{1,5}$/.test(value) && +value <= 65535) return +value;
    problems.push(`${name} must be off or a whole number from 0 to 65535; it is '${value}'`);
    return undefined;
  }

  function networks(name: string): string[] {
    const given = (text(name) ?? '').split(',').flatMap((item) => item.trim() || []);
    const wrong = given.filter((item) => !isNetwork(item));
    if (wrong.length > 0) {
      problems.push(
        `${name} must be addresses or networks such as 10.0.0.0/8, separated by commas; ` +
          `it has '${wrong.join("', '")}'`,
      );
    }
    return given;
  }

  function smdsAddresses(name: string): SmdsAddress[] {
    const value = text(name) ?? 'off';
    if (value === 'off') return [];
    const given = value.split(',').flatMap((item) => item.trim() || []);
    const parsed = given.map(parseSmdsAddress);
    const wrong = given.filter((_item, index) => parsed[index] === undefined);
    if (wrong.length > 0) {
      problems.push(
        `${name} must be off or addresses such as smds.example.com or smds.example.com:8443+forward, ` +
          `separated by commas; it has '${wrong.join("', '")}'`,
      );
    }
    const right = parsed.filter((address) => address !== undefined);
    const names = right.map(({ address }) => address);
    const twice = names.find((address, index) => names.indexOf(address) < index);
    if (twice !== undefined) problems.push(`${name} has ${twice} twice`);
    if (right.length > MOST_SMDS) problems.push(`${name} must have at most ${MOST_SMDS} addresses`);
    return right;
  }

  function smdpsOf(name: string): Config['eimSmdps'] {
    const value = text(name) ?? 'any';
    if (value === 'any') return value;
    const given = value === 'off' ? [] : value.split(',').flatMap((item) => item.trim() || []);
    const wrong = given.filter((item) => !SMDP_PATTERN.test(item));
    if (wrong.length > 0) {
      problems.push(
        `${name} must be any, off, or hosts such as smdp.example.com, smdp.example.com:8443 or *.example.com, ` +
          `separated by commas; it has '${wrong.join("', '")}'`,
      );
    }
    return given.map((item) => item.toLowerCase());
  }

  function fileOf(name: string): string | undefined {
    const path = text(name);
    if (path !== undefined && !existsSync(path)) {
      problems.push(`${name} must be a file; there is no ${resolve(path)}`);
    }
    return path === undefined ? undefined : resolve(path);
  }

  function eimSmdpCaOf(name: string): Config['eimSmdpCa'] {
    const value = text(name);
    if (value === undefined || value === 'off') return undefined;
    return value === 'public' ? value : { file: fileOf(name)! };
  }

  function daysOrOff(name: string): number | undefined {
    const value = text(name);
    if (value === undefined || value === 'off') return undefined;
    if (/^\d{1,6}$/.test(value) && +value >= 1 && +value <= MOST_DAYS) return +value;
    problems.push(
      `${name} must be off or a whole number of days from 1 to ${MOST_DAYS}; it is '${value}'`,
    );
    return undefined;
  }

  function rateOrOff(name: string): number | undefined {
    const value = text(name);
    if (value === undefined || value === 'off') return undefined;
    if (/^\d{1,8}$/.test(value) && +value >= 1 && +value <= MOST_PER_MINUTE) return +value;
    problems.push(
      `${name} must be off or a whole number from 1 to ${MOST_PER_MINUTE}; it is '${value}'`,
    );
    return undefined;
  }

  function oneOf<const T extends string>(name: string, values: readonly T[], otherwise: T): T {
    const value = text(name);
    const found = values.find((candidate) => candidate === (value ?? otherwise));
    if (found !== undefined) return found;
    problems.push(`${name} must be one of ${values.join(', ')}; it is '${value}'`);
    return otherwise;
  }

  function pattern(name: string, expected: RegExp, what: string): string | undefined {
    const value = text(name);
    if (value !== undefined && !expected.test(value)) problems.push(`${name} must be ${what}`);
    return value;
  }

  const data = resolve(text('SIMWRIGHT_DATA') ?? './data');
  const accountSid = pattern(
    'SIMWRIGHT_ACCOUNT_SID',
    /^AC[0-9a-f]{32}$/,
    'AC and 32 lower-case hexadecimal digits',
  );
  const authToken = pattern(
    'SIMWRIGHT_AUTH_TOKEN',
    /^[a-zA-Z0-9]{16,128}$/,
    '16 to 128 letters and digits',
  );
  if ((accountSid === undefined) !== (authToken === undefined)) {
    problems.push('SIMWRIGHT_ACCOUNT_SID and SIMWRIGHT_AUTH_TOKEN go together; one is missing');
  }

  const signer = text('SIMWRIGHT_SIGNER');
  if (signer !== undefined && !existsSync(signer)) {
    problems.push(`SIMWRIGHT_SIGNER must be a file; there is no ${resolve(signer)}`);
  }
  const hsm = parseHsm(text, integer('SIMWRIGHT_HSM_SESSIONS', 4, 1, MOST_HSM_SESSIONS), problems);
  if (signer !== undefined && hsm !== undefined) {
    problems.push('SIMWRIGHT_HSM and SIMWRIGHT_SIGNER both sign for DPauth and DPpb; set only one');
  }
  const installTexts = text('SIMWRIGHT_INSTALL_TEXTS');
  const translated = installTexts === undefined ? undefined : readTranslations(installTexts);
  for (const problem of translated?.problems ?? []) {
    problems.push(`SIMWRIGHT_INSTALL_TEXTS: ${problem}`);
  }
  const rented = parseRentedSmdp(text, problems);
  const es9Host = text('SIMWRIGHT_ES9_HOST') ?? '127.0.0.1';
  const es9Port = integer('SIMWRIGHT_ES9_PORT', 8443, 0, 65535);
  const esipaHost = text('SIMWRIGHT_ESIPA_HOST') ?? '127.0.0.1';
  const esipaPort = portOrOff('SIMWRIGHT_ESIPA_PORT');
  const config: Config = {
    host: text('SIMWRIGHT_HOST') ?? '127.0.0.1',
    port: integer('SIMWRIGHT_PORT', 3000, 0, 65535),
    publicUrl: parsePublicUrl(text('SIMWRIGHT_PUBLIC_URL'), problems),
    es9Host,
    es9Port,
    es2Host: text('SIMWRIGHT_ES2_HOST') ?? '127.0.0.1',
    es2Port: portOrOff('SIMWRIGHT_ES2_PORT'),
    esipaHost,
    esipaPort,
    eimId: pattern('SIMWRIGHT_EIM_ID', /^[\x21-\x7e]{1,128}$/, '1 to 128 printable characters'),
    eimFqdn:
      pattern('SIMWRIGHT_EIM_FQDN', SERVER_ADDRESS, SERVER_ADDRESS_TEXT) ??
      reachableAt(esipaHost, esipaPort ?? 443),
    eimSmdps: smdpsOf('SIMWRIGHT_EIM_SMDPS'),
    eimSmdpCa: eimSmdpCaOf('SIMWRIGHT_EIM_SMDP_CA'),
    eimCiFile: fileOf('SIMWRIGHT_EIM_CI'),
    metricsHost: text('SIMWRIGHT_METRICS_HOST') ?? '127.0.0.1',
    metricsPort: portOrOff('SIMWRIGHT_METRICS_PORT', METRICS_PORT),
    isMetricsPortChosen: text('SIMWRIGHT_METRICS_PORT') !== undefined,
    traces: parseTraces(text, problems),
    drainMs: 1_000 * integer('SIMWRIGHT_DRAIN_SECONDS', 0, 0, LONGEST_DRAIN_S),
    workers: integer('SIMWRIGHT_WORKERS', 1, 1, MOST_WORKERS),
    trustedProxies: networks('SIMWRIGHT_TRUSTED_PROXIES'),
    smdpAddress:
      pattern('SIMWRIGHT_SMDP_ADDRESS', SERVER_ADDRESS, SERVER_ADDRESS_TEXT) ??
      (rented && URL.parse(rented.url)?.hostname) ??
      reachableAt(es9Host, es9Port),
    rentedSmdp: rented,
    smdpPatienceDays: integer('SIMWRIGHT_SMDP_PATIENCE_DAYS', 7, 1, MOST_DAYS),
    smds: smdsAddresses('SIMWRIGHT_SMDS'),
    data,
    database: parseDatabaseUrl(text('SIMWRIGHT_DATABASE_URL'), data, problems),
    sqliteCacheMb: integer('SIMWRIGHT_SQLITE_CACHE_MB', 32, 1, 65_536),
    masterKeyFile: resolve(text('SIMWRIGHT_MASTER_KEY_FILE') ?? `${data}/master.key`),
    logLevel: oneOf('SIMWRIGHT_LOG_LEVEL', LOG_LEVELS, 'info'),
    eidCheckDigits: oneOf('SIMWRIGHT_EID_CHECK_DIGITS', ['on', 'off'], 'on') === 'on',
    testMatchingIds: oneOf('SIMWRIGHT_TEST_MATCHING_IDS', ['on', 'off'], 'off') === 'on',
    iccidCheckDigit: oneOf('SIMWRIGHT_ICCID_CHECK_DIGIT', ['on', 'off'], 'on') === 'on',
    maxRequests: integer('SIMWRIGHT_MAX_REQUESTS', 2_000, 1, 100_000),
    maxConcurrentRequests: integer('SIMWRIGHT_MAX_CONCURRENT_REQUESTS', 500, 1, 100_000),
    maxRequestsPerMinute: rateOrOff('SIMWRIGHT_MAX_REQUESTS_PER_MINUTE'),
    maxAddressRequestsPerMinute: rateOrOff('SIMWRIGHT_MAX_ADDRESS_REQUESTS_PER_MINUTE'),
    maxEs9CallsPerMinute: rateOrOff('SIMWRIGHT_MAX_ES9_CALLS_PER_MINUTE'),
    maxEventStreams: integer('SIMWRIGHT_MAX_EVENT_STREAMS', 500, 1, 100_000),
    maxExports: integer('SIMWRIGHT_MAX_EXPORTS', 4, 1, 1_000),
    callbackPrivateNetworks:
      oneOf('SIMWRIGHT_CALLBACK_PRIVATE_NETWORKS', ['on', 'off'], 'on') === 'on',
    progressRetryHours: integer('SIMWRIGHT_PROGRESS_RETRY_HOURS', 24, 0, 24 * 30),
    threads: integer('UV_THREADPOOL_SIZE', 4, 1, 1024),
    testStock: integer('SIMWRIGHT_TEST_STOCK', 100, 0, 1_000_000),
    crlFetch: oneOf('SIMWRIGHT_CRL_FETCH', ['on', 'off'], 'on') === 'on',
    outdatedCrl: oneOf('SIMWRIGHT_OUTDATED_CRL', ['warn', 'refuse'], 'warn'),
    signer: signer === undefined ? undefined : resolve(signer),
    hsm,
    installTexts: installTexts === undefined ? undefined : resolve(installTexts),
    installLanguages: translated?.languages ?? OWN_LANGUAGES,
    logRetentionDays: daysOrOff('SIMWRIGHT_LOG_RETENTION_DAYS'),
    auditRetentionDays: integer(
      'SIMWRIGHT_AUDIT_RETENTION_DAYS',
      3_650,
      LEAST_AUDIT_DAYS,
      MOST_DAYS,
    ),
    orderLifetimeDays: daysOrOff('SIMWRIGHT_ORDER_LIFETIME_DAYS'),
  };
  const masterKeyCommand = env['SIMWRIGHT_MASTER_KEY_COMMAND']?.trim() || undefined;
  const secrets: Secrets = {
    masterKey: pattern('SIMWRIGHT_MASTER_KEY', MASTER_KEYS, '32 bytes as 64 hexadecimal digits'),
    ...(masterKeyCommand === undefined ? {} : { masterKeyCommand }),
    hsmPin: hsmPinSettings(text),
    account: accountSid && authToken ? { sid: accountSid, authToken } : undefined,
    traceHeaders: parseTraceHeaders(
      text('OTEL_EXPORTER_OTLP_TRACES_HEADERS') ?? text('OTEL_EXPORTER_OTLP_HEADERS') ?? '',
      problems,
    ),
  };
  if (config.eimCiFile !== undefined && rented === undefined) {
    problems.push(
      'SIMWRIGHT_EIM_CI is set, but SIMWRIGHT_SMDP is not: with the built-in SM-DP+, CIs are imported by simwright pki import',
    );
  }
  const listeners = listenersOf(config);
  for (const [index, one] of listeners.entries()) {
    for (const other of listeners.slice(index + 1)) {
      if (one.port === 0 || one.port !== other.port || one.host !== other.host) continue;
      problems.push(
        `${one.setting}PORT and ${other.setting}PORT must differ; both are ${one.port}`,
      );
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { config: Object.freeze(config), secrets, elsewhere: elsewhereOf(env) };
}

/** Who has become somebody else with sudo to run a command, for the audit log. */
export const sudoUser = (): string | undefined => process.env['SUDO_USER'] || undefined;

/** Where a server listens, and how the settings of each listener begin. */
export function listenersOf(config: Config): { setting: string; host: string; port: number }[] {
  const { host, port, es9Host, es9Port, es2Host, es2Port, rentedSmdp } = config;
  const { esipaHost, esipaPort, metricsHost, metricsPort, isMetricsPortChosen } = config;
  return [
    { setting: 'SIMWRIGHT_', host, port },
    ...(rentedSmdp === undefined
      ? [{ setting: 'SIMWRIGHT_ES9_', host: es9Host, port: es9Port }]
      : []),
    ...(es2Port === undefined ? [] : [{ setting: 'SIMWRIGHT_ES2_', host: es2Host, port: es2Port }]),
    ...(esipaPort === undefined
      ? []
      : [{ setting: 'SIMWRIGHT_ESIPA_', host: esipaHost, port: esipaPort }]),
    ...(metricsPort === undefined || !isMetricsPortChosen
      ? []
      : [{ setting: 'SIMWRIGHT_METRICS_', host: metricsHost, port: metricsPort }]),
  ];
}

/** Where devices reach the listener: its own address if it has one, else localhost. */
function reachableAt(host: string, port: number): string {
  const isElsewhere = isIPv4(host) ? !/^(127\.|0\.0\.0\.0$)/.test(host) : !host.includes(':');
  return `${isElsewhere ? host : 'localhost'}${port === 443 ? '' : `:${port}`}`;
}

/** The settings once ES9+ listens, with the port that the system chose. */
export function withEs9Port(config: Config, port: number): Config {
  const smdpAddress = config.smdpAddress.replace(/:0$/, `:${port}`);
  return Object.freeze({ ...config, smdpAddress });
}

/** The settings once ESipa listens, with the port that the system chose. */
export function withEsipaPort(config: Config, port: number): Config {
  return Object.freeze({ ...config, eimFqdn: config.eimFqdn.replace(/:0$/, `:${port}`) });
}

function isNetwork(text: string): boolean {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  return bits > 0 && (prefix === undefined || (+prefix >= 1 && +prefix <= bits));
}

function parsePublicUrl(value: string | undefined, problems: string[]): string | undefined {
  if (value === undefined) return undefined;
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search || url.hash) {
    problems.push(`SIMWRIGHT_PUBLIC_URL must be an http or https URL; it is '${value}'`);
  }
  // As serialised by the URL parser, which escapes anything that would break the JSON around it.
  return (url?.href ?? '').replace(/\/+$/, '');
}

/** OpenTelemetry's settings (OTLP exporter, general SDK), as far as they apply. */
function parseTraces(
  text: (name: string) => string | undefined,
  problems: string[],
): TracesConfig | undefined {
  if (text('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined;
  if (text('OTEL_TRACES_EXPORTER') === 'none') return undefined;
  const own = text('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const common = text('OTEL_EXPORTER_OTLP_ENDPOINT');
  const value = own ?? common;
  if (value === undefined) return undefined;
  const name =
    own === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    // The value may hold a password, so it is not repeated.
    problems.push(`${name} must be an http or https URL`);
    return undefined;
  }
  const protocol =
    text('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? text('OTEL_EXPORTER_OTLP_PROTOCOL');
  // Whoever takes protobuf takes JSON at the same address.
  if (protocol !== undefined && !protocol.startsWith('http/')) {
    problems.push(`OTEL_EXPORTER_OTLP_PROTOCOL must be http/json, or unset; it is '${protocol}'`);
  }
  const share = text('OTEL_TRACES_SAMPLER_ARG') ?? '1';
  if (!(Number(share) >= 0 && Number(share) <= 1)) {
    problems.push(`OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1; it is '${share}'`);
  }
  // A base URL, to which the path of the signal is added; the one for traces is used as it is.
  const path = `${url.pathname.replace(/\/+$/, '')}/v1/traces`;
  return {
    url: own === undefined ? new URL(path, url).href : url.href,
    serviceName: text('OTEL_SERVICE_NAME') ?? 'simwright',
    share: Number(share),
  };
}

/** `name=value,…`, percent-encoded as in W3C Baggage. */
function parseTraceHeaders(given: string, problems: string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const item of given.split(',').flatMap((part) => part.trim() || [])) {
    const [, name, value] = /^([!#$%&'*+.^`|~\w-]+)\s*=\s*([\x21-\x7e]*)$/.exec(item) ?? [];
    try {
      if (name === undefined) throw new TypeError('no name');
      headers[name] = decodeURIComponent(value!);
    } catch {
      problems.push('OTEL_EXPORTER_OTLP_HEADERS must be NAME=VALUE, separated by commas');
    }
  }
  return headers;
}

const HSM_PIN_SETTINGS = ['', '_FILE', '_COMMAND'].map((suffix) => `${HSM_PIN}${suffix}`);

function hsmPinSettings(text: (name: string) => string | undefined): Env {
  const set = HSM_PIN_SETTINGS.map((name) => [name, text(name)]);
  return Object.fromEntries(set.filter(([, value]) => value !== undefined)) as Env;
}

function parseHsm(
  text: (name: string) => string | undefined,
  sessions: number,
  problems: string[],
): HsmConfig | undefined {
  const value = text('SIMWRIGHT_HSM');
  if (value === undefined) {
    for (const name of HSM_PIN_SETTINGS) {
      if (text(name) !== undefined) problems.push(`${name} is set, but SIMWRIGHT_HSM is not`);
    }
    return undefined;
  }
  try {
    secretSource(HSM_PIN, hsmPinSettings(text));
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    problems.push(error.message);
  }
  try {
    const uri = parsePkcs11Uri(value);
    const { modulePath = '' } = uri;
    const problem = hsmProblem(uri);
    if (problem !== undefined) throw new Pkcs11UriError(problem);
    return { module: resolve(modulePath), token: uri.token, sessions };
  } catch (error) {
    if (!(error instanceof Pkcs11UriError)) throw error;
    // The value may hold a PIN, so it is not repeated.
    problems.push(`SIMWRIGHT_HSM ${error.message}`);
    return undefined;
  }
}

function hsmProblem({ attributes, token, modulePath }: Pkcs11Uri): string | undefined {
  if (attributes.has('pin-value') || attributes.has('pin-source')) {
    return `must not have a PIN; set ${HSM_PIN_SETTINGS.join(', ')}`;
  }
  if (attributes.has('object') || attributes.has('id') || attributes.has('type')) {
    return 'must name a token, not a key: keys are found by the public keys of their certificates';
  }
  if (token.token === undefined && token.serial === undefined) {
    return 'must have token= or serial= (numbers of slots change); see: simwright hsm show --help';
  }
  if (modulePath === undefined) {
    return "must have module-path=, the file of the HSM's PKCS #11 module, after a ?";
  }
  if (!existsSync(modulePath)) {
    return `must have the file of a PKCS #11 module as its module-path; there is no ${resolve(modulePath)}`;
  }
  return undefined;
}

const RENTED_SMDP = {
  certificateFile: 'SIMWRIGHT_SMDP_CERTIFICATE',
  keyFile: 'SIMWRIGHT_SMDP_KEY',
  caFile: 'SIMWRIGHT_SMDP_CA',
} as const;

const ONLY_RENTED = [
  'SIMWRIGHT_SMDP_REPORTERS',
  'SIMWRIGHT_SMDP_PROFILE_TYPE',
  'SIMWRIGHT_ES2_CERTIFICATE',
  'SIMWRIGHT_ES2_KEY',
];

function parseRentedSmdp(
  text: (name: string) => string | undefined,
  problems: string[],
): RentedSmdpConfig | undefined {
  const value = text('SIMWRIGHT_SMDP');
  if (value === undefined) {
    for (const name of [...Object.values(RENTED_SMDP), ...ONLY_RENTED]) {
      if (text(name) !== undefined) problems.push(`${name} is set, but SIMWRIGHT_SMDP is not`);
    }
    return undefined;
  }
  const url = value.startsWith('es2plus:') ? URL.parse(value.slice('es2plus:'.length)) : null;
  const isRoot = url?.pathname === '/' && url.search === '' && url.hash === '';
  if (url?.protocol !== 'https:' || !isRoot || url.username !== '') {
    problems.push(`SIMWRIGHT_SMDP must be es2plus:https://HOST[:PORT]; it is '${value}'`);
  }
  const file = (name: string): string => {
    const path = text(name);
    if (path === undefined) {
      problems.push(`${name} must be a PEM file, because SIMWRIGHT_SMDP is a rented SM-DP+`);
    } else if (!existsSync(path)) {
      problems.push(`${name} must be a file; there is no ${resolve(path)}`);
    }
    return resolve(path ?? '');
  };
  const reporters = (text('SIMWRIGHT_SMDP_REPORTERS') ?? '')
    .split(',')
    .flatMap((item) => item.replaceAll(/[:\s]/g, '').toUpperCase() || []);
  if (!reporters.every((item) => /^[0-9A-F]{64}$/.test(item))) {
    problems.push('SIMWRIGHT_SMDP_REPORTERS must be SHA-256 fingerprints, separated by commas');
  }
  const own = {
    certificateFile: file(RENTED_SMDP.certificateFile),
    keyFile: file(RENTED_SMDP.keyFile),
    caFile: file(RENTED_SMDP.caFile),
  };
  const es2 = text('SIMWRIGHT_ES2_CERTIFICATE');
  if ((es2 === undefined) !== (text('SIMWRIGHT_ES2_KEY') === undefined)) {
    problems.push('SIMWRIGHT_ES2_CERTIFICATE and SIMWRIGHT_ES2_KEY go together; one is missing');
  }
  return {
    url: url?.href ?? '',
    ...own,
    es2CertificateFile: es2 === undefined ? own.certificateFile : file('SIMWRIGHT_ES2_CERTIFICATE'),
    es2KeyFile: es2 === undefined ? own.keyFile : file('SIMWRIGHT_ES2_KEY'),
    profileType: text('SIMWRIGHT_SMDP_PROFILE_TYPE'),
    requester: text('SIMWRIGHT_SMDP_REQUESTER') ?? 'simwright',
    reporters,
  };
}

export function parseDatabaseUrl(
  value: string | undefined,
  data: string,
  problems: string[],
): DatabaseConfig {
  if (value === undefined) return { kind: 'sqlite', file: `${data}/simwright.db` };
  if (/^postgres(ql)?:\/\//.test(value)) {
    try {
      parsePostgresUrl(value);
    } catch (error) {
      problems.push(`SIMWRIGHT_DATABASE_URL ${(error as Error).message}`);
    }
    return { kind: 'postgres', url: value };
  }
  const file = /^sqlite:(?:\/\/)?(.+)$/.exec(value)?.[1];
  if (file === undefined) {
    // The value may hold a password, so it is not repeated.
    problems.push('SIMWRIGHT_DATABASE_URL must begin with sqlite: or postgres://');
  }
  return { kind: 'sqlite', file: resolve(file ?? '') };
}
