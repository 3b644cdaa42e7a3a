// The lists that are read page by page, and counted.
import { counterOf } from './counts.ts';
import type { Counter } from './counts.ts';
import type { Backend } from './flavor.ts';
import {
  API_KEY_COLUMNS,
  AUDIT_ENTRY_COLUMNS,
  BATCH_COLUMNS,
  BULK_OPERATION_COLUMNS,
  CALLBACK_COLUMNS,
  EIM_OPERATION_COLUMNS,
  EUICC_COLUMNS,
  EUICC_EVENT_COLUMNS,
  EUICC_GROUP_COLUMNS,
  EUICC_RANGE_COLUMNS,
  EVENT_COLUMNS,
  INSTALL_LINK_COLUMNS,
  OPERATOR_COLUMNS,
  PROGRESS_REPORT_COLUMNS,
  RSP_LOG_COLUMNS,
  SIM_COLUMNS,
} from './listed-columns.ts';
import { pagesOf } from './pages.ts';
import type { Paged } from './pages.ts';
import type {
  ApiKeyRow,
  AuditEntryRow,
  BatchRow,
  BulkOperationRow,
  CallbackRow,
  EimOperationRow,
  EsimProfileEventRow,
  EuiccEventRow,
  EuiccGroupRow,
  EuiccRangeRow,
  EuiccRow,
  InstallLinkRow,
  OperatorRow,
  ProgressReportRow,
  RspLogRow,
  SimRow,
} from './schema.ts';

export type PageReader<Row> = ReturnType<typeof pagesOf<Row>>;

export interface PagedLists {
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
}

export function pagedListsOf(backend: Backend): PagedLists {
  const pages = <Row>(table: Paged, columns: readonly (keyof Row & string)[]): PageReader<Row> =>
    pagesOf(backend, table, columns, (values) => named(columns, values));
  return {
    apiKeyPages: pages<ApiKeyRow>('api_keys', API_KEY_COLUMNS),
    auditEntryPages: pages<AuditEntryRow>('audit_entries', AUDIT_ENTRY_COLUMNS),
    batchPages: pages<BatchRow>('batches', BATCH_COLUMNS),
    bulkOperationPages: pages<BulkOperationRow>('bulk_operations', BULK_OPERATION_COLUMNS),
    callbackPages: pages<CallbackRow>('callbacks', CALLBACK_COLUMNS),
    esimProfilePages: pagesOf(
      backend,
      'esim_profiles',
      ['sid', 'resource'],
      ([sid, resource]) => ({ sid: sid as string, resource: resource as string }),
      { areLines: true },
    ),
    esimProfileSids: pagesOf(backend, 'esim_profiles', ['sid'], sidOnly),
    esimProfileMetadataSids: pagesOf(backend, 'esim_profile_metadata', ['sid'], sidOnly),
    esimProfileCount: counterOf(backend, 'esim_profiles'),
    simCount: counterOf(backend, 'sims'),
    callbackCount: counterOf(backend, 'callbacks'),
    esimProfileEventPages: pages<EsimProfileEventRow>('esim_profile_events', EVENT_COLUMNS),
    euiccEventPages: pages<EuiccEventRow>('euicc_events', EUICC_EVENT_COLUMNS),
    euiccGroupPages: pages<EuiccGroupRow>('euicc_groups', EUICC_GROUP_COLUMNS),
    euiccPages: pages<EuiccRow>('euiccs', EUICC_COLUMNS),
    euiccCount: counterOf(backend, 'euiccs'),
    euiccRangePages: pages<EuiccRangeRow>('euicc_ranges', EUICC_RANGE_COLUMNS),
    eimOperationPages: pages<EimOperationRow>('eim_operations', EIM_OPERATION_COLUMNS),
    installLinkPages: pages<InstallLinkRow>('install_links', INSTALL_LINK_COLUMNS),
    operatorPages: pages<OperatorRow>('operators', OPERATOR_COLUMNS),
    progressReportPages: pages<ProgressReportRow>('progress_reports', PROGRESS_REPORT_COLUMNS),
    rspLogPages: pages<RspLogRow>('rsp_log', RSP_LOG_COLUMNS),
    simPages: pages<SimRow>('sims', SIM_COLUMNS),
  };
}

const sidOnly = ([sid]: unknown[]) => ({ sid: sid as string });

function named<Row>(columns: readonly (keyof Row)[], values: unknown[]): Row {
  return Object.fromEntries(columns.map((column, index) => [column, values[index]])) as Row;
}
