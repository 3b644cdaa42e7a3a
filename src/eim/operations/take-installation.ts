// The signed result of an installation ends the download that has led to it (SGP.22 §2.5.6); what it was ordered for follows.
import type { EimContext } from '../eim.ts';
import { askForProfiles, changeEuicc } from '../euicc-changes.ts';
import type { ReportedProfile } from '../euicc-record.ts';
import { euiccOf, profilesOf } from '../euicc-record.ts';
import type {
  NotificationMetadata,
  ProfileInstallationResult,
} from '../../rsp/definitions/notification.ts';
import { isOfCancelled } from '../fleet/gate.ts';
import { decodeIccid } from '../../rsp/identifiers.ts';
import { bppCommandIds, errorReasons, nameOf } from '../../rsp/reasons.ts';
import { isSignature } from '../../rsp/signature.ts';
import type { EimOperationRow, EimPackageRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { withOrders } from './orders-on-euicc.ts';
import { addOperation, endOperation, parametersOf } from './operation.ts';

/**
 * @param triggered the package that has triggered the download; undefined: that of the TransactionID
 * @returns whether it is that of an eUICC that we know
 */
export async function takeInstallation(
  result: ProfileInstallationResult,
  der: Uint8Array,
  triggered: EimPackageRow | undefined,
  context: EimContext,
): Promise<boolean> {
  const { store, log, transact } = context;
  const { profileInstallationResultData: data, euiccSignPIR } = result;
  const transactionId = data.value.transactionId.toHex().toUpperCase();
  const { eimOperations } = store;
  const known =
    triggered === undefined
      ? await eimOperations.packageOfBegun(transactionId)
      : await eimOperations.packageByRspTransaction(transactionId);
  const sent = triggered ?? known;
  const euicc = sent && (await store.euiccs.find(sent.eid));
  if (sent === undefined || euicc === undefined) return false;
  const fields = { eid: sent.eid, operation: sent.operation_sid, transaction: transactionId };
  if (
    known !== undefined &&
    (known.eid !== sent.eid || known.operation_sid !== sent.operation_sid)
  ) {
    log.warn(fields, 'the result of an installation is that of another download');
    return false;
  }
  const verified = euiccOf(euicc, context);
  const isSigned =
    typeof verified === 'object' && isSignature(verified.publicKey, euiccSignPIR, data.der);
  if (!isSigned && euicc.unsigned_results === 0) {
    const reason = typeof verified === 'string' ? verified : 'euiccSignPIR is wrong';
    log.warn({ ...fields, reason }, 'the result of an installation is not accepted');
    return false;
  }
  const { notificationMetadata } = data.value;
  if (known === undefined && isSigned && (await isOfAnother(notificationMetadata, sent, context))) {
    log.warn(fields, 'the result of an installation is that of another download');
    return false;
  }
  if (!isSigned) log.warn(fields, 'the result of an installation without a signature was accepted');
  await transact(async (unit) => {
    await settle(result, der, sent, unit);
    if (isSigned) await noteSeqNumber(sent.eid, notificationMetadata.seqNumber, unit);
  });
  return true;
}

/** What an SM-DP+ that the IPA has called itself has given it, only the eUICC says: an old result, or that of another profile, is none. */
async function isOfAnother(
  { seqNumber, iccid }: NotificationMetadata,
  { eid, account_sid: accountSid, operation_sid, after_seq_number: after }: EimPackageRow,
  { store }: Pick<EimContext, 'store'>,
): Promise<boolean> {
  if (after !== null && seqNumber <= after) return true;
  const operation = await store.eimOperations.find(eid, operation_sid);
  const sid = operation?.esim_profile_sid ?? null;
  const order = sid === null ? undefined : await store.esimProfiles.find(accountSid, sid);
  return order?.iccid != null && iccid !== undefined && decodeIccid(iccid) !== order.iccid;
}

async function noteSeqNumber(eid: string, seqNumber: number, { tables }: Unit): Promise<void> {
  const euicc = await tables.euiccs.lock(eid);
  if (euicc === undefined || seqNumber <= (euicc.installation_seq_number ?? -1)) return;
  await tables.euiccs.update(eid, { installation_seq_number: seqNumber });
}

async function settle(
  { profileInstallationResultData: { value } }: ProfileInstallationResult,
  response: Uint8Array,
  sent: EimPackageRow,
  unit: Unit,
): Promise<void> {
  const { tables, now } = unit;
  const euicc = await tables.euiccs.lock(sent.eid);
  const operation = await tables.eimOperations.find(sent.eid, sent.operation_sid);
  if (euicc === undefined || operation === undefined) return;
  const { errorResult } = value.finalResult;
  const { iccid: bytes, seqNumber } = value.notificationMetadata;
  const iccid = bytes === undefined ? undefined : decodeIccid(bytes);
  const listed = profilesOf(euicc) ?? [];
  const known = listed.find((profile) => profile.iccid === iccid);
  // The device may have begun again, and failed then because the profile was there.
  const isLate = operation.status === 'failed' && errorResult === undefined;
  if (operation.status === 'cancelled') {
    if (errorResult === undefined && known === undefined) await askForProfiles(euicc, unit);
    return;
  }
  if (operation.status !== 'sent' && !isLate) return;
  const transactionId = value.transactionId.toHex().toUpperCase();
  // So that it counts for this download alone.
  await tables.eimOperations.updatePackage(sent, { rsp_transaction_id: transactionId });
  if (errorResult !== undefined) {
    const errorCode = nameOf(errorReasons, errorResult.errorReason) ?? 'undefinedError';
    const command = nameOf(bppCommandIds, errorResult.bppCommandId) ?? 'the package';
    const errorMessage = `The eUICC has not installed the profile: ${command} ended with ${errorCode}`;
    await endOperation(
      operation,
      { status: 'failed', errorCode, errorMessage },
      { response },
      unit,
    );
    return;
  }
  const ending = { status: 'completed', result: { iccid: iccid ?? null } } as const;
  await endOperation(operation, ending, { response }, unit);
  if (iccid === undefined) return;
  const date = now.toISOString();
  // The eUICC has carried out something else since: it may have enabled the profile, or deleted it.
  const isOvertaken = isLate && seqNumber < (euicc.seq_number ?? -1);
  if (isOvertaken) {
    await askForProfiles(euicc, unit);
  } else {
    const installed = { ...newProfile(iccid), ...orderOf(operation) };
    const others = listed.filter((profile) => profile.iccid !== iccid);
    const profiles = await withOrders(euicc.account_sid, [...others, installed], unit);
    await changeEuicc(
      euicc,
      { profiles: JSON.stringify(profiles), date_profiles: date, date_updated: date },
      unit,
    );
  }
  const { enable = false, rollback = false } = parametersOf(operation);
  if (!enable || (await isOfCancelled(operation, tables))) return;
  if (isOvertaken && known?.state === 'enabled') return;
  const { esim_profile_sid: order, bulk_sid: bulk } = operation;
  await addOperation(euicc, 'enable', { iccid, rollback }, order, unit, { bulkSid: bulk });
}

const orderOf = ({ esim_profile_sid }: EimOperationRow) =>
  esim_profile_sid === null ? {} : { esim_profile_sid };

const newProfile = (iccid: string): ReportedProfile => ({
  iccid,
  state: 'disabled',
  service_provider: null,
  name: null,
  nickname: null,
  fallback: false,
});
