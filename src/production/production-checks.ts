// What a server in production should have, besides its certificates: docs/going-live.md says why.
import { resolve, sep } from 'node:path';
import type { Config, Secrets } from '../config.ts';
import { shortKeyId } from '../process/keys.ts';
import { looseModeWarning } from '../process/private-files.ts';
import { fault, ok, warning } from '../smdp/check/finding.ts';
import type { Finding, Judgement } from '../smdp/check/finding.ts';

export interface Production {
  config: Config;
  secrets: Secrets;
  /** Whether subscriptions of the test network are in stock. */
  hasTestStock: boolean;
  /** Accounts whose programs can only use the auth token. */
  withoutKeys: readonly string[];
  /** Since when a rotation of the master key is under way. */
  rotatingSince: Date | undefined;
  masterKeyId: string;
  /** Whether servers may not start yet, since the database is a restored past. */
  isPast: boolean;
}

type Check = (given: Production) => Judgement | undefined;

/** By the names under which docs/going-live.md explains them. */
export const PRODUCTION_CHECKS: Readonly<Record<string, Check>> = {
  'public URL': checkPublicUrl,
  'data folder': checkDataFolder,
  'master key': checkMasterKey,
  'readers of the master key': checkReaders,
  'rotation of the master key': checkRotation,
  'database connection': checkConnection,
  'restored past': checkPast,
  'test stock': checkTestStock,
  'test subscriptions': checkTestSubscriptions,
  'test matching IDs': checkMatchingIds,
  'check digits': checkDigits,
  'callbacks to own networks': checkCallbacks,
  'addresses of clients': checkProxies,
  'API keys': checkKeys,
  'retention of the RSP log': checkLog,
  'lifetime of orders': checkLifetime,
  metrics: checkMetrics,
  draining: checkDraining,
};

/** In the order of the list, without those that do not apply. */
export const checkProduction = (given: Production): Finding[] =>
  Object.entries(PRODUCTION_CHECKS).flatMap(([check, judge]) => {
    const judgement = judge(given);
    return judgement === undefined ? [] : [{ check, subject: 'Server', ...judgement }];
  });

function checkPublicUrl({ config: { publicUrl } }: Production): Judgement {
  const expected = 'SIMWRIGHT_PUBLIC_URL with https: every URL in a response begins with it';
  const advice = 'put a proxy with TLS in front of the API, and set its address';
  if (publicUrl === undefined) return fault('it is not set', expected, advice);
  return publicUrl.startsWith('https:')
    ? ok(publicUrl, expected)
    : warning(publicUrl, expected, advice);
}

function checkDataFolder({ config: { data } }: Production): Judgement {
  const expected = 'SIMWRIGHT_DATA outside of where Simwright is installed';
  const isWithin = `${data}${sep}`.startsWith(`${resolve('.')}${sep}`);
  return isWithin
    ? warning(
        data,
        expected,
        'move it, for instance to /var/lib/simwright: an upgrade may replace this folder',
      )
    : ok(data, expected);
}

function checkMasterKey({ config: { masterKeyFile, data }, secrets }: Production): Judgement {
  const expected = 'the master key apart from the database, so that a copy of one is worth nothing';
  if (secrets.masterKeyCommand !== undefined) return ok('printed by a command', expected);
  if (secrets.masterKey !== undefined) return ok('in a setting', expected);
  return masterKeyFile.startsWith(`${data}${sep}`)
    ? warning(masterKeyFile, expected, 'move it, and set SIMWRIGHT_MASTER_KEY_FILE')
    : ok(masterKeyFile, expected);
}

function checkReaders({ config: { masterKeyFile }, secrets }: Production): Judgement | undefined {
  if (secrets.masterKey !== undefined) return undefined;
  const expected = 'only its owner can read the file of the master key';
  const loose = looseModeWarning(masterKeyFile);
  return loose === undefined
    ? ok('only its owner', expected)
    : fault(loose, expected, `chmod 600 ${masterKeyFile}`);
}

function checkRotation({ rotatingSince, masterKeyId }: Production): Judgement {
  const expected = 'no rotation under way';
  return rotatingSince === undefined
    ? ok(`the key is ${shortKeyId(masterKeyId)}`, expected)
    : warning(
        `one since ${rotatingSince.toISOString()}`,
        expected,
        'simwright key rotate goes on with it',
      );
}

function checkConnection({ config: { database } }: Production): Judgement | undefined {
  if (database.kind === 'sqlite') return undefined;
  const expected = 'PostgreSQL on this machine, or over TLS with its certificate verified';
  const isHere = /@?(localhost|127\.0\.0\.1|\[::1\])[:/]|host=(\/|%2F)/i.test(database.url);
  if (isHere || /sslmode=verify-full/.test(database.url)) return ok('it is so', expected);
  return warning(
    'another machine, without sslmode=verify-full',
    expected,
    'add ?sslmode=verify-full to the URL',
  );
}

function checkPast({ isPast }: Production): Judgement {
  const expected = 'no restored past that nobody has looked at';
  return isPast
    ? fault('the database is a restored past', expected, 'simwright restore status')
    : ok('none', expected);
}

function checkTestStock({ config: { testStock, rentedSmdp } }: Production): Judgement | undefined {
  if (rentedSmdp !== undefined) return undefined;
  const expected = 'SIMWRIGHT_TEST_STOCK=0';
  return testStock === 0
    ? ok('0', expected)
    : warning(
        `${testStock}: a database that is made anew begins with so many`,
        expected,
        'set it to 0',
      );
}

function checkTestSubscriptions({ hasTestStock, config }: Production): Judgement | undefined {
  if (config.rentedSmdp !== undefined) return undefined;
  const expected = 'no subscriptions of the test network 001 01 in stock';
  return hasTestStock
    ? fault(
        'there are some, and orders get them',
        expected,
        'begin with an empty database and SIMWRIGHT_TEST_STOCK=0',
      )
    : ok('none', expected);
}

function checkMatchingIds({ config: { testMatchingIds } }: Production): Judgement {
  const expected = 'SIMWRIGHT_TEST_MATCHING_IDS=off: they may be so short that they can be guessed';
  return testMatchingIds ? fault('on', expected, 'set it to off') : ok('off', expected);
}

function checkDigits({ config: { eidCheckDigits, iccidCheckDigit } }: Production): Judgement {
  const expected = 'check digits of EIDs and ICCIDs are verified';
  const off = [
    ...(eidCheckDigits ? [] : ['SIMWRIGHT_EID_CHECK_DIGITS']),
    ...(iccidCheckDigit ? [] : ['SIMWRIGHT_ICCID_CHECK_DIGIT']),
  ];
  return off.length === 0
    ? ok('they are', expected)
    : warning(
        `off: ${off.join(', ')}`,
        expected,
        'turn them on, unless your cards have other ones',
      );
}

function checkCallbacks({ config: { callbackPrivateNetworks } }: Production): Judgement {
  const expected = 'SIMWRIGHT_CALLBACK_PRIVATE_NETWORKS=off: tenants say where callbacks go';
  return callbackPrivateNetworks
    ? warning('on', expected, 'turn it off, unless all receivers are yours and in your network')
    : ok('off', expected);
}

function checkProxies({
  config: { trustedProxies, publicUrl },
}: Production): Judgement | undefined {
  if (publicUrl?.startsWith('https:') !== true) return undefined;
  const expected =
    'SIMWRIGHT_TRUSTED_PROXIES names the proxy, so that clients are known by their own addresses';
  return trustedProxies.length === 0
    ? warning('none', expected, 'set it to the address of the proxy, for instance 127.0.0.1')
    : ok(trustedProxies.join(', '), expected);
}

function checkKeys({ withoutKeys }: Production): Judgement {
  const expected = 'each account has API keys, with no more rights than its programs need';
  return withoutKeys.length === 0
    ? ok('they have', expected)
    : warning(
        `accounts without one: ${withoutKeys.slice(0, 5).join(', ')}`,
        expected,
        'simwright key create --name shop --scope orders',
      );
}

function checkLog({ config: { logRetentionDays } }: Production): Judgement {
  const expected = 'SIMWRIGHT_LOG_RETENTION_DAYS: the RSP log has EIDs and addresses';
  return logRetentionDays === undefined
    ? warning('kept for ever', expected, 'set it to as long as you need it, for instance 90')
    : ok(`${logRetentionDays} days`, expected);
}

function checkLifetime({ config: { orderLifetimeDays } }: Production): Judgement {
  const expected = 'SIMWRIGHT_ORDER_LIFETIME_DAYS: an unused activation code ends';
  return orderLifetimeDays === undefined
    ? warning('valid for ever', expected, 'set it, for instance to 90')
    : ok(`${orderLifetimeDays} days`, expected);
}

function checkMetrics({ config: { metricsPort } }: Production): Judgement {
  const expected = 'metrics on a port of their own, for alerts';
  return metricsPort === undefined
    ? warning('off', expected, 'set SIMWRIGHT_METRICS_PORT, and let Prometheus scrape it')
    : ok('on', expected);
}

function checkDraining({ config: { database, drainMs } }: Production): Judgement | undefined {
  if (database.kind === 'sqlite') return undefined;
  const expected = 'SIMWRIGHT_DRAIN_SECONDS: longer than a proxy needs to notice that a node ends';
  return drainMs === 0
    ? warning('0', expected, 'set it, for instance to 10')
    : ok(`${drainMs / 1_000} seconds`, expected);
}
