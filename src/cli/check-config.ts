import { Command } from 'commander';
import { HSM_PIN } from '../config/signer.ts';
import { readConfig, SETTINGS } from '../config.ts';
import type { Config, DatabaseConfig, Secrets, Settings } from '../config.ts';
import { eimIdOf } from '../eim/server-keys.ts';
import { formatTokenUri } from '../pkcs11/uri.ts';
import { formatSmdsAddresses } from '../smdp/smds/smds-address.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { renderFields } from './table.ts';

type SettingName = (typeof SETTINGS)[number][0];

/** `simwright check-config` */
export function checkConfigCommand(): Command {
  return new Command('check-config')
    .description('print the settings in force, or everything that is wrong with them')
    .addOption(jsonOption())
    .addHelpText('after', '\nSecrets are not shown. Nothing is opened or created.')
    .addHelpText('after', examples(['SIMWRIGHT_PORT=8080 simwright check-config']))
    .action((options: JsonOption) => {
      const values = effective(readConfig());
      if (options.json) printJson(values);
      else print(renderFields(SETTINGS.map(([name]) => [name, values[name]])));
    });
}

function effective({ config, secrets, elsewhere }: Settings): Record<SettingName, string> {
  const { rentedSmdp: rented } = config;
  const or = (name: SettingName) => elsewhere[name] ?? 'not set';
  return {
    SIMWRIGHT_HOST: config.host,
    SIMWRIGHT_PORT: String(config.port),
    SIMWRIGHT_PUBLIC_URL: config.publicUrl ?? 'the address that the server listens on',
    SIMWRIGHT_ES9_HOST: config.es9Host,
    SIMWRIGHT_ES9_PORT: String(config.es9Port),
    SIMWRIGHT_ES2_HOST: config.es2Host,
    SIMWRIGHT_ES2_PORT: config.es2Port === undefined ? 'off' : String(config.es2Port),
    SIMWRIGHT_ESIPA_HOST: config.esipaHost,
    SIMWRIGHT_ESIPA_PORT: config.esipaPort === undefined ? 'off' : String(config.esipaPort),
    SIMWRIGHT_EIM_FQDN: config.eimFqdn.replace(/:0$/, ': and the port that ESipa chooses'),
    SIMWRIGHT_EIM_ID: eimIdOf(config),
    SIMWRIGHT_EIM_SMDPS: config.eimSmdps === 'any' ? 'any' : config.eimSmdps.join(', ') || 'off',
    SIMWRIGHT_EIM_SMDP_CA:
      config.eimSmdpCa === undefined || config.eimSmdpCa === 'public'
        ? (config.eimSmdpCa ?? 'off')
        : config.eimSmdpCa.file,
    SIMWRIGHT_EIM_CI: config.eimCiFile ?? 'none',
    SIMWRIGHT_METRICS_HOST: config.metricsHost,
    SIMWRIGHT_METRICS_PORT:
      config.metricsPort === undefined
        ? 'off'
        : `${config.metricsPort}${config.isMetricsPortChosen ? '' : ', if it is free'}`,
    SIMWRIGHT_TRUSTED_PROXIES: config.trustedProxies.join(', ') || 'none',
    SIMWRIGHT_SMDP_ADDRESS: config.smdpAddress.replace(/:0$/, ': and the port that ES9+ chooses'),
    SIMWRIGHT_SMDP: rented === undefined ? 'the built-in one' : `es2plus:${rented.url}`,
    SIMWRIGHT_SMDP_CERTIFICATE: rented?.certificateFile ?? 'none',
    SIMWRIGHT_SMDP_KEY: rented?.keyFile ?? 'none',
    SIMWRIGHT_ES2_CERTIFICATE: rented?.es2CertificateFile ?? 'none',
    SIMWRIGHT_ES2_KEY: rented?.es2KeyFile ?? 'none',
    SIMWRIGHT_SMDP_CA: rented?.caFile ?? 'none',
    SIMWRIGHT_SMDP_REQUESTER: rented?.requester ?? 'none',
    SIMWRIGHT_SMDP_PROFILE_TYPE: rented?.profileType ?? 'none',
    SIMWRIGHT_SMDP_REPORTERS: rented?.reporters.join(', ') || 'those for its host',
    SIMWRIGHT_SMDP_PATIENCE_DAYS: String(config.smdpPatienceDays),
    SIMWRIGHT_SMDS: formatSmdsAddresses(config.smds).replaceAll(' ', ', ') || 'off',
    SIMWRIGHT_DRAIN_SECONDS: String(config.drainMs / 1_000),
    SIMWRIGHT_WORKERS: String(config.workers),
    SIMWRIGHT_DATA: config.data,
    SIMWRIGHT_DATABASE_URL: databaseUrl(config.database),
    SIMWRIGHT_DATABASE_URL_FILE: or('SIMWRIGHT_DATABASE_URL_FILE'),
    SIMWRIGHT_DATABASE_URL_COMMAND: or('SIMWRIGHT_DATABASE_URL_COMMAND'),
    SIMWRIGHT_SQLITE_CACHE_MB: String(config.sqliteCacheMb),
    SIMWRIGHT_MASTER_KEY:
      secrets.masterKey === undefined || secrets.masterKeyCommand !== undefined
        ? 'not set'
        : 'set, not shown',
    SIMWRIGHT_MASTER_KEY_FILE:
      secrets.masterKey === undefined
        ? config.masterKeyFile
        : `not used: SIMWRIGHT_MASTER_KEY${secrets.masterKeyCommand === undefined ? '' : '_COMMAND'} is set`,
    SIMWRIGHT_MASTER_KEY_COMMAND: or('SIMWRIGHT_MASTER_KEY_COMMAND'),
    SIMWRIGHT_ACCOUNT_SID: secrets.account?.sid ?? 'made at first start',
    SIMWRIGHT_AUTH_TOKEN: secrets.account === undefined ? 'made at first start' : 'set, not shown',
    SIMWRIGHT_AUTH_TOKEN_FILE: or('SIMWRIGHT_AUTH_TOKEN_FILE'),
    SIMWRIGHT_AUTH_TOKEN_COMMAND: or('SIMWRIGHT_AUTH_TOKEN_COMMAND'),
    SIMWRIGHT_TEST_STOCK: String(config.testStock),
    SIMWRIGHT_EID_CHECK_DIGITS: config.eidCheckDigits ? 'on' : 'off',
    SIMWRIGHT_ICCID_CHECK_DIGIT: config.iccidCheckDigit ? 'on' : 'off',
    SIMWRIGHT_TEST_MATCHING_IDS: config.testMatchingIds ? 'on' : 'off',
    SIMWRIGHT_MAX_REQUESTS: String(config.maxRequests),
    SIMWRIGHT_MAX_CONCURRENT_REQUESTS: String(config.maxConcurrentRequests),
    SIMWRIGHT_MAX_REQUESTS_PER_MINUTE: orOff(config.maxRequestsPerMinute),
    SIMWRIGHT_MAX_ADDRESS_REQUESTS_PER_MINUTE: orOff(config.maxAddressRequestsPerMinute),
    SIMWRIGHT_MAX_ES9_CALLS_PER_MINUTE: orOff(config.maxEs9CallsPerMinute),
    SIMWRIGHT_MAX_EVENT_STREAMS: String(config.maxEventStreams),
    SIMWRIGHT_MAX_EXPORTS: String(config.maxExports),
    SIMWRIGHT_CALLBACK_PRIVATE_NETWORKS: config.callbackPrivateNetworks ? 'on' : 'off',
    SIMWRIGHT_PROGRESS_RETRY_HOURS: String(config.progressRetryHours),
    SIMWRIGHT_ORDER_LIFETIME_DAYS: orOff(config.orderLifetimeDays),
    SIMWRIGHT_CRL_FETCH: config.crlFetch ? 'on' : 'off',
    SIMWRIGHT_OUTDATED_CRL: config.outdatedCrl,
    SIMWRIGHT_SIGNER: config.signer ?? 'none',
    ...hsmSettings(config, secrets),
    SIMWRIGHT_INSTALL_TEXTS:
      config.installTexts === undefined
        ? 'none'
        : `${config.installTexts}: ${[...config.installLanguages.keys()].join(', ')}`,
    SIMWRIGHT_LOG_RETENTION_DAYS: orOff(config.logRetentionDays),
    SIMWRIGHT_AUDIT_RETENTION_DAYS: String(config.auditRetentionDays),
    SIMWRIGHT_LOG_LEVEL: config.logLevel,
  };
}

function hsmSettings({ hsm }: Config, { hsmPin }: Secrets) {
  const pinOf = (name: string) => hsmPin[name] || 'none';
  return {
    SIMWRIGHT_HSM: hsm === undefined ? 'none' : formatTokenUri(hsm.token, hsm.module),
    SIMWRIGHT_HSM_PIN: hsmPin[HSM_PIN] ? 'set, not shown' : 'none',
    SIMWRIGHT_HSM_PIN_FILE: pinOf('SIMWRIGHT_HSM_PIN_FILE'),
    SIMWRIGHT_HSM_PIN_COMMAND: pinOf('SIMWRIGHT_HSM_PIN_COMMAND'),
    SIMWRIGHT_HSM_SESSIONS: String(hsm?.sessions ?? 4),
  };
}

const orOff = (value: number | undefined) => (value === undefined ? 'off' : String(value));

/** Without possible secrets: the password, and any parameters. */
function databaseUrl(database: DatabaseConfig): string {
  if (database.kind === 'sqlite') return `sqlite:${database.file}`;
  const url = URL.parse(database.url);
  if (url === null) return severalHosts(database.url);
  if (url.password !== '') url.password = '***';
  for (const name of url.searchParams.keys()) {
    if (/pass/i.test(name)) url.searchParams.set(name, '***');
  }
  return url.href;
}

/** Not a URL by the WHATWG's rules. */
const severalHosts = (url: string) =>
  url
    .replace(/^(postgres(?:ql)?:\/\/[^:@/]*):[^@/]*@/, '$1:***@')
    .replace(/([?&][^=&]*pass[^=&]*)=[^&]*/gi, '$1=***');
