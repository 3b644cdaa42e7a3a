// Operators that order over ES2+, their certificates and the CAs of those.
import type { Kysely } from 'kysely';
import { ChangeToken } from './change-token.ts';
import { run } from './compiled.ts';
import type { OperatorCaRow, OperatorCertificateRow, OperatorRow, Tables } from './schema.ts';

export class Operators {
  readonly #db: Kysely<Tables>;
  readonly #token: ChangeToken;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
    this.#token = new ChangeToken(db, 'operators_changed');
  }

  /** Differs after every change to one of the three tables; undefined before the first. */
  changeToken(): Promise<string | undefined> {
    return this.#token.read();
  }

  async insert(row: OperatorRow): Promise<void> {
    await this.#token.replace();
    await this.#db.insertInto('operators').values(row).execute();
  }

  async find(sid: string): Promise<OperatorRow | undefined> {
    const { rows } = await run(this.#db, 'operators.find', { sid }, (given) =>
      this.#db.selectFrom('operators').selectAll().where('sid', '=', given.sid),
    );
    return rows[0];
  }

  /** Oldest first. */
  async list(): Promise<OperatorRow[]> {
    return this.#db.selectFrom('operators').selectAll().orderBy('sid').execute();
  }

  async update(
    sid: string,
    changed: Partial<Omit<OperatorRow, 'sid' | 'account_sid' | 'date_created'>>,
  ): Promise<void> {
    await this.#token.replace();
    await this.#db.updateTable('operators').set(changed).where('sid', '=', sid).execute();
  }

  /** @returns false if the certificate is registered already, for whichever operator */
  async insertCertificate(row: OperatorCertificateRow): Promise<boolean> {
    await this.#token.replace();
    const inserted = await this.#db
      .insertInto('operator_certificates')
      .values(row)
      .onConflict((conflict) => conflict.column('fingerprint').doNothing())
      .returning('fingerprint')
      .executeTakeFirst();
    return inserted !== undefined;
  }

  /** Oldest first. */
  async listCertificates(): Promise<OperatorCertificateRow[]> {
    return this.#db
      .selectFrom('operator_certificates')
      .selectAll()
      .orderBy('date_created')
      .orderBy('fingerprint')
      .execute();
  }

  /** Ends a certificate, unless it has ended, or ends, before. */
  async endCertificate(fingerprint: string, dateEnds: string): Promise<void> {
    await this.#token.replace();
    await this.#db
      .updateTable('operator_certificates')
      .set({ date_ends: dateEnds })
      .where('fingerprint', '=', fingerprint)
      .where((c) => c.or([c('date_ends', 'is', null), c('date_ends', '>', dateEnds)]))
      .execute();
  }

  /** @returns false if it is known already; it is left unchanged */
  async insertCa(row: OperatorCaRow): Promise<boolean> {
    await this.#token.replace();
    const inserted = await this.#db
      .insertInto('operator_cas')
      .values(row)
      .onConflict((conflict) => conflict.column('fingerprint').doNothing())
      .returning('fingerprint')
      .executeTakeFirst();
    return inserted !== undefined;
  }

  /** Oldest first. */
  async listCas(): Promise<OperatorCaRow[]> {
    return this.#db
      .selectFrom('operator_cas')
      .selectAll()
      .orderBy('date_created')
      .orderBy('fingerprint')
      .execute();
  }

  async setCrl(fingerprint: string, crl: string): Promise<void> {
    await this.#token.replace();
    await this.#db
      .updateTable('operator_cas')
      .set({ crl })
      .where('fingerprint', '=', fingerprint)
      .execute();
  }

  /** @returns false if there is no such CA */
  async deleteCa(fingerprint: string): Promise<boolean> {
    await this.#token.replace();
    const { numDeletedRows } = await this.#db
      .deleteFrom('operator_cas')
      .where('fingerprint', '=', fingerprint)
      .executeTakeFirst();
    return numDeletedRows === 1n;
  }
}
