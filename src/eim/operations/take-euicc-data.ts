// What an IPA tells of its eUICC and itself (IpaEuiccData, SGP.32 §2.11.2.2): the certificates with which results are verified, the
// association token, and capabilities.
import type { EimContext } from '../eim.ts';
import { addressIn, capabilitiesOf, capabilitiesTold } from '../capabilities.ts';
import { reportedOf, verifiedEuicc } from '../euicc-record.ts';
import type { IpaEuiccData, IpaEuiccDataResponse } from '../../rsp/definitions/eim-package.ts';
import { ipaEuiccDataErrorCodes } from '../../rsp/eim-codes.ts';
import { nameOf } from '../../rsp/reasons.ts';
import type { EimPackageRow, EuiccRow } from '../../store/schema.ts';
import { changeEuicc } from '../euicc-changes.ts';
import { afterToldToken } from './association-tokens.ts';
import { failUnsigned } from './attempts.ts';
import { failureOfIpa } from './ipa-failure.ts';
import { endOperation, isAwaited } from './operation.ts';

/** @param sent the package that it answers */
export async function takeEuiccData(
  response: IpaEuiccDataResponse,
  der: Uint8Array,
  sent: EimPackageRow,
  context: EimContext,
): Promise<void> {
  const { ipaEuiccData: data, ipaEuiccDataResponseError: error } = response;
  if (data === undefined) {
    const errorCode = nameOf(ipaEuiccDataErrorCodes, error.ipaEuiccDataErrorCode) ?? 'unknown';
    await failUnsigned(sent, failureOfIpa(errorCode), der, context);
    return;
  }
  const problem = await context.transact(async (unit) => {
    const { tables, now } = unit;
    const euicc = await tables.euiccs.lock(sent.eid);
    const operation = await tables.eimOperations.find(sent.eid, sent.operation_sid);
    if (euicc === undefined || operation === undefined || !isAwaited(operation)) return undefined;
    const learned = learnedFrom(data, euicc, context);
    const date = now.toISOString();
    const seen = { date_seen: date, date_updated: date };
    // What stands beside certificates that are not the eUICC's is not its own either.
    await changeEuicc(euicc, { ...learned.changed, ...seen }, unit);
    if (learned.problem !== undefined) return learned.problem;
    await endOperation(operation, { status: 'completed' }, { response: der }, unit);
    return undefined;
  });
  if (problem === undefined) return;
  const failure = { errorCode: 'certificateInvalid', errorMessage: problem };
  await failUnsigned(sent, failure, der, context);
}

function learnedFrom(
  data: IpaEuiccData,
  euicc: EuiccRow,
  context: EimContext,
): { changed?: Partial<EuiccRow>; problem?: string } {
  const { associationToken } = data;
  const address = addressIn(data.defaultSmdpAddress);
  const reported =
    address === undefined
      ? {}
      : { reported: JSON.stringify({ ...reportedOf(euicc), default_smdp_address: address }) };
  const changed: Partial<EuiccRow> = {
    capabilities: JSON.stringify(capabilitiesTold(data, capabilitiesOf(euicc))),
    ...reported,
    ...afterToldToken({ ...euicc, ...reported }, associationToken),
  };
  const certificates = certificatesTold(data, euicc, context);
  if (typeof certificates === 'string') return { problem: certificates };
  if (certificates !== undefined) return { changed: { ...changed, ...certificates } };
  return euicc.euicc_certificate === null && euicc.unsigned_results === 0
    ? { changed, problem: 'The IPA has not told the certificates of the eUICC' }
    : { changed };
}

/** @returns undefined: none; a text: why they are not accepted */
export function certificatesTold(
  { euiccCertificate, eumCertificate }: IpaEuiccData,
  { eid }: Pick<EuiccRow, 'eid'>,
  context: Pick<EimContext, 'pki' | 'now'>,
): Pick<EuiccRow, 'euicc_certificate' | 'eum_certificate'> | string | undefined {
  if (euiccCertificate === undefined || eumCertificate === undefined) return undefined;
  const verified = verifiedEuicc(eid, euiccCertificate, eumCertificate, context);
  if (typeof verified === 'string') {
    return `The certificates of the eUICC are not accepted: ${verified}`;
  }
  return {
    euicc_certificate: euiccCertificate.toBase64(),
    eum_certificate: eumCertificate.toBase64(),
  };
}
