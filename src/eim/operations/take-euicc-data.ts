// What an IPA tells of its eUICC and itself (IpaEuiccData, SGP.32 §2.11.2.2): the certificates with which results are verified, the
// association token, and capabilities.
import type { EimContext } from '../eim.ts';
import { reportedOf, verifiedEuicc } from '../euicc-record.ts';
import type { IpaEuiccDataResponse } from '../../rsp/definitions/eim-package.ts';
import { ipaEuiccDataErrorCodes } from '../../rsp/eim-codes.ts';
import { nameOf } from '../../rsp/reasons.ts';
import type { EimPackageRow, EuiccRow } from '../../store/schema.ts';
import { changeEuicc } from '../euicc-changes.ts';
import { afterToldToken } from './association-tokens.ts';
import { failUnsigned } from './attempts.ts';
import { failureOfIpa } from './ipa-failure.ts';
import { endOperation } from './operation.ts';

type IpaEuiccData = NonNullable<IpaEuiccDataResponse['ipaEuiccData']>;

/** What anybody may have told is kept as far as it can be meant, since each poll reads it. */
const ADDRESS_LIMIT = 255;
const MOST_VERSIONS = 16;

const addressIn = (told: string | undefined) =>
  told === undefined || told.length > ADDRESS_LIMIT ? undefined : told;

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
    if (euicc === undefined || operation?.status !== 'sent') return undefined;
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
  const { euiccCertificate, eumCertificate, associationToken } = data;
  const address = addressIn(data.defaultSmdpAddress);
  const reported =
    address === undefined
      ? {}
      : { reported: JSON.stringify({ ...reportedOf(euicc), default_smdp_address: address }) };
  const changed: Partial<EuiccRow> = {
    capabilities: JSON.stringify(capabilitiesOf(data)),
    ...reported,
    ...afterToldToken({ ...euicc, ...reported }, associationToken),
  };
  if (euiccCertificate === undefined || eumCertificate === undefined) {
    return euicc.euicc_certificate === null && euicc.unsigned_results === 0
      ? { changed, problem: 'The IPA has not told the certificates of the eUICC' }
      : { changed };
  }
  const verified = verifiedEuicc(euicc.eid, euiccCertificate, eumCertificate, context);
  if (typeof verified === 'string') {
    return { problem: `The certificates of the eUICC are not accepted: ${verified}` };
  }
  return {
    changed: {
      ...changed,
      euicc_certificate: euiccCertificate.toBase64(),
      eum_certificate: eumCertificate.toBase64(),
    },
  };
}

/** As it is kept. */
export function capabilitiesOf({
  defaultSmdpAddress,
  rootSmdsAddress,
  euiccInfo2,
  ipaCapabilities,
}: IpaEuiccData): object {
  return {
    ipa_features: ipaCapabilities?.ipaFeatures ?? null,
    ipa_protocols: ipaCapabilities?.ipaSupportedProtocols ?? null,
    default_smdp_address: addressIn(defaultSmdpAddress) ?? null,
    root_smds_address: addressIn(rootSmdsAddress) ?? null,
    svn: euiccInfo2?.svn ?? null,
    firmware: euiccInfo2?.euiccFirmwareVer ?? null,
    iot_versions: euiccInfo2?.iotSpecificInfo?.iotVersion?.slice(0, MOST_VERSIONS) ?? null,
    fallback:
      euiccInfo2?.iotSpecificInfo === undefined
        ? null
        : euiccInfo2.iotSpecificInfo.fallbackSupported !== undefined,
  };
}
