// The store: the interface to the database for rules and edges. Each table has its own file.
import type { Kysely } from 'kysely';
import { Accounts } from './accounts.ts';
import { AuditLog } from './audit-log.ts';
import { Batches } from './batches.ts';
import { Brands } from './brands.ts';
import { BulkOperations } from './bulk-operations.ts';
import { CallbackUrls } from './callback-urls.ts';
import type { Clock } from './clock.ts';
import { ConsoleSessions } from './console-sessions.ts';
import { CrlPoints } from './crl-points.ts';
import { OrderedProfiles } from './ordered-profiles.ts';
import { EimInjections } from './eim-injections.ts';
import { EimKeys } from './eim-keys.ts';
import { EimNotifications } from './eim-notifications.ts';
import { EimOperations } from './eim-operations.ts';
import { Es2PlusReports } from './es2plus-reports.ts';
import { Es2PlusTasks } from './es2plus-tasks.ts';
import { EsimProfileSearch } from './esim-profile-search.ts';
import { EsimProfileEvents } from './esim-profile-events.ts';
import { EsimProfileMetadata } from './esim-profile-metadata.ts';
import { EsimProfiles } from './esim-profiles.ts';
import { EuiccEvents } from './euicc-events.ts';
import { EuiccGroups } from './euicc-groups.ts';
import { EuiccContacts } from './euicc-contacts.ts';
import { EuiccRanges } from './euicc-ranges.ts';
import { Euiccs } from './euiccs.ts';
import { StoreUnavailable, TooLate } from './errors.ts';
import { Figures } from './figures.ts';
import type { Backend, Connections, Flavor, MigrateOptions } from './flavor.ts';
import { IdempotencyKeys } from './idempotency-keys.ts';
import { countInFlight } from './in-flight.ts';
import type { InFlight } from './in-flight.ts';
import { InstallLinks } from './install-links.ts';
import { MasterKeys, ROTATION } from './master-keys.ts';
import { MIGRATIONS } from './migrate.ts';
import { placesOfOlder } from './migrator.ts';
import { counterOf } from './counts.ts';
import type { Counter } from './counts.ts';
import { CALLBACKS, Outbox, PROGRESS_REPORTS } from './outbox.ts';
import { pagesOf } from './pages.ts';
import { readinessOf } from './readiness.ts';
import { RspLog } from './rsp-log.ts';
import { RspNotifications } from './rsp-notifications.ts';
import { RspSessions } from './rsp-sessions.ts';
import type {
  ApiKeyRow,
  AuditEntryRow,
  BatchRow,
  BulkOperationRow,
  CallbackAttemptRow,
  CallbackRow,
  EimOperationRow,
  EsimProfileEventRow,
  EuiccEventRow,
  EuiccGroupRow,
  EuiccRangeRow,
  EuiccRow,
  InstallLinkRow,
  OperatorRow,
  ProgressAttemptRow,
  ProgressReportRow,
  RspLogRow,
  SimRow,
  Tables,
} from './schema.ts';
import { Operators } from './operators.ts';
import { Pki } from './pki.ts';
import { ProfilePackages } from './profile-packages.ts';
import { Settings } from './settings.ts';
import { Sims } from './sims.ts';
import { SmdsEvents } from './smds-events.ts';
import { Statistics } from './statistics.ts';
import { StockThresholds } from './stock-thresholds.ts';
import { Subscriptions } from './subscriptions.ts';
import { TlsFailures } from './tls-failures.ts';
import type { Soon } from './together.ts';
import { allEnded, together } from './together.ts';

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
  stockThresholds: StockThresholds;
  subscriptions: Subscriptions;
  tlsFailures: TlsFailures;
}

/** An open store. Its tables are for reading; writes go through `transaction`. */
export interface Store extends Transaction {
  readonly kind: Flavor['name'];
  /** See `Flavor.isSpread`. */
  readonly isSpread: boolean;
  readonly clock: Clock;
  /**
   * When the promise resolves, everything that `work` wrote is on disk; when it rejects, nothing. `work` may run more
   * than once, and must await nothing but the tables passed to it.
   */
  transaction<T>(work: (tables: Transaction) => Promise<T>): Promise<T>;
  /** Like `transaction`, for work that only adds rows with new keys: concurrent calls share a transaction. */
  append<T>(work: (tables: Transaction) => Promise<T>): Promise<T>;
  /**
   * Like `transaction`, for short work on rows that nobody else is likely to change meanwhile: concurrent calls share a
   * commit. If one of them fails, each is run again by itself.
   */
  share<T>(work: (tables: Transaction) => Promise<T>): Promise<T>;
  esimProfileSearch: EsimProfileSearch;
  /** Pages of lists, newest first. */
  apiKeyPages: PageReader<ApiKeyRow>;
  auditEntryPages: PageReader<AuditEntryRow>;
  batchPages: PageReader<BatchRow>;
  bulkOperationPages: PageReader<BulkOperationRow>;
  callbackPages: PageReader<CallbackRow>;
  esimProfilePages: PageReader<{ sid: string; resource: string }>;
  esimProfileSids: PageReader<{ sid: string }>;
  esimProfileMetadataSids: PageReader<{ sid: string }>;
  esimProfileCount: Counter;
  simCount: Counter;
  callbackCount: Counter;
  esimProfileEventPages: PageReader<EsimProfileEventRow>;
  euiccEventPages: PageReader<EuiccEventRow>;
  euiccGroupPages: PageReader<EuiccGroupRow>;
  euiccPages: PageReader<EuiccRow>;
  euiccCount: Counter;
  euiccRangePages: PageReader<EuiccRangeRow>;
  eimOperationPages: PageReader<EimOperationRow>;
  installLinkPages: PageReader<InstallLinkRow>;
  operatorPages: PageReader<OperatorRow>;
  progressReportPages: PageReader<ProgressReportRow>;
  rspLogPages: PageReader<RspLogRow>;
  simPages: PageReader<SimRow>;
  /** What metrics read. */
  figures: Figures;
  /** Its connections now, if it has more than one. */
  connections(): Connections | undefined;
  inFlight(): Promise<InFlight>;
  /** Where nodes are connected from, on PostgreSQL, of versions that know nothing of the rotation of master keys. */
  placesBeforeRotation(): Promise<string[]>;
  /** A token that is the same only as long as nothing in the database changes. */
  changeToken(): Promise<string>;
  /**
   * Calls `listener` after each transaction of this process that added events, with their accounts. @returns a
   * function to unsubscribe
   */
  onEvents(listener: EventListener): () => void;
  /** As `onEvents`, of eUICCs. */
  onEuiccEvents(listener: EventListener): () => void;
  isUnavailable(error: unknown): boolean;
  /** Checks that the database accepts writes; throws `StoreUnavailable` with the reason if not. */
  checkReady(): Promise<void>;
  close(): Promise<void>;
}

export type EventListener = (accountSids: ReadonlySet<string>) => void;
export type PageReader<Row> = ReturnType<typeof pagesOf<Row>>;

const API_KEY_COLUMNS = [
  'sid',
  'account_sid',
  'friendly_name',
  'secret_hash',
  'scope',
  'role',
  'date_created',
  'date_revoked',
] as const satisfies (keyof ApiKeyRow)[];

const AUDIT_ENTRY_COLUMNS = [
  'sid',
  'account_sid',
  'operation',
  'actor',
  'subject',
  'entry',
  'mac',
] as const satisfies (keyof AuditEntryRow)[];

const BATCH_COLUMNS = [
  'sid',
  'account_sid',
  'status',
  'step',
  'all_or_nothing',
  'item_count',
  'part_size',
  'next_part',
  'ordered',
  'refused',
  'reserved',
  'same_order',
  'placed_by',
  'request_id',
  'callback_url',
  'callback_method',
  'error_code',
  'error_message',
  'date_worked',
  'date_created',
  'date_updated',
  'date_completed',
] as const satisfies (keyof BatchRow)[];

const CALLBACK_COLUMNS = [
  'sid',
  'account_sid',
  'resource_sid',
  'receiver',
  'url',
  'method',
  'parameters',
  'request_id',
  'state',
  'attempts',
  'next_attempt_at',
  'locked_until',
  'date_created',
  'date_settled',
] as const satisfies (keyof CallbackRow)[];

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

const EUICC_EVENT_COLUMNS = [
  'sid',
  'account_sid',
  'euicc_sid',
  'eid',
  'operation_sid',
  'status',
  'previous_status',
  'changed',
  'kind',
  'error_code',
  'date_created',
] as const satisfies (keyof EuiccEventRow)[];

const EUICC_COLUMNS = [
  'sid',
  'account_sid',
  'eid',
  'friendly_name',
  'state',
  'eim_key',
  'association_token',
  'counter',
  'seq_number',
  'package_number',
  'result_signature',
  'unsigned_results',
  'euicc_certificate',
  'eum_certificate',
  'capabilities',
  'profiles',
  'date_profiles',
  'reported',
  'callback_url',
  'callback_method',
  'callback_off',
  'date_seen',
  'group_sid',
  'metadata',
  'ipa_url',
  'ipa_binding',
  'ipa_ca',
  'date_created',
  'date_updated',
] as const satisfies (keyof EuiccRow)[];

const EUICC_GROUP_COLUMNS = [
  'sid',
  'account_sid',
  'name',
  'date_created',
  'date_updated',
] as const satisfies (keyof EuiccGroupRow)[];

const BULK_OPERATION_COLUMNS = [
  'sid',
  'account_sid',
  'status',
  'step',
  'kind',
  'parameters',
  'order_of',
  'target',
  'item_count',
  'part_size',
  'next_item',
  'refused',
  'rate',
  'maximum_failures',
  'failures_before',
  'canary',
  'canary_approval',
  'is_canary',
  'placed_by',
  'request_id',
  'callback_url',
  'callback_method',
  'error_code',
  'error_message',
  'rate_from',
  'date_due',
  'date_changed',
  'date_expires',
  'date_created',
  'date_updated',
  'date_ended',
] as const satisfies (keyof BulkOperationRow)[];

const EUICC_RANGE_COLUMNS = [
  'sid',
  'account_sid',
  'eid_prefix',
  'most',
  'registered',
  'result_signature',
  'date_created',
  'date_updated',
] as const satisfies (keyof EuiccRangeRow)[];

const EIM_OPERATION_COLUMNS = [
  'sid',
  'account_sid',
  'eid',
  'euicc_sid',
  'kind',
  'parameters',
  'status',
  'esim_profile_sid',
  'bulk_sid',
  'result',
  'error_code',
  'error_message',
  'callback_url',
  'callback_method',
  'callback_off',
  'history',
  'failures',
  'date_failed',
  'date_due',
  'date_created',
  'date_updated',
  'date_sent',
  'date_ended',
] as const satisfies (keyof EimOperationRow)[];

const INSTALL_LINK_COLUMNS = [
  'sid',
  'account_sid',
  'esim_profile_sid',
  'token_hash',
  'date_created',
  'date_expires',
  'date_revoked',
] as const satisfies (keyof InstallLinkRow)[];

const OPERATOR_COLUMNS = [
  'sid',
  'account_sid',
  'friendly_name',
  'requester_identifier',
  'progress_url',
  'progress_ca',
  'date_created',
  'date_updated',
  'date_revoked',
] as const satisfies (keyof OperatorRow)[];

const PROGRESS_REPORT_COLUMNS = [
  'sid',
  'account_sid',
  'operator_sid',
  'iccid',
  'order_number',
  'notification_point_id',
  'status',
  'request',
  'state',
  'attempts',
  'next_attempt_at',
  'locked_until',
  'date_created',
  'date_settled',
] as const satisfies (keyof ProgressReportRow)[];

const RSP_LOG_COLUMNS = [
  'sid',
  'account_sid',
  'esim_profile_sid',
  'function',
  'transaction_id',
  'eid',
  'tac',
  'imei',
  'lpa',
  'address',
  'duration_ms',
  'status',
  'subject_code',
  'reason_code',
  'message',
  'binding',
  'request',
  'response',
  'date_created',
] as const satisfies (keyof RspLogRow)[];

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
  'callback_off',
  'date_created',
  'date_updated',
] as const satisfies (keyof SimRow)[];

/** For a transaction whose events became too old. */
const ATTEMPTS = 3;

/** Migrates the schema and returns the store. Throws `StoreMismatch`. */
export async function makeStore(backend: Backend, options?: MigrateOptions): Promise<Store> {
  await backend.migrate(MIGRATIONS, options);
  await backend.clock.compare();
  const listeners = new Set<EventListener>();
  const euiccListeners = new Set<EventListener>();
  let lastCommit = -Infinity;
  const transaction: Store['transaction'] = async (work) => {
    let added: ReadonlySet<string>;
    let ofEuiccs: ReadonlySet<string>;
    const result = await againWhenTooLate(backend, async (db) => {
      const written = tables(db, backend, backend.flavor.soon);
      added = written.esimProfileEvents.addedTo;
      ofEuiccs = written.euiccEvents.addedTo;
      const done = await work(written);
      written.esimProfileEvents.checkKept();
      written.euiccEvents.checkKept();
      return done;
    });
    lastCommit = performance.now();
    if (added!.size > 0) for (const listener of listeners) listener(added!);
    if (ofEuiccs!.size > 0) for (const listener of euiccListeners) listener(ofEuiccs!);
    return result;
  };
  return {
    kind: backend.flavor.name,
    isSpread: backend.flavor.isSpread,
    clock: backend.clock,
    ...allTables(backend.reader, backend, setImmediate),
    transaction,
    append: sharer(transaction),
    // Where transactions run one at a time, those that wait share a commit anyway.
    share: backend.flavor.rowLocks ? sharer(transaction) : transaction,
    esimProfileSearch: new EsimProfileSearch(backend.reader, backend.flavor),
    apiKeyPages: pagesOf(backend, 'api_keys', API_KEY_COLUMNS, (values) =>
      named<ApiKeyRow>(API_KEY_COLUMNS, values),
    ),
    auditEntryPages: pagesOf(backend, 'audit_entries', AUDIT_ENTRY_COLUMNS, (values) =>
      named<AuditEntryRow>(AUDIT_ENTRY_COLUMNS, values),
    ),
    batchPages: pagesOf(backend, 'batches', BATCH_COLUMNS, (values) =>
      named<BatchRow>(BATCH_COLUMNS, values),
    ),
    bulkOperationPages: pagesOf(backend, 'bulk_operations', BULK_OPERATION_COLUMNS, (values) =>
      named<BulkOperationRow>(BULK_OPERATION_COLUMNS, values),
    ),
    callbackPages: pagesOf(backend, 'callbacks', CALLBACK_COLUMNS, (values) =>
      named<CallbackRow>(CALLBACK_COLUMNS, values),
    ),
    esimProfilePages: pagesOf(backend, 'esim_profiles', ['sid', 'resource'], ([sid, resource]) => ({
      sid: sid as string,
      resource: resource as string,
    })),
    esimProfileSids: pagesOf(backend, 'esim_profiles', ['sid'], sidOnly),
    esimProfileMetadataSids: pagesOf(backend, 'esim_profile_metadata', ['sid'], sidOnly),
    esimProfileCount: counterOf(backend, 'esim_profiles'),
    simCount: counterOf(backend, 'sims'),
    callbackCount: counterOf(backend, 'callbacks'),
    esimProfileEventPages: pagesOf(backend, 'esim_profile_events', EVENT_COLUMNS, (values) =>
      named<EsimProfileEventRow>(EVENT_COLUMNS, values),
    ),
    euiccEventPages: pagesOf(backend, 'euicc_events', EUICC_EVENT_COLUMNS, (values) =>
      named<EuiccEventRow>(EUICC_EVENT_COLUMNS, values),
    ),
    euiccGroupPages: pagesOf(backend, 'euicc_groups', EUICC_GROUP_COLUMNS, (values) =>
      named<EuiccGroupRow>(EUICC_GROUP_COLUMNS, values),
    ),
    euiccPages: pagesOf(backend, 'euiccs', EUICC_COLUMNS, (values) =>
      named<EuiccRow>(EUICC_COLUMNS, values),
    ),
    euiccCount: counterOf(backend, 'euiccs'),
    euiccRangePages: pagesOf(backend, 'euicc_ranges', EUICC_RANGE_COLUMNS, (values) =>
      named<EuiccRangeRow>(EUICC_RANGE_COLUMNS, values),
    ),
    eimOperationPages: pagesOf(backend, 'eim_operations', EIM_OPERATION_COLUMNS, (values) =>
      named<EimOperationRow>(EIM_OPERATION_COLUMNS, values),
    ),
    installLinkPages: pagesOf(backend, 'install_links', INSTALL_LINK_COLUMNS, (values) =>
      named<InstallLinkRow>(INSTALL_LINK_COLUMNS, values),
    ),
    operatorPages: pagesOf(backend, 'operators', OPERATOR_COLUMNS, (values) =>
      named<OperatorRow>(OPERATOR_COLUMNS, values),
    ),
    progressReportPages: pagesOf(backend, 'progress_reports', PROGRESS_REPORT_COLUMNS, (values) =>
      named<ProgressReportRow>(PROGRESS_REPORT_COLUMNS, values),
    ),
    rspLogPages: pagesOf(backend, 'rsp_log', RSP_LOG_COLUMNS, (values) =>
      named<RspLogRow>(RSP_LOG_COLUMNS, values),
    ),
    simPages: pagesOf(backend, 'sims', SIM_COLUMNS, (values) => named<SimRow>(SIM_COLUMNS, values)),
    figures: new Figures(backend.reader, () => backend.figures()),
    connections: () => backend.connections(),
    inFlight: () => countInFlight(backend.reader),
    placesBeforeRotation: async () =>
      backend.flavor.name === 'postgres' ? placesOfOlder(backend.reader, ROTATION) : [],
    changeToken: () => backend.changeToken(),
    onEvents(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onEuiccEvents(listener) {
      euiccListeners.add(listener);
      return () => euiccListeners.delete(listener);
    },
    isUnavailable: (error) => error instanceof StoreUnavailable,
    checkReady: readinessOf(backend, () => lastCommit),
    close: () => backend.close(),
  };
}

/** Runs work again after `TooLate`: a machine that has slept must ask for the time again first. */
async function againWhenTooLate<T>(
  backend: Backend,
  work: (db: Kysely<Tables>) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await backend.transaction(work);
    } catch (error) {
      if (!(error instanceof TooLate)) throw error;
      if (attempt === ATTEMPTS)
        throw new StoreUnavailable('The database is too slow', { cause: error });
      await backend.clock.compare();
    }
  }
}

/** How many works share a transaction, whose locks all of them hold until its end. */
const SHARED_LIMIT = 16;

function sharer(transaction: Store['transaction']): Store['transaction'] {
  type Work = (tables: Transaction) => Promise<unknown>;

  async function runAll(works: Work[]): Promise<unknown[]> {
    try {
      return await transaction((shared) => allEnded(works.map((work) => work(shared))));
    } catch (error) {
      // If the database cannot be reached, they may have been committed.
      if (works.length === 1 || error instanceof StoreUnavailable) throw error;
      // One by one, so only the failing ones fail.
      return works.map((work) => transaction(work));
    }
  }

  const share = together(async (works: Work[]) => {
    const results: Promise<unknown>[] = [];
    while (results.length < works.length) {
      const some = works.slice(results.length, results.length + SHARED_LIMIT);
      // Not awaited, so the next ones need not wait until these are on disk.
      const ran = runAll(some);
      results.push(...some.map(async (_work, index) => (await ran)[index]));
    }
    return results;
  });
  return share as Store['transaction'];
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
  stockThresholds: (db) => new StockThresholds(db),
  subscriptions: (db, flavor, soon) => new Subscriptions(db, flavor, soon),
  tlsFailures: (db) => new TlsFailures(db),
};

class LazyTables {
  readonly now: () => Date;
  readonly #make: <Made>(maker: Maker<Made>) => Made;
  readonly #made: Partial<Record<string, unknown>> = {};

  /** @param soon defers a query until concurrent callers have added theirs */
  constructor(
    db: Kysely<Tables>,
    { flavor, clock }: Pick<Backend, 'flavor' | 'clock'>,
    soon: Soon,
  ) {
    this.now = () => clock.now();
    this.#make = (maker) => maker(db, flavor, soon);
  }

  static {
    for (const [name, maker] of Object.entries<Maker<unknown>>(MAKERS)) {
      Object.defineProperty(LazyTables.prototype, name, {
        get(this: LazyTables) {
          return (this.#made[name] ??= this.#make(maker));
        },
      });
    }
  }
}

/** As `LazyTables`. */
function tables(...given: ConstructorParameters<typeof LazyTables>): Transaction {
  return new LazyTables(...given) as Pick<Transaction, 'now'> as Transaction;
}

function allTables(...given: ConstructorParameters<typeof LazyTables>): Transaction {
  const made = tables(...given);
  const names = Object.keys(MAKERS) as (keyof typeof MAKERS)[];
  return { ...made, ...Object.fromEntries(names.map((name) => [name, made[name]])) };
}

const sidOnly = ([sid]: unknown[]) => ({ sid: sid as string });

function named<Row>(columns: readonly (keyof Row)[], values: unknown[]): Row {
  return Object.fromEntries(columns.map((column, index) => [column, values[index]])) as Row;
}
