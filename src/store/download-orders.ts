// Subscriptions together with the eSIM Profile that has ordered them, in one look.
import type { Kysely, SelectQueryBuilder } from 'kysely';
import { run } from './compiled.ts';
import { constant } from './flavor.ts';
import type { PackageVersions } from './profile-packages.ts';
import type { EsimProfileRow, SubscriptionRow, Tables } from './schema.ts';

export interface FoundOrder {
  profile: SubscriptionRow;
  /** undefined: it is under no order. */
  esimProfile: EsimProfileRow | undefined;
  versions: PackageVersions;
}

type Joined = SubscriptionRow &
  Record<`order.${keyof EsimProfileRow}`, unknown> & {
    'version.template': string | null;
    'version.ready': string | null;
  };

const SUBSCRIPTION_COLUMNS = [
  'account_sid',
  'iccid',
  'imsi',
  'msisdn',
  'profile_type',
  'state',
  'eid',
  'matching_id',
  'ordered_by',
  'date_released',
  'secrets',
  'confirmation_code',
  'confirmation_code_attempts',
  'download_attempts',
  'euicc_otpk',
  'smdp_otsk',
  'date_created',
  'date_updated',
] as const satisfies (keyof SubscriptionRow)[];

const ORDER_COLUMNS = [
  'account_sid',
  'sid',
  'status',
  'iccid',
  'sim_sid',
  'eid',
  'smdp_plus_address',
  'matching_id',
  'activation_code',
  'error_code',
  'error_message',
  'generate_matching_id',
  'profile_type',
  'confirmation_code',
  'callback_url',
  'callback_method',
  'date_created',
  'date_updated',
  'resource',
] as const satisfies (keyof EsimProfileRow)[];

export class DownloadOrders {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async find(accountSid: string, iccid: string): Promise<FoundOrder | undefined> {
    const { rows } = await run(this.#db, 'downloadOrders.find', { accountSid, iccid }, (given) =>
      this.#joined()
        .where('s.account_sid', '=', given.accountSid)
        .where('s.iccid', '=', given.iccid),
    );
    return rows.map(split)[0];
  }

  /** Of the profiles whose order has this MatchingID: one, unless somebody chose it twice. */
  async findByMatchingId(matchingId: string): Promise<FoundOrder[]> {
    const { rows } = await run(
      this.#db,
      'downloadOrders.findByMatchingId',
      { matchingId },
      (given) =>
        this.#joined()
          .where('s.matching_id', '=', given.matchingId)
          .where('s.matching_id', '<>', constant(''))
          .limit(2),
    );
    return rows.map(split);
  }

  /** Of the profiles that were ordered for an EID, or downloaded by it, by ICCID. */
  async findByEid(eid: string): Promise<FoundOrder[]> {
    const { rows } = await run(this.#db, 'downloadOrders.findByEid', { eid }, (given) =>
      this.#joined().where('s.eid', '=', given.eid).orderBy('s.iccid'),
    );
    return rows.map(split);
  }

  #joined() {
    const joined = this.#db
      .selectFrom('subscriptions as s')
      .leftJoin('esim_profiles as e', (on) =>
        on.onRef('e.account_sid', '=', 's.account_sid').onRef('e.sid', '=', 's.ordered_by'),
      )
      .select(SUBSCRIPTION_COLUMNS.map((column) => `s.${column}` as const))
      .leftJoin('profile_templates as t', (on) =>
        on
          .onRef('t.account_sid', '=', 's.account_sid')
          .onRef('t.profile_type', '=', 's.profile_type'),
      )
      .leftJoin('profile_packages as p', (on) =>
        on.onRef('p.account_sid', '=', 's.account_sid').onRef('p.iccid', '=', 's.iccid'),
      )
      .select(ORDER_COLUMNS.map((column) => `e.${column} as order.${column}` as const))
      .select(['t.version as version.template', 'p.version as version.ready']);
    return joined as unknown as SelectQueryBuilder<{ s: SubscriptionRow }, 's', Joined>;
  }
}

function split(row: Joined): FoundOrder {
  const profile = pick(row, SUBSCRIPTION_COLUMNS, '') as unknown as SubscriptionRow;
  const versions = { template: row['version.template'], ready: row['version.ready'] };
  if (row['order.sid'] === null) return { profile, esimProfile: undefined, versions };
  return {
    profile,
    esimProfile: pick(row, ORDER_COLUMNS, 'order.') as unknown as EsimProfileRow,
    versions,
  };
}

function pick(row: Joined, columns: readonly string[], prefix: string): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const column of columns) {
    picked[column] = (row as unknown as Record<string, unknown>)[prefix + column];
  }
  return picked;
}
