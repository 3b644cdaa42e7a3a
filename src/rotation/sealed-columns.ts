// Every column in which something is sealed with the master key, and for which place.
import { confirmationPlace } from '../eim/operations/download.ts';
import { keyPlace as eimKeyPlace } from '../eim/server-keys.ts';
import { authTokenPlace } from '../operator/account/account.ts';
import { partPlace, samePlace } from '../operator/batch/batch-part.ts';
import { resealCallbackUrl, sealedIn } from '../operator/callback-url.ts';
import { orderPlace } from '../operator/confirmation-code.ts';
import { callPlace } from '../operator/rented/task-state.ts';
import { taskPlace } from '../operator/rented/task.ts';
import type { MasterKey } from '../process/keys.ts';
import { seedPlace } from '../smdp/download/profile-binding.ts';
import { caKeyPlace } from '../smdp/operators/operator-ca.ts';
import { digestPlace } from '../smdp/orders/confirmation-code.ts';
import { packagePlace, templatePlace, versionOf } from '../smdp/package/sealed-package.ts';
import { privateKeyPlace } from '../smdp/pki/pki-certificate.ts';
import { secretsPlace } from '../smdp/stock/subscription.ts';
import type { SealedRow, SealedTableName } from '../store/master-keys.ts';
import type { Tables } from '../store/schema.ts';

/** How the value of a column is sealed anew; undefined: the current key has sealed it, or nothing is sealed in it. */
type Reseal = (value: string, row: SealedRow, masterKey: MasterKey) => string | undefined;

interface SealedColumn {
  /** Whether it holds a URL in which user and password are sealed. */
  isUrl: boolean;
  reseal: Reseal;
  /** Columns that become others with it. */
  alongWith?: (sealedAnew: string) => Record<string, string>;
  /** What is sealed in a value, if anything is. */
  sealedIn: (value: string) => string | undefined;
}

/** @param placeOf of a row, of which it is given the primary key */
function sealed(
  placeOf: (row: never) => string,
  others: Pick<SealedColumn, 'alongWith'> = {},
): SealedColumn {
  return {
    ...others,
    isUrl: false,
    reseal(value, row, masterKey) {
      if (value === '' || masterKey.isCurrent(value)) return undefined;
      const place = placeOf(row as never);
      return masterKey.seal(masterKey.open(value, place), place);
    },
    // Empty: one that an older version did not keep.
    sealedIn: (value) => (value === '' ? undefined : value),
  };
}

const VERSIONED = { alongWith: (text: string) => ({ version: versionOf(text) }) };

const url = (account: 'sid' | 'account_sid' = 'account_sid'): SealedColumn => ({
  isUrl: true,
  reseal: (value, row, masterKey) => resealCallbackUrl(value, String(row[account]), masterKey),
  sealedIn,
});

/** Small ones first, so that what is wrong shows early. */
const SEALED_COLUMNS = {
  accounts: {
    auth_token: sealed(({ sid }: Tables['accounts']) => authTokenPlace(sid)),
    callback_url: url('sid'),
  },
  pki_certificates: {
    private_key: sealed(({ fingerprint }: Tables['pki_certificates']) =>
      privateKeyPlace(fingerprint),
    ),
  },
  eim_keys: { private_key: sealed(eimKeyPlace) },
  operator_cas: {
    private_key: sealed(({ fingerprint }: Tables['operator_cas']) => caKeyPlace(fingerprint)),
  },
  stock_thresholds: { callback_url: url() },
  euiccs: { callback_url: url() },
  eim_operations: { confirmation_code: sealed(confirmationPlace), callback_url: url() },
  profile_templates: {
    template: sealed(
      ({ account_sid, profile_type }: Tables['profile_templates']) =>
        templatePlace(account_sid, profile_type),
      VERSIONED,
    ),
  },
  es2plus_tasks: { task: sealed(taskPlace) },
  es2plus_calls: {
    request: sealed((row: Tables['es2plus_calls']) => callPlace(row, 'request')),
    answer: sealed((row: Tables['es2plus_calls']) => callPlace(row, 'answer')),
  },
  batches: { same_order: sealed(samePlace), callback_url: url() },
  batch_parts: {
    orders: sealed((row: Tables['batch_parts']) => partPlace('orders', row)),
    errors: sealed((row: Tables['batch_parts']) => partPlace('errors', row)),
  },
  bulk_operations: { callback_url: url() },
  callbacks: { url: url() },
  sims: { callback_url: url() },
  esim_profiles: {
    confirmation_code: sealed(({ account_sid, sid }: Tables['esim_profiles']) =>
      orderPlace(account_sid, sid),
    ),
    callback_url: url(),
  },
  profile_packages: {
    package: sealed(
      ({ account_sid, iccid }: Tables['profile_packages']) => packagePlace(account_sid, iccid),
      VERSIONED,
    ),
  },
  subscriptions: {
    secrets: sealed(({ account_sid, iccid }: Tables['subscriptions']) =>
      secretsPlace(account_sid, iccid),
    ),
    confirmation_code: sealed(({ account_sid, iccid }: Tables['subscriptions']) =>
      digestPlace(account_sid, iccid),
    ),
    smdp_otsk: sealed(seedPlace),
  },
} satisfies Partial<Record<SealedTableName, Record<string, SealedColumn>>>;

export type SealedTable = keyof typeof SEALED_COLUMNS;
export const SEALED_TABLES = Object.keys(SEALED_COLUMNS) as SealedTable[];

export const isSealedTable = (table: string): table is SealedTable => table in SEALED_COLUMNS;

export const columnsOf = (table: SealedTable): [string, SealedColumn][] =>
  Object.entries(SEALED_COLUMNS[table]);

/** By column, what is sealed in a row. */
export function sealedValues(table: SealedTable, row: SealedRow): [string, string][] {
  return columnsOf(table).flatMap(([column, { sealedIn: read }]): [string, string][] => {
    const value = row[column];
    const found = typeof value === 'string' ? read(value) : undefined;
    return found === undefined ? [] : [[column, found]];
  });
}
