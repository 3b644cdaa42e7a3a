// Subscriptions as profiles at the SM-DP+, joined with the versions of their template and package.
import type { Kysely, SelectQueryBuilder } from 'kysely';
import { run } from './compiled.ts';
import { constant } from './flavor.ts';
import type { PackageVersions } from './profile-packages.ts';
import type { SubscriptionRow, Tables } from './schema.ts';

export interface OrderedProfile {
  profile: SubscriptionRow;
  versions: PackageVersions;
}

type Joined = SubscriptionRow & {
  template_version: string | null;
  package_version: string | null;
};

export class OrderedProfiles {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async find(accountSid: string, iccid: string): Promise<OrderedProfile | undefined> {
    const { rows } = await run(this.#db, 'orderedProfiles.find', { accountSid, iccid }, (given) =>
      this.#joined()
        .where('s.account_sid', '=', given.accountSid)
        .where('s.iccid', '=', given.iccid),
    );
    return rows.map(split)[0];
  }

  /** Profiles whose order has this MatchingID: one, unless the same was chosen twice. */
  async findByMatchingId(matchingId: string): Promise<OrderedProfile[]> {
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
  async findByEid(eid: string): Promise<OrderedProfile[]> {
    const { rows } = await run(this.#db, 'orderedProfiles.findByEid', { eid }, (given) =>
      this.#joined().where('s.eid', '=', given.eid).orderBy('s.iccid'),
    );
    return rows.map(split);
  }

  #joined() {
    const joined = this.#db
      .selectFrom('subscriptions as s')
      .selectAll('s')
      .leftJoin('profile_templates as t', (on) =>
        on
          .onRef('t.account_sid', '=', 's.account_sid')
          .onRef('t.profile_type', '=', 's.profile_type'),
      )
      .leftJoin('profile_packages as p', (on) =>
        on.onRef('p.account_sid', '=', 's.account_sid').onRef('p.iccid', '=', 's.iccid'),
      )
      .select(['t.version as template_version', 'p.version as package_version']);
    return joined as unknown as SelectQueryBuilder<{ s: SubscriptionRow }, 's', Joined>;
  }
}

function split({ template_version, package_version, ...profile }: Joined): OrderedProfile {
  return { profile, versions: { template: template_version, ready: package_version } };
}
