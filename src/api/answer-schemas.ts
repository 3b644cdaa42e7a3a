// Schemas of the API's responses, from which the OpenAPI document is generated.
import { Type } from 'typebox';
import { Account, AuditEntry, CallbackSecret, Key, NewKey } from './schemas/accounts.ts';
import { Batch, BatchError, BatchItem, BatchSurvey } from './schemas/batches.ts';
import { Callback, CallbackRetry, CallbackTest, RehearsalStep } from './schemas/callbacks.ts';
import {
  EsimProfile,
  EsimProfileEvent,
  ProfileReport,
  RspLogEntry,
  StreamedEvent,
} from './schemas/esim-profiles.ts';
import {
  Euicc,
  EuiccEvent,
  EuiccOnboarding,
  EuiccOperation,
  EuiccOperationPreview,
  EuiccPackage,
  EuiccRange,
  EuiccRangeOnboarding,
  StreamedEuiccEvent,
} from './schemas/euiccs.ts';
import {
  BulkOperation,
  BulkOperationItem,
  BulkSurvey,
  EuiccGroup,
  EuiccImport,
} from './schemas/fleets.ts';
import { Brand, Install, InstallLink, NewInstallLink } from './schemas/installs.ts';
import { Count, ErrorBody, Meta, OrderConflict } from './schemas/lists-and-errors.ts';
import { Operator, ProgressReport } from './schemas/operators.ts';
import { Sim } from './schemas/sims.ts';
import { Forecast, Statistics } from './schemas/statistics.ts';
import { Stock, StockImport, StockImportError, StockPreview } from './schemas/stock.ts';

export const COMPONENTS = [
  EsimProfile,
  EsimProfileEvent,
  StreamedEvent,
  Batch,
  BatchItem,
  BatchSurvey,
  BatchError,
  Install,
  InstallLink,
  NewInstallLink,
  RspLogEntry,
  ProfileReport,
  Callback,
  CallbackRetry,
  CallbackTest,
  Euicc,
  EuiccOnboarding,
  EuiccOperation,
  EuiccOperationPreview,
  EuiccRange,
  EuiccRangeOnboarding,
  EuiccEvent,
  StreamedEuiccEvent,
  EuiccPackage,
  EuiccGroup,
  EuiccImport,
  BulkOperation,
  BulkOperationItem,
  BulkSurvey,
  Operator,
  ProgressReport,
  RehearsalStep,
  Count,
  Sim,
  Stock,
  Forecast,
  Statistics,
  StockImport,
  StockPreview,
  Account,
  CallbackSecret,
  Brand,
  Key,
  NewKey,
  AuditEntry,
  Meta,
  ErrorBody,
  OrderConflict,
  StockImportError,
];

export type Component =
  | 'EsimProfile'
  | 'EsimProfileEvent'
  | 'StreamedEvent'
  | 'Batch'
  | 'BatchItem'
  | 'BatchSurvey'
  | 'BatchError'
  | 'Install'
  | 'InstallLink'
  | 'NewInstallLink'
  | 'RspLogEntry'
  | 'ProfileReport'
  | 'Callback'
  | 'CallbackRetry'
  | 'CallbackTest'
  | 'Euicc'
  | 'EuiccOnboarding'
  | 'EuiccOperation'
  | 'EuiccOperationPreview'
  | 'EuiccRange'
  | 'EuiccRangeOnboarding'
  | 'EuiccEvent'
  | 'StreamedEuiccEvent'
  | 'EuiccPackage'
  | 'EuiccGroup'
  | 'EuiccImport'
  | 'BulkOperation'
  | 'BulkOperationItem'
  | 'BulkSurvey'
  | 'Operator'
  | 'ProgressReport'
  | 'RehearsalStep'
  | 'Count'
  | 'Sim'
  | 'Stock'
  | 'Forecast'
  | 'Statistics'
  | 'StockImport'
  | 'StockPreview'
  | 'Account'
  | 'CallbackSecret'
  | 'Brand'
  | 'Key'
  | 'NewKey'
  | 'AuditEntry'
  | 'Meta'
  | 'Error'
  | 'OrderConflict'
  | 'StockImportError';

/** A reference to a schema of `COMPONENTS`. */
export const ref = (name: Component) => Type.Ref(`${name}#`);

export const listOf = (key: string, record: Component) =>
  Type.Object({ [key]: Type.Array(ref(record)), meta: ref('Meta') });
