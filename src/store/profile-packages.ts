// Profile packages of an account: templates by profile type, and ready ones by ICCID.
import type { Kysely } from 'kysely';
import type { ProfilePackageRow, ProfileTemplateRow, Tables } from './schema.ts';

/** Versions of the template and the package, without their content; null if there is none. */
export interface PackageVersions {
  template: string | null;
  /** Of the ready package. */
  ready: string | null;
}

export class ProfilePackages {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** Replaces any template of the same profile type. */
  async setTemplate(row: ProfileTemplateRow): Promise<void> {
    const { template, version, metadata, date_created, shared_secrets } = row;
    await this.#db
      .insertInto('profile_templates')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['account_sid', 'profile_type'])
          .doUpdateSet({ template, version, metadata, date_created, shared_secrets }),
      )
      .execute();
  }

  async findTemplate(
    accountSid: string,
    profileType: string,
  ): Promise<ProfileTemplateRow | undefined> {
    return this.#db
      .selectFrom('profile_templates')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('profile_type', '=', profileType)
      .executeTakeFirst();
  }

  /** By profile type. */
  async listTemplates(accountSid: string): Promise<ProfileTemplateRow[]> {
    return this.#db
      .selectFrom('profile_templates')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .orderBy('profile_type')
      .execute();
  }

  /** Templates of all accounts for which it is not decided whether their secrets may be shared. */
  async listUnaskedTemplates(): Promise<ProfileTemplateRow[]> {
    return this.#db
      .selectFrom('profile_templates')
      .selectAll()
      .where('shared_secrets', 'is', null)
      .orderBy('account_sid')
      .orderBy('profile_type')
      .execute();
  }

  /** Replaces any package of the same ICCID. */
  async set(row: ProfilePackageRow): Promise<void> {
    await this.#db
      .insertInto('profile_packages')
      .values(row)
      .onConflict((conflict) =>
        conflict.columns(['account_sid', 'iccid']).doUpdateSet({
          package: row.package,
          version: row.version,
          date_created: row.date_created,
        }),
      )
      .execute();
  }

  async find(accountSid: string, iccid: string): Promise<ProfilePackageRow | undefined> {
    return this.#db
      .selectFrom('profile_packages')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('iccid', '=', iccid)
      .executeTakeFirst();
  }
}
