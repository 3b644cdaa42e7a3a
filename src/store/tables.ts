// Everything that a transaction reads and writes: a class for each table.
import type { Kysely } from 'kysely';
import { Accounts } from './accounts.ts';
import { AuditLog } from './audit-log.ts';
import { Batches } from './batches.ts';
import { Brands } from './brands.ts';
import { BulkOperations } from './bulk-operations.ts';
import { CallbackUrls } from './callback-urls.ts';
import { ConsoleSessions } from './console-sessions.ts';
import { CrlPoints } from './crl-points.ts';
import { EimInjections } from './eim-injections.ts';
import { EimKeys } from './eim-keys.ts';
import { EimNotifications } from './eim-notifications.ts';
import { EimOperations } from './eim-operations.ts';
import { Es2PlusReports } from './es2plus-reports.ts';
import { Es2PlusTasks } from './es2plus-tasks.ts';
import { EsimProfileEvents } from './esim-profile-events.ts';
import { EsimProfileMetadata } from './esim-profile-metadata.ts';
import { EsimProfiles } from './esim-profiles.ts';
import { EuiccContacts } from './euicc-contacts.ts';
import { EuiccEvents } from './euicc-events.ts';
import { EuiccGroups } from './euicc-groups.ts';
import { EuiccRanges } from './euicc-ranges.ts';
import { Euiccs } from './euiccs.ts';
import type { Backend, Flavor } from './flavor.ts';
import { HeldSubscriptions } from './held-subscriptions.ts';
import { IdempotencyKeys } from './idempotency-keys.ts';
import { InstallLinks } from './install-links.ts';
import { MasterKeys } from './master-keys.ts';
import { Operators } from './operators.ts';
import { OrderedProfiles } from './ordered-profiles.ts';
import { CALLBACKS, Outbox, PROGRESS_REPORTS } from './outbox.ts';
import { Pki } from './pki.ts';
import { ProfilePackages } from './profile-packages.ts';
import { RspLog } from './rsp-log.ts';
import { RspNotifications } from './rsp-notifications.ts';
import { RspSessions } from './rsp-sessions.ts';
import type {
  CallbackAttemptRow,
  CallbackRow,
  ProgressAttemptRow,
  ProgressReportRow,
  Tables,
} from './schema.ts';
import { Settings } from './settings.ts';
import { Sims } from './sims.ts';
import { SmdsEvents } from './smds-events.ts';
import { Statistics } from './statistics.ts';
import { Stock } from './stock.ts';
import { StockThresholds } from './stock-thresholds.ts';
import { Subscriptions } from './subscriptions.ts';
import { TlsFailures } from './tls-failures.ts';
import type { Soon } from './together.ts';

/** The tables, either within one transaction or with each statement by itself. */
export interface Transaction {
  /** The time shared by all users of the database. */
  now(): Date;
  accounts: Accounts;
  auditLog: AuditLog;
  batches: Batches;
  brands: Brands;
  bulkOperations: BulkOperations;
  callbackUrls: CallbackUrls;
  callbacks: Outbox<CallbackRow, CallbackAttemptRow>;
  consoleSessions: ConsoleSessions;
  orderedProfiles: OrderedProfiles;
  eimInjections: EimInjections;
  eimKeys: EimKeys;
  eimNotifications: EimNotifications;
  eimOperations: EimOperations;
  es2plusReports: Es2PlusReports;
  es2plusTasks: Es2PlusTasks;
  esimProfileEvents: EsimProfileEvents;
  esimProfileMetadata: EsimProfileMetadata;
  esimProfiles: EsimProfiles;
  euiccEvents: EuiccEvents;
  euiccGroups: EuiccGroups;
  euiccContacts: EuiccContacts;
  euiccRanges: EuiccRanges;
  euiccs: Euiccs;
  heldSubscriptions: HeldSubscriptions;
  idempotencyKeys: IdempotencyKeys;
  installLinks: InstallLinks;
  masterKeys: MasterKeys;
  rspLog: RspLog;
  rspNotifications: RspNotifications;
  rspSessions: RspSessions;
  operators: Operators;
  pki: Pki;
  crlPoints: CrlPoints;
  profilePackages: ProfilePackages;
  progressReports: Outbox<ProgressReportRow, ProgressAttemptRow>;
  settings: Settings;
  sims: Sims;
  smdsEvents: SmdsEvents;
  statistics: Statistics;
  stock: Stock;
  stockThresholds: StockThresholds;
  subscriptions: Subscriptions;
  tlsFailures: TlsFailures;
}

type Maker<Made> = (db: Kysely<Tables>, flavor: Flavor, soon: Soon) => Made;

/** Each is made when it is first asked for: a transaction is about few of them. */
const MAKERS: { readonly [Name in keyof Omit<Transaction, 'now'>]: Maker<Transaction[Name]> } = {
  accounts: (db, flavor, soon) => new Accounts(db, flavor, soon),
  auditLog: (db, flavor, soon) => new AuditLog(db, flavor, soon),
  batches: (db, flavor) => new Batches(db, flavor),
  brands: (db) => new Brands(db),
  bulkOperations: (db, flavor) => new BulkOperations(db, flavor),
  callbackUrls: (db) => new CallbackUrls(db),
  callbacks: (db, flavor, soon) => new Outbox(CALLBACKS, db, flavor, soon),
  consoleSessions: (db) => new ConsoleSessions(db),
  orderedProfiles: (db, flavor) => new OrderedProfiles(db, flavor),
  eimInjections: (db, flavor) => new EimInjections(db, flavor),
  eimKeys: (db) => new EimKeys(db),
  eimNotifications: (db) => new EimNotifications(db),
  eimOperations: (db, flavor) => new EimOperations(db, flavor),
  es2plusReports: (db) => new Es2PlusReports(db),
  es2plusTasks: (db, flavor) => new Es2PlusTasks(db, flavor),
  esimProfileEvents: (db, flavor, soon) => new EsimProfileEvents(db, flavor, soon),
  esimProfileMetadata: (db, flavor, soon) => new EsimProfileMetadata(db, flavor, soon),
  esimProfiles: (db, flavor, soon) => new EsimProfiles(db, flavor, soon),
  euiccContacts: (db, flavor) => new EuiccContacts(db, flavor),
  euiccEvents: (db, flavor, soon) => new EuiccEvents(db, flavor, soon),
  euiccGroups: (db, flavor) => new EuiccGroups(db, flavor),
  euiccRanges: (db, flavor) => new EuiccRanges(db, flavor),
  euiccs: (db, flavor, soon) => new Euiccs(db, flavor, soon),
  heldSubscriptions: (db) => new HeldSubscriptions(db),
  idempotencyKeys: (db) => new IdempotencyKeys(db),
  installLinks: (db, flavor) => new InstallLinks(db, flavor),
  masterKeys: (db, flavor) => new MasterKeys(db, flavor),
  rspLog: (db, flavor) => new RspLog(db, flavor),
  rspNotifications: (db) => new RspNotifications(db),
  rspSessions: (db, flavor) => new RspSessions(db, flavor),
  operators: (db) => new Operators(db),
  pki: (db) => new Pki(db),
  crlPoints: (db) => new CrlPoints(db),
  profilePackages: (db) => new ProfilePackages(db),
  progressReports: (db, flavor, soon) => new Outbox(PROGRESS_REPORTS, db, flavor, soon),
  settings: (db) => new Settings(db),
  sims: (db, flavor, soon) => new Sims(db, flavor, soon),
  smdsEvents: (db, flavor) => new SmdsEvents(db, flavor),
  statistics: (db, flavor) => new Statistics(db, flavor),
  stock: (db) => new Stock(db),
  stockThresholds: (db) => new StockThresholds(db),
  subscriptions: (db, flavor, soon) => new Subscriptions(db, flavor, soon),
  tlsFailures: (db) => new TlsFailures(db),
};

class LazyTables {
  readonly #given: Parameters<Maker<unknown>>;
  readonly #made: Partial<Record<string, unknown>> = {};
  readonly #clock: Backend['clock'];
  readonly now = (): Date => this.#clock.now();

  /** @param soon defers a query until concurrent callers have added theirs */
  constructor(
    db: Kysely<Tables>,
    { flavor, clock }: Pick<Backend, 'flavor' | 'clock'>,
    soon: Soon,
  ) {
    this.#given = [db, flavor, soon];
    this.#clock = clock;
  }

  static {
    for (const [name, maker] of Object.entries<Maker<unknown>>(MAKERS)) {
      Object.defineProperty(LazyTables.prototype, name, {
        get(this: LazyTables) {
          return (this.#made[name] ??= maker(...this.#given));
        },
      });
    }
  }

  /** See `Subscriptions.allWritten`. Without subscriptions there is nothing to wait for. */
  async allWritten(): Promise<void> {
    await (this.#made['subscriptions'] as Subscriptions | undefined)?.allWritten();
  }
}

/** Each is made when it is first asked for. */
export function tables(
  ...given: ConstructorParameters<typeof LazyTables>
): Transaction & Pick<LazyTables, 'allWritten'> {
  return new LazyTables(...given) as LazyTables & Transaction;
}

export function allTables(...given: ConstructorParameters<typeof LazyTables>): Transaction {
  const made = tables(...given);
  const names = Object.keys(MAKERS) as (keyof typeof MAKERS)[];
  return { ...made, ...Object.fromEntries(names.map((name) => [name, made[name]])) };
}
