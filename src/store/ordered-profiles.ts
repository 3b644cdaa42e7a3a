// Subscriptions as profiles at the SM-DP+, with the versions of their template and package.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { run } from './compiled.ts';
import { constant } from './flavor.ts';
import type { PackageVersions } from './profile-packages.ts';
import type { SubscriptionRow, Tables } from './schema.ts';

export interface OrderedProfile {
  profile: SubscriptionRow;
  versions: PackageVersions;
}

type WithVersions = SubscriptionRow & {
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
      this.#withVersions()
        .where('s.account_sid', '=', given.accountSid)
        .where('s.iccid', '=', given.iccid),
    );
    return rows.map(split)[0];
  }

  /** The profile that a session was authenticated for. */
  async findOfSession(transactionId: string): Promise<OrderedProfile | undefined> {
    const { rows } = await run(
      this.#db,
      'orderedProfiles.findOfSession',
      { transactionId },
      (given) =>
        this.#withVersions().where(
          sql<boolean>`(s.account_sid, s.iccid) = (
            select account_sid, iccid from rsp_sessions where transaction_id = ${given.transactionId}
          )`,
        ),
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
        this.#withVersions()
          .where('s.matching_id', '=', given.matchingId)
          .where('s.matching_id', '<>', constant(''))
          .limit(constant(2)),
    );
    return rows.map(split);
  }

  /** Profiles ordered for, or downloaded by, an EID, sorted by ICCID. */
  async findByEid(eid: string): Promise<OrderedProfile[]> {
    const { rows } = await run(this.#db, 'orderedProfiles.findByEid', { eid }, (given) =>
      this.#withVersions().where('s.eid', '=', given.eid).orderBy('s.iccid'),
    );
    return rows.map(split);
  }

  /** By subqueries: SQLite prepares a join anew whenever its parameters change. */
  #withVersions() {
    return this.#db
      .selectFrom('subscriptions as s')
      .selectAll('s')
      .select((row) => [
        row
          .selectFrom('profile_templates as t')
          .select('t.version')
          .whereRef('t.account_sid', '=', 's.account_sid')
          .whereRef('t.profile_type', '=', 's.profile_type')
          .as('template_version'),
        row
          .selectFrom('profile_packages as p')
          .select('p.version')
          .whereRef('p.account_sid', '=', 's.account_sid')
          .whereRef('p.iccid', '=', 's.iccid')
          .as('package_version'),
      ]);
  }
}

function split({ template_version, package_version, ...profile }: WithVersions): OrderedProfile {
  return { profile, versions: { template: template_version, ready: package_version } };
}
