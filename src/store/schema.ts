// The tables, as typed for Kysely. Columns are named like the API's fields where there is one. Ids and times are text
// and booleans 0 or 1, so SQLite and PostgreSQL store the same values.
import type { AccountTables } from './schema/accounts.ts';
import type { AuditTables } from './schema/audit.ts';
import type { BatchTables } from './schema/batches.ts';
import type { BulkOperationTables } from './schema/bulk-operations.ts';
import type { EimOperationTables } from './schema/eim-operations.ts';
import type { EsimProfileTables } from './schema/esim-profiles.ts';
import type { EuiccTables } from './schema/euiccs.ts';
import type { OperatorTables } from './schema/operators.ts';
import type { OutboxTables } from './schema/outbox.ts';
import type { PkiTables } from './schema/pki.ts';
import type { RentedSmdpTables } from './schema/rented-smdp.ts';
import type { RspTables } from './schema/rsp.ts';
import type { ServerTables } from './schema/server.ts';
import type { SimTables } from './schema/sims.ts';
import type { StatisticsTables } from './schema/statistics.ts';
import type { StockTables } from './schema/stock.ts';

export type * from './schema/accounts.ts';
export type * from './schema/audit.ts';
export type * from './schema/batches.ts';
export type * from './schema/bulk-operations.ts';
export type * from './schema/eim-operations.ts';
export type * from './schema/esim-profiles.ts';
export type * from './schema/euiccs.ts';
export type * from './schema/operators.ts';
export type * from './schema/outbox.ts';
export type * from './schema/pki.ts';
export type * from './schema/rented-smdp.ts';
export type * from './schema/rsp.ts';
export type * from './schema/server.ts';
export type * from './schema/sims.ts';
export type * from './schema/statistics.ts';
export type * from './schema/stock.ts';

export interface Tables
  extends
    AccountTables,
    AuditTables,
    BatchTables,
    BulkOperationTables,
    EimOperationTables,
    EsimProfileTables,
    EuiccTables,
    OperatorTables,
    OutboxTables,
    PkiTables,
    RentedSmdpTables,
    RspTables,
    ServerTables,
    SimTables,
    StatisticsTables,
    StockTables {}
