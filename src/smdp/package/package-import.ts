// Imports ready profile packages from a folder: all or none, and idempotent.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../../context.ts';
import { checkProfilePackage } from '../../saip/check.ts';
import { readIdentity } from '../../saip/identity.ts';
import type { ProfileElement } from '../../saip/profile-element.ts';
import { decodeProfilePackage, elementsOf } from '../../saip/profile-element.ts';
import { SaipError } from '../../saip/saip-error.ts';
import { algorithmNameOf } from '../../saip/subscription.ts';
import { parseIccid } from '../../rsp/iccid.ts';
import type { SubscriptionRow } from '../../store/schema.ts';
import type { Transaction } from '../../store/store.ts';
import type { Unit } from '../../unit.ts';
import { checkIccid } from '../../values/iccid.ts';
import { PROFILE_TYPE_LIMIT } from '../../values/profile-type.ts';
import { openPackage, toPackageRow } from './sealed-package.ts';
import { DEFAULT_PROFILE_TYPE, toRow } from '../stock/subscription.ts';
import type { Subscription, SubscriptionSecrets } from '../stock/subscription.ts';

const SUFFIX = '.der';

/** The files have errors; nothing was imported. */
export class PackagesRefused extends Error {
  override name = 'PackagesRefused';
  readonly problems: { file: string; text: string }[];

  constructor(problems: { file: string; text: string }[]) {
    super(`${problems.length} problems in the profile packages`);
    this.problems = problems;
  }
}

export interface PackageImportOptions {
  accountSid: string;
  /** Only checks the files. */
  dryRun: boolean;
  /** As in `checkIccid`. */
  iccidCheckDigit: boolean;
  onProgress: (done: number, of: number) => void;
}

export interface PackagesImported {
  /** With `dryRun`, the number that would be. */
  added: number;
  replaced: number;
  /** Already stored, byte for byte the same. */
  known: number;
  /** Subscriptions that were not in stock and were created from their packages. */
  subscriptions: number;
}

/** Throws `PackagesRefused` with all errors. */
export async function importPackages(
  folder: string,
  options: PackageImportOptions,
  { store, masterKey, transact }: Pick<Context, 'store' | 'masterKey' | 'transact'>,
): Promise<PackagesImported> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(SUFFIX)).toSorted();
  if (files.length === 0) {
    throw new PackagesRefused([{ file: folder, text: `expected files *${SUFFIX}; got none` }]);
  }
  const digests = new Map<string, string>();
  const counted = await importAll(store);
  if (options.dryRun) return counted;
  return transact(async (unit) => {
    const imported = await importAll(unit.tables, unit.now);
    const { added, replaced } = imported;
    if (added + replaced > 0) {
      const each = Array.from(digests, ([file, digest]) => `${file} ${digest}\n`);
      const digest = `SHA-256 ${createHash('sha256').update(each.join('')).digest('hex')}`;
      const after = { ...imported, digest };
      await unit.audit(options.accountSid, { subject: 'profile packages', after });
    }
    return imported;
  });

  /** @param now their creation time; if absent, they are only checked */
  async function importAll(tables: Transaction, now?: Date): Promise<PackagesImported> {
    const result: PackagesImported = { added: 0, replaced: 0, known: 0, subscriptions: 0 };
    const problems: PackagesRefused['problems'] = [];
    const fileOf = new Map<string, string>();
    for (const [index, file] of files.entries()) {
      const upp = Uint8Array.from(await readFile(join(folder, file)));
      const digest = createHash('sha256').update(upp).digest('hex');
      if (now !== undefined && digests.get(file) !== digest) {
        throw new PackagesRefused([{ file, text: 'it was changed while it was being imported' }]);
      }
      digests.set(file, digest);
      const read = readPackage(upp, file, options.iccidCheckDigit);
      if ('problems' in read) {
        problems.push(...read.problems.map((text) => ({ file, text })));
        continue;
      }
      const { iccid } = read;
      const first = fileOf.get(iccid);
      if (first !== undefined) {
        problems.push({ file, text: `expected each ICCID once; ${iccid} is in ${first}, too` });
        continue;
      }
      fileOf.set(iccid, file);
      const placed = await placeOne(upp, read, tables);
      if (typeof placed === 'string') {
        problems.push({ file, text: placed });
        continue;
      }
      result[placed.as]++;
      if (placed.missing) result.subscriptions++;
      if (now !== undefined) await write(upp, read, placed, { tables, now });
      options.onProgress(index + 1, files.length);
    }
    if (problems.length > 0) throw new PackagesRefused(problems);
    return result;
  }

  async function placeOne(
    upp: Uint8Array,
    read: Subscription,
    tables: Transaction,
  ): Promise<Placed | string> {
    const { accountSid } = options;
    const row = await tables.subscriptions.find(accountSid, read.iccid);
    const other = row && differs(row, read);
    if (other !== undefined) return other;
    const missing = row === undefined;
    const stored = await tables.profilePackages.find(accountSid, read.iccid);
    if (stored === undefined) return { as: 'added', missing };
    if (Buffer.compare(openPackage(stored, masterKey), upp) === 0) return { as: 'known', missing };
    if (missing || row.state === 'Available') return { as: 'replaced', missing };
    return `expected the stored package of ICCID ${read.iccid}, because it is ${row.state}; got another`;
  }

  async function write(
    upp: Uint8Array,
    read: Subscription,
    placed: Placed,
    { tables, now }: Pick<Unit, 'tables' | 'now'>,
  ): Promise<void> {
    const { accountSid } = options;
    if (placed.missing) {
      await tables.subscriptions.insertMany([toRow(read, accountSid, masterKey, now)]);
    }
    if (placed.as === 'known') return;
    const key = { accountSid, iccid: read.iccid };
    await tables.profilePackages.set(toPackageRow(upp, key, masterKey, now));
  }
}

interface Placed {
  as: 'added' | 'replaced' | 'known';
  /** Whether the subscription does not exist yet. */
  missing: boolean;
}

function differs(row: SubscriptionRow, { iccid, imsi }: Subscription): string | undefined {
  if (row.imsi === imsi) return undefined;
  return `expected IMSI ${row.imsi}, as ICCID ${iccid} has in stock; got ${imsi}`;
}

/** Reads the subscription of a package, or all errors in it. */
function readPackage(
  upp: Uint8Array,
  file: string,
  iccidCheckDigit: boolean,
): Subscription | { problems: string[] } {
  const problems = checkProfilePackage(upp).map(
    ({ where, message, rule }) => `${where}: ${message} (${rule})`,
  );
  if (problems.length > 0) return { problems };
  try {
    const elements = decodeProfilePackage(upp);
    const subscription = subscriptionOf(elements);
    if (typeof subscription === 'string') return { problems: [subscription] };
    const { iccid } = subscription;
    const problem = checkIccid(iccid, iccidCheckDigit) ?? checkName(file, iccid);
    return problem === undefined ? subscription : { problems: [`ICCID: ${problem}`] };
  } catch (error) {
    if (!(error instanceof SaipError)) throw error;
    return { problems: [error.message] };
  }
}

/** A file named after an ICCID must contain that one. */
function checkName(file: string, iccid: string): string | undefined {
  const words = file.split(/[^0-9A-Za-z]+/);
  const runs = file.match(/(?<!\d)89\d{16,18}(?!\d)/g) ?? [];
  const named = [...words, ...runs].flatMap((text) => parseIccid(text) ?? []);
  if (named.length === 0 || named.includes(iccid)) return undefined;
  return `expected ${named[0]}, as the file is named; got ${iccid}`;
}

function subscriptionOf(elements: readonly ProfileElement[]): Subscription | string {
  const iccid = readIdentity(elements, 'iccid');
  const imsi = readIdentity(elements, 'imsi');
  const secrets = akaSecretsOf(elements);
  if (iccid === undefined || imsi === undefined) return 'expected a USIM with an IMSI; got none';
  if (secrets === undefined) return 'expected the keys of the USIM; got none';
  const mncLength = readIdentity(elements, 'administrativeData')?.mncLength;
  const msisdn = readIdentity(elements, 'msisdn')?.replace('+', '');
  return {
    iccid,
    imsi,
    ...(msisdn === undefined || msisdn === '' ? {} : { msisdn }),
    ...(mncLength === undefined ? {} : { mncLength }),
    profileType: profileTypeOf(elements),
    secrets,
  };
}

function akaSecretsOf(elements: readonly ProfileElement[]): SubscriptionSecrets | undefined {
  for (const { value } of elementsOf(elements, 'akaParameter')) {
    const { algoConfiguration } = value;
    if (algoConfiguration.choice !== 'algoParameter') continue;
    const { algorithmID, key, opc } = algoConfiguration.value;
    const ki = hexOf(key);
    return algorithmNameOf(algorithmID) === 'tuak'
      ? { ki, topc: hexOf(opc) }
      : { ki, opc: hexOf(opc) };
  }
  return undefined;
}

/** The type in the header, if it is usable in orders. */
function profileTypeOf(elements: readonly ProfileElement[]): string {
  const profileType = elementsOf(elements, 'header')[0]?.value.profileType ?? '';
  const isUsable = /^\P{Cc}+$/u.test(profileType) && profileType.length <= PROFILE_TYPE_LIMIT;
  return isUsable ? profileType : DEFAULT_PROFILE_TYPE;
}

function hexOf(bytes: Uint8Array): string {
  return bytes.toHex().toUpperCase();
}
