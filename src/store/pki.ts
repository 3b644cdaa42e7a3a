// The certificates of the GSMA PKI that we use or trust, and the CRLs of their CIs.
import type { Kysely } from 'kysely';
import { ChangeToken } from './change-token.ts';
import type { PkiCertificateRow, PkiCrlRow, Tables } from './schema.ts';

export class Pki {
  readonly #db: Kysely<Tables>;
  readonly #token: ChangeToken;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
    this.#token = new ChangeToken(db, 'pki_changed');
  }

  /** Differs after every change to the PKI; undefined before the first. */
  changeToken(): Promise<string | undefined> {
    return this.#token.read();
  }

  /** @returns false if the certificate exists already; it is left unchanged */
  async insert(row: PkiCertificateRow): Promise<boolean> {
    await this.#token.replace();
    const inserted = await this.#db
      .insertInto('pki_certificates')
      .values(row)
      .onConflict((conflict) => conflict.column('fingerprint').doNothing())
      .returning('fingerprint')
      .executeTakeFirst();
    return inserted !== undefined;
  }

  /** Adds the private key of a certificate. @returns false if it has one already, which is kept */
  async addPrivateKey(fingerprint: string, privateKey: string): Promise<boolean> {
    await this.#token.replace();
    const { numUpdatedRows } = await this.#db
      .updateTable('pki_certificates')
      .set({ private_key: privateKey })
      .where('fingerprint', '=', fingerprint)
      .where('private_key', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Oldest first. */
  async list(): Promise<PkiCertificateRow[]> {
    return this.#db
      .selectFrom('pki_certificates')
      .selectAll()
      .orderBy('date_created')
      .orderBy('fingerprint')
      .execute();
  }

  /** Deletes a CI, its CRLs and everything under it. @returns how many certificates */
  async deleteCi(ciPkId: string): Promise<number> {
    await this.#token.replace();
    await this.#db.deleteFrom('pki_crls').where('ci_pk_id', '=', ciPkId).execute();
    const { numDeletedRows } = await this.#db
      .deleteFrom('pki_certificates')
      .where('ci_pk_id', '=', ciPkId)
      .executeTakeFirst();
    return Number(numDeletedRows);
  }

  /** Stores a CRL of a CI, replacing the previous one of the same scope. */
  async setCrl(row: PkiCrlRow): Promise<void> {
    await this.#token.replace();
    await this.#db
      .insertInto('pki_crls')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['ci_pk_id', 'scope'])
          .doUpdateSet({ crl: row.crl, date_created: row.date_created }),
      )
      .execute();
  }

  async deleteCrls(ciPkId: string, scopes: readonly string[]): Promise<void> {
    await this.#token.replace();
    await this.#db
      .deleteFrom('pki_crls')
      .where('ci_pk_id', '=', ciPkId)
      .where('scope', 'in', scopes)
      .execute();
  }

  /** The CIs of which there is a CRL, or a part of one. */
  async crlIssuers(): Promise<string[]> {
    const rows = await this.#db.selectFrom('pki_crls').select('ci_pk_id').distinct().execute();
    return rows.map(({ ci_pk_id: id }) => id);
  }

  async listCrls(): Promise<PkiCrlRow[]> {
    return this.#db
      .selectFrom('pki_crls')
      .selectAll()
      .orderBy('ci_pk_id')
      .orderBy('scope')
      .execute();
  }
}
