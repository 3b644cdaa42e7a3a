// What somebody asks for with a `download`: from which SM-DP+, and with which confirmation code.
import { hasFeature } from './capabilities.ts';
import type { AskedCommand } from './ask-operation.ts';
import { EuiccRefused } from './euicc-refused.ts';
import type { OperationParameters } from './operations/operation.ts';
import type { WhichSmdps } from './which-smdps.ts';
import { isServerAddress, parseActivationCode } from '../rsp/activation-code.ts';
import type { EuiccRow } from '../store/schema.ts';

type Smdps = Pick<WhichSmdps, 'reaches'>;

/** Throws `EuiccRefused`. */
export function downloadParameters(
  asked: AskedCommand,
  euicc: Pick<EuiccRow, 'capabilities'>,
  smdps: Smdps,
): OperationParameters {
  const { enable = false, rollback = false } = asked;
  return {
    ...sourceOf(asked, euicc, smdps),
    ...(enable ? { enable } : {}),
    ...(rollback ? { rollback } : {}),
  };
}

function sourceOf(
  { activationCode, contactDefaultSmdp, contactSmds, smdsAddress, confirmationCode }: AskedCommand,
  euicc: Pick<EuiccRow, 'capabilities'>,
  smdps: Smdps,
): OperationParameters {
  const given = [activationCode !== undefined, contactDefaultSmdp === true, contactSmds === true];
  const code = parseActivationCode(activationCode ?? '');
  if (given.filter(Boolean).length !== 1 || (given[0] && code === undefined)) {
    const message =
      'download needs ActivationCode, such as LPA:1$smdp.example.com$MATCHING-ID, or ContactDefaultSmdp, or ContactSmds';
    throw new EuiccRefused('parameter', message);
  }
  if (smdsAddress !== undefined && contactSmds !== true) {
    throw new EuiccRefused('parameter', 'SmdsAddress goes with ContactSmds');
  }
  if (contactDefaultSmdp === true) return { contact_default_smdp: true };
  if (contactSmds === true) return smdsParameters(smdsAddress, euicc, smdps);
  checkReached(code!.smdpAddress, euicc, smdps);
  if (code!.confirmationCodeRequired && confirmationCode === undefined) {
    throw new EuiccRefused('parameter', 'This activation code needs ConfirmationCode');
  }
  return { activation_code: activationCode!.trim().replace(/^LPA:/i, '') };
}

function smdsParameters(
  smdsAddress: string | undefined,
  euicc: Pick<EuiccRow, 'capabilities'>,
  smdps: Smdps,
): OperationParameters {
  if (smdsAddress === undefined) return { contact_smds: true };
  if (!isServerAddress(smdsAddress)) {
    throw new EuiccRefused(
      'parameter',
      'SmdsAddress must be a host name, with :PORT if it is not 443',
    );
  }
  checkReached(smdsAddress, euicc, smdps);
  return { contact_smds: true, smds_address: smdsAddress };
}

/** An IPA that calls servers itself needs no eIM that does. */
function checkReached(
  address: string,
  euicc: Pick<EuiccRow, 'capabilities'>,
  { reaches }: Smdps,
): void {
  if (reaches(address) || hasFeature(euicc, 'directRspServerCommunication')) return;
  const message = `SIMWRIGHT_EIM_SMDPS does not allow downloads from ${address}`;
  throw new EuiccRefused('parameter', message);
}
