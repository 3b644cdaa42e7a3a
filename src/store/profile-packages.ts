// Profile packages of an account: templates by profile type, and ready ones by ICCID.
import type { Kysely } from 'kysely';
import { run } from './compiled.ts';
import type { ProfilePackageRow, ProfileTemplateRow, Tables } from './schema.ts';

export class ProfilePackages {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** In place of the template that the profile type had. */
  async setTemplate(row: ProfileTemplateRow): Promise<void> {
    const { template, version, metadata, date_created } = row;
    await this.#db
      .insertInto('profile_templates')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['account_sid', 'profile_type'])
          .doUpdateSet({ template, version, metadata, date_created }),
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

  /** What a profile is made of, without reading it; null: there is none. */
  async findVersions(
    accountSid: string,
    iccid: string,
    profileType: string,
  ): Promise<{ template: string | null; ready: string | null }> {
    const { rows } = await run(
      this.#db,
      'profilePackages.findVersions',
      { accountSid, iccid, profileType },
      (given) =>
        this.#db.selectNoFrom((one) => [
          one
            .selectFrom('profile_templates')
            .select('version')
            .where('account_sid', '=', given.accountSid)
            .where('profile_type', '=', given.profileType)
            .as('template'),
          one
            .selectFrom('profile_packages')
            .select('version')
            .where('account_sid', '=', given.accountSid)
            .where('iccid', '=', given.iccid)
            .as('ready'),
        ]),
    );
    return rows[0]!;
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

  /** In place of the package that the ICCID had. */
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
