// The metadata of eSIM Profiles by key and value, to find them by; `esim_profiles.metadata` is what it is made from.
import type { Kysely } from 'kysely';
import { insertRows } from './compiled.ts';
import type { Flavor } from './flavor.ts';
import type { EsimProfileMetadataRow, Tables } from './schema.ts';
import type { Soon } from './together.ts';
import { together } from './together.ts';

export class EsimProfileMetadata {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;
  readonly #soon: Soon;

  constructor(db: Kysely<Tables>, flavor: Flavor, soon: Soon) {
    this.#db = db;
    this.#flavor = flavor;
    this.#soon = soon;
  }

  /** Adds the rows of one eSIM Profile. */
  readonly insert = together(
    async (profiles: EsimProfileMetadataRow[][]) => {
      await insertRows(this.#db, this.#flavor, 'esim_profile_metadata', profiles.flat());
      return profiles.map(() => {});
    },
    (work) => this.#soon(work),
  );

  async remove({ account_sid, name, value, sid }: EsimProfileMetadataRow): Promise<void> {
    await this.#db
      .deleteFrom('esim_profile_metadata')
      .where('account_sid', '=', account_sid)
      .where('name', '=', name)
      .where('value', '=', value)
      .where('sid', '=', sid)
      .execute();
  }
}
