// Subscriptions as profiles at the SM-DP+, with the versions of their template and package.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { run } from './compiled.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { PackageVersions } from './profile-packages.ts';
import type { SubscriptionRow, Tables } from './schema.ts';
import { Whereabouts } from './whereabouts.ts';

export interface OrderedProfile {
  profile: SubscriptionRow;
  versions: PackageVersions;
}

interface InAccount {
  accountSid?: string;
}

type WithVersions = SubscriptionRow & {
  template_version: string | null;
  package_version: string | null;
};

export class OrderedProfiles {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Pick<Flavor, 'isSpread'>;
  readonly #whereabouts: Whereabouts;

  constructor(db: Kysely<Tables>, flavor: Pick<Flavor, 'isSpread'>) {
    this.#db = db;
    this.#flavor = flavor;
    this.#whereabouts = new Whereabouts(db, flavor);
  }

  async find(accountSid: string, iccid: string): Promise<OrderedProfile | undefined> {
    const { rows } = await run(this.#db, 'orderedProfiles.find', { accountSid, iccid }, (given) =>
      this.#withVersions(given).where('s.iccid', '=', given.iccid),
    );
    return rows.map(split)[0];
  }

  /** The profile that a session was authenticated for. */
  async findOfSession(transactionId: string): Promise<OrderedProfile | undefined> {
    if (this.#flavor.isSpread) return this.#findOfSpreadSession(transactionId);
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

  /** A session is not on the server of its account. */
  async #findOfSpreadSession(transactionId: string): Promise<OrderedProfile | undefined> {
    const { rows } = await run(this.#db, 'orderedProfiles.session', { transactionId }, (given) =>
      this.#db
        .selectFrom('rsp_sessions')
        .select(['account_sid', 'iccid'])
        .where('transaction_id', '=', given.transactionId),
    );
    const { account_sid: account = null, iccid = null } = rows[0] ?? {};
    return account === null || iccid === null ? undefined : this.find(account, iccid);
  }

  /** Profiles whose order has this MatchingID: one, unless the same was chosen twice. */
  async findByMatchingId(matchingId: string): Promise<OrderedProfile[]> {
    return this.#findIn(await this.#whereabouts.find('matching ID', matchingId), (inAccount) =>
      run(
        this.#db,
        'orderedProfiles.findByMatchingId',
        { matchingId, ...inAccount },
        ({ matchingId: given, ...account }) =>
          this.#withVersions(account)
            .where('s.matching_id', '=', given)
            .where('s.matching_id', '<>', constant(''))
            .limit(constant(2)),
      ),
    );
  }

  /** Profiles ordered for, or downloaded by, an EID, sorted by ICCID. */
  async findByEid(eid: string): Promise<OrderedProfile[]> {
    const found = await this.#findIn(await this.#whereabouts.find('EID', eid), (inAccount) =>
      run(
        this.#db,
        'orderedProfiles.findByEid',
        { eid, ...inAccount },
        ({ eid: given, ...account }) =>
          this.#withVersions(account).where('s.eid', '=', given).orderBy('s.iccid'),
      ),
    );
    return found.toSorted((one, other) => (one.profile.iccid < other.profile.iccid ? -1 : 1));
  }

  /** @param accounts undefined: all at once */
  async #findIn(
    accounts: readonly string[] | undefined,
    ask: (inAccount: InAccount) => Promise<{ rows: WithVersions[] }>,
  ): Promise<OrderedProfile[]> {
    const asked = accounts?.map((accountSid) => ask({ accountSid })) ?? [ask({})];
    return (await Promise.all(asked)).flatMap(({ rows }) => rows.map(split));
  }

  /**
   * By subqueries: SQLite prepares a join anew whenever its parameters change. Each names the account where it is known: Citus
   * does not conclude it.
   */
  #withVersions({ accountSid }: InAccount = {}) {
    const subscriptions = this.#db.selectFrom('subscriptions as s');
    const asked =
      accountSid === undefined
        ? subscriptions
        : subscriptions.where('s.account_sid', '=', accountSid);
    return asked.selectAll('s').select((row) => [
      row
        .selectFrom('profile_templates as t')
        .select('t.version')
        .where('t.account_sid', '=', accountSid ?? row.ref('s.account_sid'))
        .whereRef('t.profile_type', '=', 's.profile_type')
        .as('template_version'),
      row
        .selectFrom('profile_packages as p')
        .select('p.version')
        .where('p.account_sid', '=', accountSid ?? row.ref('s.account_sid'))
        .whereRef('p.iccid', '=', 's.iccid')
        .as('package_version'),
    ]);
  }
}

function split(row: WithVersions): OrderedProfile {
  const { template_version: template, package_version: ready } = row;
  return { profile: row, versions: { template, ready } };
}
