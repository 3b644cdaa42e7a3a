// The store: what the rules and edges know of the database. A file per table beside this one.
import type { Kysely } from 'kysely';
import { Accounts } from './accounts.ts';
import { Callbacks } from './callbacks.ts';
import { EsimProfileEvents } from './esim-profile-events.ts';
import { EsimProfiles } from './esim-profiles.ts';
import type { Backend, Flavor } from './flavor.ts';
import { IdempotencyKeys } from './idempotency-keys.ts';
import { MIGRATIONS } from './migrate.ts';
import { pagesOf } from './pages.ts';
import { Pki } from './pki.ts';
import { ProfilePackages } from './profile-packages.ts';
import type { EsimProfileEventRow, SimRow, Tables } from './schema.ts';
import { Settings } from './settings.ts';
import { Sims } from './sims.ts';
import { Subscriptions } from './subscriptions.ts';

/** The tables, read and written within one transaction, or each statement by itself. */
export interface Transaction {
  accounts: Accounts;
  callbacks: Callbacks;
  esimProfileEvents: EsimProfileEvents;
  esimProfiles: EsimProfiles;
  idempotencyKeys: IdempotencyKeys;
  pki: Pki;
  profilePackages: ProfilePackages;
  settings: Settings;
  sims: Sims;
  subscriptions: Subscriptions;
}

/** A store that is open. Its own tables are for reading; what is written goes through `transaction`. */
export interface Store extends Transaction {
  readonly kind: Flavor['name'];
  /**
   * All that `work` writes is on disk when the promise resolves, or none of it is. `work` may be run
   * more than once, and must wait for nothing but the tables it is given.
   */
  transaction<T>(work: (tables: Transaction) => Promise<T>): Promise<T>;
  /** Pages of lists, newest first. */
  esimProfilePages: PageReader<{ sid: string; resource: string }>;
  esimProfileEventPages: PageReader<EsimProfileEventRow>;
  simPages: PageReader<SimRow>;
  /** A text that stays the same only while nothing in the database changes. */
  changeToken(): Promise<string>;
  isUnavailable(error: unknown): boolean;
  close(): Promise<void>;
}

export type PageReader<Row> = ReturnType<typeof pagesOf<Row>>;

const EVENT_COLUMNS = [
  'sid',
  'account_sid',
  'esim_profile_sid',
  'type',
  'status',
  'previous_status',
  'cause',
  'detail',
  'date_created',
] as const satisfies (keyof EsimProfileEventRow)[];

const SIM_COLUMNS = [
  'sid',
  'account_sid',
  'iccid',
  'unique_name',
  'status',
  'scheduled_status',
  'fleet_sid',
  'callback_url',
  'callback_method',
  'date_created',
  'date_updated',
] as const satisfies (keyof SimRow)[];

/** Brings the schema up to date and gives the store. Throws `StoreMismatch`. */
export async function makeStore(backend: Backend): Promise<Store> {
  await backend.migrate(MIGRATIONS);
  return {
    kind: backend.flavor.name,
    ...tables(backend.reader, backend.flavor),
    transaction: (work) => backend.transaction((db) => work(tables(db, backend.flavor))),
    esimProfilePages: pagesOf(backend, 'esim_profiles', ['sid', 'resource'], ([sid, resource]) => ({
      sid: sid as string,
      resource: resource as string,
    })),
    esimProfileEventPages: pagesOf(backend, 'esim_profile_events', EVENT_COLUMNS, (values) =>
      named<EsimProfileEventRow>(EVENT_COLUMNS, values),
    ),
    simPages: pagesOf(backend, 'sims', SIM_COLUMNS, (values) => named<SimRow>(SIM_COLUMNS, values)),
    changeToken: () => backend.changeToken(),
    isUnavailable: (error) => backend.isUnavailable(error),
    close: () => backend.close(),
  };
}

function tables(db: Kysely<Tables>, flavor: Flavor): Transaction {
  return {
    accounts: new Accounts(db),
    callbacks: new Callbacks(db, flavor),
    esimProfileEvents: new EsimProfileEvents(db),
    esimProfiles: new EsimProfiles(db, flavor),
    idempotencyKeys: new IdempotencyKeys(db),
    pki: new Pki(db),
    profilePackages: new ProfilePackages(db),
    settings: new Settings(db),
    sims: new Sims(db, flavor),
    subscriptions: new Subscriptions(db, flavor),
  };
}

function named<Row>(columns: readonly (keyof Row)[], values: unknown[]): Row {
  return Object.fromEntries(columns.map((column, index) => [column, values[index]])) as Row;
}
