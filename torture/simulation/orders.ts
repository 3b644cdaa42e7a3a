// The orders of a database, read beside its server.
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** The SIDs of its eSIM Profiles; none if there is no database yet. */
export function ordersIn(file: string): string[] {
  if (!existsSync(file)) return [];
  using database = new DatabaseSync(file, { readOnly: true });
  const hasOrders = "select 1 from sqlite_schema where name = 'esim_profiles'";
  if (database.prepare(hasOrders).get() === undefined) return [];
  return database
    .prepare('select sid from esim_profiles order by sid')
    .all()
    .map(({ sid }) => String(sid));
}
