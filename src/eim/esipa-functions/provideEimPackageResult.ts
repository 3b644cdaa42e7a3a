// SGP.32 §6.3.2.7 ESipa.ProvideEimPackageResult: what came of an eIM package.
import type { EimContext } from '../eim.ts';
import type { Caller } from '../es9plus.ts';
import { SmdpUnavailable } from '../es9plus.ts';
import { eidIn } from '../euicc-record.ts';
import { failUnsigned } from '../operations/attempts.ts';
import { isOfEuicc } from '../operations/contents.ts';
import { failureOfIpa } from '../operations/ipa-failure.ts';
import { goOnWithout, takeKeptResults } from '../operations/kept-results.ts';
import { takeEuiccData } from '../operations/take-euicc-data.ts';
import { noteWaitingFor } from '../operations/note-waiting.ts';
import { takeAnswerBeforeDownload } from '../operations/ask-before-download.ts';
import { takeInstallation } from '../operations/take-installation.ts';
import { takePackageResult } from '../operations/take-package-result.ts';
import { takeContactData } from '../first-contact/take-contact-data.ts';
import { takeContactResult } from '../first-contact/take-contact-result.ts';
import { forwardNotification } from './forward-notification.ts';
import {
  IpaEuiccDataResponse,
  ProfileDownloadTriggerResult,
} from '../../rsp/definitions/eim-package.ts';
import type { PendingNotificationEsipa } from '../../rsp/definitions/compact.ts';
import type { ProvideEimPackageResult } from '../../rsp/definitions/esipa.ts';
import {
  eimPackageResultErrorCodes,
  profileDownloadErrorReasons,
  provideEimPackageResultErrors,
} from '../../rsp/eim-codes.ts';
import { readDer } from '../../rsp/der.ts';
import type { Encoded } from '../../rsp/encoded.ts';
import { decodeEid } from '../../rsp/identifiers.ts';
import { nameOf } from '../../rsp/reasons.ts';
import type { EimPackageRow } from '../../store/schema.ts';

const { eidNotFound, undefinedError } = provideEimPackageResultErrors;

export interface ProvidedResult {
  /** seqNumbers that the IPA may forget. */
  acknowledged: number[];
  error?: number;
}

/** Throws `Conflict`. */
export async function provideEimPackageResult(
  { eidValue, eimPackageResult: result }: ProvideEimPackageResult,
  caller: Caller,
  context: EimContext,
): Promise<ProvidedResult> {
  const eid = eidValue === undefined ? undefined : decodeEid(eidValue);
  const {
    euiccPackageResult,
    ePRAndNotifications: both,
    ipaEuiccDataResponse: data,
    profileDownloadTriggerResult: download,
    eimPackageResultResponseError: refused,
  } = result;
  const packageResult = euiccPackageResult ?? both?.euiccPackageResult;
  if (packageResult !== undefined) {
    const known = await takePackageResult(packageResult, eid, context);
    const taken =
      known.isUnknown === true
        ? ((await takeContactResult(packageResult, eid, context)) ?? known)
        : known;
    if (taken.isUnknown === true) return { acknowledged: [], error: eidNotFound };
    if (taken.isRefused === true) return { acknowledged: [], error: undefinedError };
    const notified = await forwardAll(both?.notificationList ?? [], eid, caller, context);
    return { acknowledged: [...taken.acknowledged, ...notified] };
  }
  const transactionId =
    data?.ipaEuiccData?.eimTransactionId ??
    data?.ipaEuiccDataResponseError?.eimTransactionId ??
    download?.eimTransactionId ??
    refused?.eimTransactionId;
  const isOfData = data !== undefined || refused !== undefined;
  const asked = isOfData
    ? await takeAnswerBeforeDownload(data ?? {}, transactionId, eid ?? eidOf(data), context)
    : undefined;
  if (asked !== undefined) {
    const notifications = data?.ipaEuiccData?.notificationsList ?? [];
    return { acknowledged: await forwardAll(notifications, asked, caller, context) };
  }
  const sent = await findOpen(transactionId, eid ?? eidOf(data), context);
  if (sent === undefined && data !== undefined) {
    const isAccepted = await takeContactData(data, eid, context);
    if (isAccepted === true) return { acknowledged: [] };
    if (isAccepted === false) return { acknowledged: [], error: undefinedError };
  }
  if (sent === undefined) return { acknowledged: [], error: eidNotFound };
  if (!isAnsweredBy(result, sent)) {
    const fields = { eid: sent.eid, operation: sent.operation_sid, package: sent.number };
    context.log.warn(fields, 'an IPA has answered a package with the result of another kind');
    return { acknowledged: [], error: undefinedError };
  }
  if (data !== undefined) {
    const { ipaEuiccData } = data;
    const kept = ipaEuiccData && (await takeKeptResults(ipaEuiccData, sent.eid, context));
    const der = IpaEuiccDataResponse.encode(data);
    if (await isForKeptResults(sent, context)) await goOnWithout(sent, der, context);
    else await takeEuiccData(data, der, sent, context);
    const notifications = ipaEuiccData?.notificationsList ?? [];
    const notified = await forwardAll(notifications, sent.eid, caller, context);
    return { acknowledged: [...(kept ?? []), ...notified] };
  }
  if (download !== undefined) {
    const der = ProfileDownloadTriggerResult.encode(download);
    const isTaken = await takeDirectDownload(download, der, sent, context);
    return isTaken ? { acknowledged: [] } : { acknowledged: [], error: undefinedError };
  }
  const code = refused!.eimPackageResultErrorCode;
  const errorCode = nameOf(eimPackageResultErrorCodes, code) ?? `${code}`;
  if (await needsSignature(sent, context)) {
    // Anyone can write that, so it changes nothing.
    const fields = { eid: sent.eid, operation: sent.operation_sid, package: sent.number };
    context.log.warn({ ...fields, errorCode }, 'an IPA has not passed a package to its eUICC');
    await noteWaitingFor(sent, notPassed(errorCode), context);
  } else {
    await fail(sent, errorCode, undefined, context);
  }
  return { acknowledged: [] };
}

const notPassed = (errorCode: string) =>
  `The IPA says that it cannot pass the package to the eUICC (${errorCode}), and the eUICC has signed nothing. An IPA of v1.0.1 knows no commands of later versions`;

/** Whether what it asks the IPA for belongs to an operation of the eUICC. */
async function isForKeptResults(
  { eid, operation_sid: sid }: EimPackageRow,
  { store }: EimContext,
): Promise<boolean> {
  const operation = await store.eimOperations.find(eid, sid);
  return operation !== undefined && isOfEuicc(operation);
}

/** IPAs of v1.0.1 name neither the EID nor the transaction, but the certificate does, which is verified when it is taken. */
function eidOf(data: IpaEuiccDataResponse | undefined): string | undefined {
  const { euiccCertificate } = data?.ipaEuiccData ?? {};
  return euiccCertificate && eidIn(euiccCertificate);
}

/** What an IPA says by itself answers only what was for the IPA; each has the tag of its request. */
function isAnsweredBy(
  {
    ipaEuiccDataResponse: data,
    profileDownloadTriggerResult: download,
  }: ProvideEimPackageResult['eimPackageResult'],
  { request }: EimPackageRow,
): boolean {
  const { tag } = readDer(request);
  if (data !== undefined) return IpaEuiccDataResponse.tags.includes(tag);
  return download === undefined || ProfileDownloadTriggerResult.tags.includes(tag);
}

/** Whether only the eUICC can say what came of it. */
async function needsSignature(
  { eid, counter }: EimPackageRow,
  { store }: EimContext,
): Promise<boolean> {
  if (counter === null) return false;
  return (await store.euiccs.find(eid))?.unsigned_results !== 1;
}

/** What a direct download led to: the IPA has told the SM-DP+ itself. */
async function takeDirectDownload(
  { profileDownloadTriggerResultData: outcome }: ProfileDownloadTriggerResult,
  der: Uint8Array,
  sent: EimPackageRow,
  context: EimContext,
): Promise<boolean> {
  const { profileInstallationResult: installation, profileDownloadError: error } = outcome;
  if (installation !== undefined) {
    return takeInstallation(installation.value, der, sent, context);
  }
  const reason = error.profileDownloadErrorReason;
  await fail(sent, nameOf(profileDownloadErrorReasons, reason) ?? `${reason}`, der, context);
  return true;
}

/** The IPA could do nothing with it. */
async function fail(
  sent: EimPackageRow,
  errorCode: string,
  response: Uint8Array | undefined,
  context: EimContext,
): Promise<void> {
  const failure = failureOfIpa(errorCode);
  const der = response ?? new Uint8Array();
  if (await isForKeptResults(sent, context)) await goOnWithout(sent, der, context);
  else await failUnsigned(sent, failure, response, context);
}

/** Also of an operation that has ended: what comes again is answered again. */
async function findOpen(
  transactionId: Uint8Array | undefined,
  eid: string | undefined,
  { store: { eimOperations } }: EimContext,
): Promise<EimPackageRow | undefined> {
  if (transactionId !== undefined) {
    return eimOperations.packageByTransaction(transactionId.toHex().toUpperCase(), eid);
  }
  const operation = eid === undefined ? undefined : await eimOperations.next(eid);
  if (operation?.status !== 'sent') return undefined;
  return eimOperations.newestPackage(operation.eid, operation.sid);
}

/** One after the other, in the order of the eUICC. What cannot be forwarded now comes again. */
async function forwardAll(
  notifications: readonly Encoded<PendingNotificationEsipa>[],
  eid: string | undefined,
  caller: Caller,
  context: EimContext,
): Promise<number[]> {
  const acknowledged: number[] = [];
  for (const notification of notifications) {
    try {
      const seqNumber = await forwardNotification(notification, eid, caller, context);
      if (seqNumber !== undefined) acknowledged.push(seqNumber);
    } catch (error) {
      if (!(error instanceof SmdpUnavailable)) throw error;
      context.log.warn({ err: error }, 'a notification was not forwarded');
      break;
    }
  }
  return acknowledged;
}
