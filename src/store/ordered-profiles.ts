// Subscriptions joined with the eSIM Profiles that ordered them.
import type { Kysely, SelectQueryBuilder } from 'kysely';
import { run } from './compiled.ts';
import { constant } from './flavor.ts';
import type { PackageVersions } from './profile-packages.ts';
import type { EsimProfileRow, SubscriptionRow, Tables } from './schema.ts';

export interface FoundProfile {
  profile: SubscriptionRow;
  /** Undefined if it has no order. */
  esimProfile: EsimProfileRow | undefined;
  versions: PackageVersions;
}

type Joined = SubscriptionRow &
  Record<`order.${keyof EsimProfileRow}`, unknown> & {
    'version.template': string | null;
    'version.ready': string | null;
  };

const SUBSCRIPTION_COLUMNS = columnNames<SubscriptionRow>({
  account_sid: true,
  iccid: true,
  imsi: true,
  msisdn: true,
  profile_type: true,
  state: true,
  eid: true,
  matching_id: true,
  ordered_by: true,
  date_released: true,
  secrets: true,
  confirmation_code: true,
  confirmation_code_attempts: true,
  download_attempts: true,
  euicc_otpk: true,
  smdp_otsk: true,
  date_created: true,
  date_updated: true,
});

const ORDER_COLUMNS = columnNames<EsimProfileRow>({
  account_sid: true,
  sid: true,
  status: true,
  iccid: true,
  sim_sid: true,
  eid: true,
  smdp_plus_address: true,
  matching_id: true,
  activation_code: true,
  error_code: true,
  error_message: true,
  generate_matching_id: true,
  profile_type: true,
  confirmation_code: true,
  callback_url: true,
  callback_method: true,
  date_created: true,
  date_updated: true,
  resource: true,
});

/** All columns of a row; the compiler checks that none is missing. */
function columnNames<Row>(columns: Record<keyof Row, true>): (keyof Row & string)[] {
  return Object.keys(columns) as (keyof Row & string)[];
}

export class OrderedProfiles {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async find(accountSid: string, iccid: string): Promise<FoundProfile | undefined> {
    const { rows } = await run(this.#db, 'orderedProfiles.find', { accountSid, iccid }, (given) =>
      this.#joined()
        .where('s.account_sid', '=', given.accountSid)
        .where('s.iccid', '=', given.iccid),
    );
    return rows.map(split)[0];
  }

  /** Profiles whose order has this MatchingID: one, unless the same was chosen twice. */
  async findByMatchingId(matchingId: string): Promise<FoundProfile[]> {
    const { rows } = await run(
      this.#db,
      'orderedProfiles.findByMatchingId',
      { matchingId },
      (given) =>
        this.#joined()
          .where('s.matching_id', '=', given.matchingId)
          .where('s.matching_id', '<>', constant(''))
          .limit(2),
    );
    return rows.map(split);
  }

  /** Profiles ordered for, or downloaded by, an EID, sorted by ICCID. */
  async findByEid(eid: string): Promise<FoundProfile[]> {
    const { rows } = await run(this.#db, 'orderedProfiles.findByEid', { eid }, (given) =>
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

function split(row: Joined): FoundProfile {
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
