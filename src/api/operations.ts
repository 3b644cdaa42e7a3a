// The API's operations, in the order of its document.
import { cancelEuiccOperation } from './cancelEuiccOperation.ts';
import { countEuicc } from './countEuicc.ts';
import { createEuicc } from './createEuicc.ts';
import { createEuiccOperation } from './createEuiccOperation.ts';
import { deleteEuicc } from './deleteEuicc.ts';
import { fetchEuicc } from './fetchEuicc.ts';
import { fetchEuiccOnboarding } from './fetchEuiccOnboarding.ts';
import { listEuiccEvent } from './listEuiccEvent.ts';
import { streamEuiccEvent } from './streamEuiccEvent.ts';
import { fetchEuiccOperation } from './fetchEuiccOperation.ts';
import { listEuicc } from './listEuicc.ts';
import { listEuiccOperation } from './listEuiccOperation.ts';
import { listEuiccPackage } from './listEuiccPackage.ts';
import { cancelBatch } from './cancelBatch.ts';
import { cancelEsimProfile } from './cancelEsimProfile.ts';
import { countCallback } from './countCallback.ts';
import { countEsimProfile } from './countEsimProfile.ts';
import { countSim } from './countSim.ts';
import { createBatch } from './createBatch.ts';
import { createEsimProfile } from './createEsimProfile.ts';
import { createInstallLink } from './createInstallLink.ts';
import { createKey } from './createKey.ts';
import { createRehearsal } from './createRehearsal.ts';
import { createStockImport } from './createStockImport.ts';
import { createStockPreview } from './createStockPreview.ts';
import { deleteInstallLink } from './deleteInstallLink.ts';
import { deleteKey } from './deleteKey.ts';
import { exportBatch } from './exportBatch.ts';
import { exportCallback } from './exportCallback.ts';
import { exportEsimProfile } from './exportEsimProfile.ts';
import { exportQrCodes } from './exportQrCodes.ts';
import { exportSim } from './exportSim.ts';
import { fetchAccount } from './fetchAccount.ts';
import { fetchAuditEntry } from './fetchAuditEntry.ts';
import { fetchBatch } from './fetchBatch.ts';
import { fetchBrand } from './fetchBrand.ts';
import { fetchCallback } from './fetchCallback.ts';
import { fetchCallbackSecret } from './fetchCallbackSecret.ts';
import { fetchEsimProfile } from './fetchEsimProfile.ts';
import { fetchEsimProfileInstall } from './fetchEsimProfileInstall.ts';
import { fetchEsimProfileQrCode } from './fetchEsimProfileQrCode.ts';
import { fetchInstallLink } from './fetchInstallLink.ts';
import { fetchEsimProfileReport } from './fetchEsimProfileReport.ts';
import { fetchKey } from './fetchKey.ts';
import { fetchQrSheet } from './fetchQrSheet.ts';
import { fetchSim } from './fetchSim.ts';
import { fetchStatistics } from './fetchStatistics.ts';
import { fetchStock } from './fetchStock.ts';
import { listAuditEntry } from './listAuditEntry.ts';
import { listBatch } from './listBatch.ts';
import { listBatchItem } from './listBatchItem.ts';
import { listCallback } from './listCallback.ts';
import { listEsimProfile } from './listEsimProfile.ts';
import { listEsimProfileCallback } from './listEsimProfileCallback.ts';
import { listEsimProfileEvent } from './listEsimProfileEvent.ts';
import { listEsimProfileRspLog } from './listEsimProfileRspLog.ts';
import { listInstallLink } from './listInstallLink.ts';
import { listKey } from './listKey.ts';
import { listSim } from './listSim.ts';
import { reissueMatchingId } from './reissueMatchingId.ts';
import { reorderEsimProfile } from './reorderEsimProfile.ts';
import { retryCallback } from './retryCallback.ts';
import { retryCallbacks } from './retryCallbacks.ts';
import { rotateCallbackSecret } from './rotateCallbackSecret.ts';
import { streamEvent } from './streamEvent.ts';
import { testCallback } from './testCallback.ts';
import { updateAccount } from './updateAccount.ts';
import { updateEsimProfile } from './updateEsimProfile.ts';
import { updateBrand } from './updateBrand.ts';
import { updateSim } from './updateSim.ts';
import { updateStock } from './updateStock.ts';
import { fetchOperator } from './fetchOperator.ts';
import { fetchProgressReport } from './fetchProgressReport.ts';
import { listOperator } from './listOperator.ts';
import { listProgressReport } from './listProgressReport.ts';
import { retryProgressReport } from './retryProgressReport.ts';
import { retryProgressReportsOfAccount } from './retryProgressReports.ts';
import { cancelBulkOperation } from './cancelBulkOperation.ts';
import { createBulkOperation } from './createBulkOperation.ts';
import { createEuiccGroup } from './createEuiccGroup.ts';
import { createEuiccImport } from './createEuiccImport.ts';
import { deleteEuiccGroup } from './deleteEuiccGroup.ts';
import { exportBulkOperation } from './exportBulkOperation.ts';
import { exportEuiccOnboarding } from './exportEuiccOnboarding.ts';
import { fetchBulkOperation } from './fetchBulkOperation.ts';
import { fetchEuiccGroup } from './fetchEuiccGroup.ts';
import { listBulkOperation } from './listBulkOperation.ts';
import { listBulkOperationItem } from './listBulkOperationItem.ts';
import { listEuiccGroup } from './listEuiccGroup.ts';
import { pauseBulkOperation } from './pauseBulkOperation.ts';
import { resumeBulkOperation } from './resumeBulkOperation.ts';
import { updateEuicc } from './updateEuicc.ts';
import { updateEuiccGroup } from './updateEuiccGroup.ts';
import type { Operation } from './operation.ts';

export const OPERATIONS: readonly Operation[] = [
  createEsimProfile,
  listEsimProfile,
  countEsimProfile,
  exportEsimProfile,
  fetchEsimProfile,
  updateEsimProfile,
  cancelEsimProfile,
  reissueMatchingId,
  reorderEsimProfile,
  fetchEsimProfileQrCode,
  fetchQrSheet,
  exportQrCodes,
  listEsimProfileEvent,
  listEsimProfileRspLog,
  listEsimProfileCallback,
  createBatch,
  listBatch,
  fetchBatch,
  listBatchItem,
  exportBatch,
  cancelBatch,
  fetchEsimProfileInstall,
  createInstallLink,
  listInstallLink,
  fetchInstallLink,
  deleteInstallLink,
  fetchEsimProfileReport,
  listCallback,
  countCallback,
  exportCallback,
  retryCallbacks,
  testCallback,
  createRehearsal,
  fetchCallback,
  retryCallback,
  streamEvent,
  listSim,
  countSim,
  exportSim,
  fetchSim,
  updateSim,
  fetchStatistics,
  fetchStock,
  updateStock,
  createStockImport,
  createStockPreview,
  createEuicc,
  listEuicc,
  countEuicc,
  fetchEuicc,
  updateEuicc,
  deleteEuicc,
  listEuiccEvent,
  fetchEuiccOnboarding,
  createEuiccOperation,
  listEuiccOperation,
  fetchEuiccOperation,
  cancelEuiccOperation,
  streamEuiccEvent,
  listEuiccPackage,
  createEuiccImport,
  exportEuiccOnboarding,
  createEuiccGroup,
  listEuiccGroup,
  fetchEuiccGroup,
  updateEuiccGroup,
  deleteEuiccGroup,
  createBulkOperation,
  listBulkOperation,
  fetchBulkOperation,
  listBulkOperationItem,
  exportBulkOperation,
  pauseBulkOperation,
  resumeBulkOperation,
  cancelBulkOperation,
  listOperator,
  fetchOperator,
  listProgressReport,
  retryProgressReportsOfAccount,
  fetchProgressReport,
  retryProgressReport,
  fetchAccount,
  updateAccount,
  fetchCallbackSecret,
  rotateCallbackSecret,
  fetchBrand,
  updateBrand,
  listKey,
  createKey,
  fetchKey,
  deleteKey,
  listAuditEntry,
  fetchAuditEntry,
];
