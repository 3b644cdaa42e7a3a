import { openConfirmation } from '../eim/operations/download.ts';
import { openEimKey } from '../eim/server-keys.ts';
import { authTokenOf } from '../operator/account/account.ts';
import { openErrors, openOrders, openSameOrder } from '../operator/batch/batch-part.ts';
import { isInClear, openCallbackUrl } from '../operator/callback-url.ts';
import { openConfirmationCode } from '../operator/confirmation-code.ts';
import { KEY_CHECK } from '../process/keys.ts';
import type { MasterKey } from '../process/keys.ts';
import { openSeed } from '../smdp/download/profile-binding.ts';
import { openConfirmationCodeDigest } from '../smdp/orders/confirmation-code.ts';
import { openPackage, openTemplate } from '../smdp/package/sealed-package.ts';
import { openCaKey } from '../smdp/operators/operator-ca.ts';
import { fromPkiRow } from '../smdp/pki/pki-certificate.ts';
import { fromRow } from '../smdp/stock/subscription.ts';
import { CALLBACK_URL_COLUMNS } from '../store/callback-urls.ts';
import type { CallbackUrlTable } from '../store/callback-urls.ts';
import { isSealedTable, sealedValues } from '../rotation/sealed-columns.ts';
import type { SealedRow } from '../store/master-keys.ts';
import type { EsimProfileRow, SubscriptionRow, Tables } from '../store/schema.ts';
import { Settings } from '../store/settings.ts';
import { oneByOne, violation } from './invariant.ts';
import type { Evidence, Invariant, Violation } from './invariant.ts';
import { walk } from './slices.ts';
import type { WalkedTable } from './slices.ts';

export const seals: Invariant = {
  name: 'seals',
  promise:
    'Every sealed value opens with the master key in the place for which it was sealed, and none needs one that was replaced.',
  tables: ['accounts', 'subscriptions', 'esim_profiles', 'sims', 'callbacks', 'profile_packages'],
  check: (evidence) =>
    oneByOne(
      checkKey(evidence),
      each(evidence, 'accounts', ({ callback_url: url, ...row }, key) => [
        ['auth_token', () => authTokenOf(row, key)],
        ['callback_url', url && (() => openUrl(url, row.sid, key))],
      ]),
      each(evidence, 'pki_certificates', (row, key) => [
        ['private_key', row.private_key && (() => fromPkiRow(row, key))],
      ]),
      each(evidence, 'operator_cas', (row, key) => [
        ['private_key', row.private_key && (() => openCaKey(row, key))],
      ]),
      each(evidence, 'eim_keys', (row, key) => [['private_key', () => openEimKey(row, key)]]),
      each(evidence, 'eim_operations', ({ confirmation_code: code, ...row }, key) => [
        ['confirmation_code', code && (() => openConfirmation(row, code, key))],
      ]),
      each(evidence, 'profile_templates', (row, key) => [
        ['template', () => openTemplate(row, key)],
      ]),
      each(evidence, 'profile_packages', (row, key) => [['package', () => openPackage(row, key)]]),
      each(evidence, 'subscriptions', sealsOfProfile),
      each(evidence, 'esim_profiles', sealsOfOrder),
      each(evidence, 'batches', (row, key) => [
        ['same_order', () => openSameOrder(row, key)],
        ...sealsOfUrl('batches')(row, key),
      ]),
      each(evidence, 'batch_parts', (row, key) => [
        ['orders', () => openOrders(row, key)],
        ['errors', () => openErrors(row, key)],
      ]),
      each(evidence, 'sims', sealsOfUrl('sims')),
      each(evidence, 'callbacks', sealsOfUrl('callbacks')),
      each(evidence, 'es2plus_tasks', () => []),
      each(evidence, 'es2plus_calls', () => []),
      each(evidence, 'stock_thresholds', sealOfUrl),
      each(evidence, 'euiccs', sealOfUrl),
      each(evidence, 'eim_operations', sealOfUrl),
      each(evidence, 'bulk_operations', sealOfUrl),
    ),
};

/** A column, and what opens its value; without a value there is nothing to open. */
type Sealed = [column: string, open: (() => unknown) | '' | null | undefined];

function sealsOfProfile(row: SubscriptionRow, key: MasterKey): Sealed[] {
  const { smdp_otsk: seed } = row;
  return [
    ['secrets', () => fromRow(row, key)],
    ['confirmation_code', () => openConfirmationCodeDigest(row, key)],
    ['smdp_otsk', seed && (() => openSeed(row, seed, key))],
  ];
}

function sealsOfOrder(row: EsimProfileRow, key: MasterKey): Sealed[] {
  return [
    ['confirmation_code', () => openConfirmationCode(row, key)],
    ...sealsOfUrl('esim_profiles')(row, key),
  ];
}

const sealsOfUrl =
  <Table extends CallbackUrlTable>(table: Table) =>
  (row: Tables[Table], key: MasterKey): Sealed[] => {
    const column = CALLBACK_URL_COLUMNS[table];
    const url = (row as unknown as Record<string, string | null>)[column];
    return [[column, url && (() => openUrl(url, row.account_sid, key))]];
  };

/** Of tables that never had one in clear. */
const sealOfUrl = (
  {
    account_sid: account,
    callback_url: url,
  }: Pick<Tables['stock_thresholds'], 'account_sid' | 'callback_url'>,
  key: MasterKey,
): Sealed[] => [['callback_url', url && (() => openUrl(url, account, key))]];

function openUrl(url: string, accountSid: string, key: MasterKey): void {
  if (isInClear(url)) throw new Error('user and password are not sealed');
  openCallbackUrl(url, accountSid, key);
}

function each<Table extends WalkedTable>(
  evidence: Evidence,
  table: Table,
  sealsOf: (row: Tables[Table], key: MasterKey) => Sealed[],
): AsyncIterable<Violation> {
  return walk(evidence, table, (rows) =>
    (rows as Tables[Table][]).flatMap((row) => {
      const problems = sealsOf(row, evidence.masterKey).flatMap(([column, open]) => {
        const problem = open ? problemOf(open) : undefined;
        return problem === undefined ? [] : `${column}: ${problem}`;
      });
      return [...problems, ...retiredSeals(table, row, evidence)].map((problem) =>
        violation(ownerOf(row), nameOf(row), `${table}.${problem}`),
      );
    }),
  );
}

function retiredSeals(
  table: WalkedTable,
  row: object,
  { masterKey, retiredKeys }: Evidence,
): string[] {
  if (retiredKeys.size === 0 || !isSealedTable(table)) return [];
  return sealedValues(table, row as SealedRow).flatMap(([column, sealed]) => {
    const key = masterKey.nameOf(sealed);
    if (!retiredKeys.has(key)) return [];
    return `${column}: it is sealed with the master key ${key}, which was replaced; run simwright key rotate --again`;
  });
}

function problemOf(open: () => unknown): string | undefined {
  try {
    open();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

type Named = Partial<
  Record<'account_sid' | 'sid' | 'batch_sid' | 'iccid' | 'profile_type' | 'fingerprint', string>
>;

const ownerOf = (row: object) => ({ account_sid: (row as Named).account_sid ?? null });

function nameOf(row: object): string {
  const { sid, batch_sid, iccid, profile_type, fingerprint } = row as Named;
  return sid ?? batch_sid ?? iccid ?? profile_type ?? fingerprint ?? 'unknown';
}

async function* checkKey({ snapshots, masterKey }: Evidence): AsyncIterable<Violation> {
  const sealed = await snapshots.read((db) => new Settings(db).find(KEY_CHECK));
  const problem =
    sealed === undefined
      ? 'it is missing, so nothing proves which master key the database belongs to'
      : problemOf(() => masterKey.open(sealed, KEY_CHECK));
  if (problem !== undefined)
    yield violation({ account_sid: null }, `setting ${KEY_CHECK}`, problem);
}
