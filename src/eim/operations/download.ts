// What a `download` is about: an activation code, the default SM-DP+ of the eUICC, or what waits at an SM-DS (SGP.32 §2.11.1.3); and
// the confirmation code that the eIM holds for it.
import { capabilitiesOf, hasFeature } from '../capabilities.ts';
import type { EimContext } from '../eim.ts';
import type { MasterKey } from '../../process/keys.ts';
import type { ActivationCode } from '../../rsp/activation-code.ts';
import {
  formatActivationCode,
  isServerAddress,
  parseActivationCode,
} from '../../rsp/activation-code.ts';
import type { ProfileDownloadTriggerRequest } from '../../rsp/definitions/eim-package.ts';
import { hashConfirmationCode } from '../../rsp/hash-cc.ts';
import type { EimOperationRow, EuiccRow } from '../../store/schema.ts';
import { parametersOf } from './operation.ts';

type Parameters = Pick<EimOperationRow, 'parameters'>;

/**
 * As an IPA is told; undefined: its eIM handles the download data (eimDownloadDataHandling), and names both SM-DP+ and matching ID when it
 * begins. One that may call the SM-DP+ itself needs to know them, and of an SM-DS, an event first tells them.
 */
export function downloadDataFor(
  row: Pick<EimOperationRow, 'kind' | 'parameters'>,
  euicc: Pick<EuiccRow, 'capabilities'>,
): ProfileDownloadTriggerRequest['profileDownloadData'] {
  const isOfEim =
    hasFeature(euicc, 'eimDownloadDataHandling') &&
    !hasFeature(euicc, 'directRspServerCommunication') &&
    parametersOf(row).contact_smds !== true &&
    downloadAddressOf(row, euicc) !== null;
  return isOfEim ? undefined : downloadDataOf(row);
}

function downloadDataOf(
  row: Parameters,
): NonNullable<ProfileDownloadTriggerRequest['profileDownloadData']> {
  const parameters = parametersOf(row);
  if (parameters.contact_default_smdp === true) return { contactDefaultSmdp: null };
  if (parameters.contact_smds === true) {
    const { smds_address: smdsAddress } = parameters;
    return { contactSmds: smdsAddress === undefined ? {} : { smdsAddress } };
  }
  return { activationCode: triggerCode(parseActivationCode(parameters.activation_code ?? '')!) };
}

/**
 * Without the flag that the user is to be asked for a confirmation code: there is no user, and whether one is needed, the SM-DP+ says
 * when it has authenticated the eUICC.
 */
const triggerCode = (code: ActivationCode): string =>
  formatActivationCode({ ...code, confirmationCodeRequired: false });

/** What it was asked for with, and what an SM-DS has led to. */
export function codesOf(row: Parameters): ActivationCode[] {
  const { activation_code: code, event_code: event } = parametersOf(row);
  return [code, event].flatMap((one) =>
    one === undefined ? [] : (parseActivationCode(one) ?? []),
  );
}

/** The addresses that its device may call; undefined: any, since the eUICC knows it. */
export function expectedAddresses(row: Parameters): string[] | undefined {
  const parameters = parametersOf(row);
  const codes = codesOf(row).map(({ smdpAddress }) => smdpAddress);
  if (parameters.contact_default_smdp === true) return undefined;
  if (parameters.contact_smds !== true) return codes;
  const { smds_address: smdsAddress } = parameters;
  return smdsAddress === undefined ? undefined : [smdsAddress, ...codes];
}

/** The address that its device calls first, as far as we know: in lower case. */
export function downloadAddressOf(
  row: Pick<EimOperationRow, 'kind' | 'parameters'>,
  euicc: Pick<EuiccRow, 'capabilities'>,
): string | null {
  if (row.kind !== 'download') return null;
  const known = capabilitiesOf(euicc);
  const { contact_default_smdp: isDefault = false } = parametersOf(row);
  const [address] = expectedAddresses(row) ?? [
    isDefault ? known.default_smdp_address : known.root_smds_address,
  ];
  // What an IPA has told may be any text.
  return address && isServerAddress(address) ? address.toLowerCase() : null;
}

export const confirmationPlace = ({ eid, sid }: Pick<EimOperationRow, 'eid' | 'sid'>) =>
  `eim_operations.confirmation_code ${eid} ${sid}`;

/** Of the code, only what is needed is kept; that is as secret, since short codes can be guessed from it. */
export function sealConfirmation(
  confirmationCode: string,
  row: Pick<EimOperationRow, 'eid' | 'sid'>,
  masterKey: MasterKey,
): string {
  const digest = hashConfirmationCode(confirmationCode).toBase64();
  return masterKey.seal(digest, confirmationPlace(row));
}

/** Throws `SealError`. */
export const openConfirmation = (
  row: Pick<EimOperationRow, 'eid' | 'sid'>,
  sealed: string,
  masterKey: MasterKey,
): Uint8Array => Uint8Array.fromBase64(masterKey.open(sealed, confirmationPlace(row)));

/** SHA-256 of the confirmation code: that of the operation, else that of its order. */
export async function confirmationOf(
  row: EimOperationRow,
  { eim, masterKey }: Pick<EimContext, 'eim' | 'masterKey'>,
): Promise<Uint8Array | undefined> {
  const { confirmation_code: sealed, esim_profile_sid: order } = row;
  if (sealed !== null) return openConfirmation(row, sealed, masterKey);
  if (order === null) return undefined;
  const code = await eim.confirmationCodeOf(row.account_sid, order);
  return code === undefined ? undefined : hashConfirmationCode(code);
}
