// What is sent for an operation: one eIM package.
import { ecoPackage, psmoPackage } from '../commands.ts';
import * as commands from '../commands.ts';
import { configurationDataOf } from '../identity.ts';
import type { EimKeyRing } from '../server-keys.ts';
import { EimConfigurationData } from '../../rsp/definitions/eim-configuration-data.ts';
import {
  IpaEuiccDataRequest,
  ProfileDownloadTriggerRequest,
  ipaEuiccDataTags,
} from '../../rsp/definitions/eim-package.ts';
import type { EuiccPackage } from '../../rsp/definitions/euicc-package.ts';
import type { EimOperationRow } from '../../store/schema.ts';
import type { OperationKind, OperationParameters } from './operation.ts';
import { parametersOf } from './operation.ts';

/** The members of IpaEuiccData that every IPA knows, without notifications, which it sends with its results. */
const ASKED: readonly (keyof typeof ipaEuiccDataTags)[] = [
  'defaultSmdpAddress',
  'euiccInfo1',
  'euiccInfo2',
  'rootSmdsAddress',
  'associationToken',
  'eumCertificate',
  'euiccCertificate',
  'ipaCapabilities',
];

/** Whether the eUICC itself carries it out, and signs the result. */
export const isOfEuicc = ({ kind }: Pick<EimOperationRow, 'kind'>) =>
  kind !== 'download' && kind !== 'euiccData';

/** DER of what the IPA itself carries out. */
export function ipaPackage(row: EimOperationRow, eimTransactionId: Uint8Array): Uint8Array {
  if (row.kind === 'euiccData') {
    return euiccDataRequest(eimTransactionId);
  }
  const { activation_code: activationCode = '' } = parametersOf(row);
  return ProfileDownloadTriggerRequest.encode({
    profileDownloadData: { activationCode },
    eimTransactionId,
  });
}

/** DER: what an IPA is to tell of its eUICC and itself. */
export function euiccDataRequest(eimTransactionId: Uint8Array): Uint8Array {
  return IpaEuiccDataRequest.encode({ tagList: tagListOf(ASKED), eimTransactionId });
}

function tagListOf(names: readonly (keyof typeof ipaEuiccDataTags)[]): Uint8Array {
  const tags = names.map((name) => ipaEuiccDataTags[name].toString(16).padStart(2, '0'));
  return Uint8Array.fromHex(tags.join(''));
}

/** Throws `EimError` if there is no such package. */
export async function euiccPackageOf(
  row: EimOperationRow,
  keys: EimKeyRing,
): Promise<EuiccPackage> {
  const {
    configuration = '',
    eim_id: eimId = '',
    iccid = '',
    rollback = false,
    address = '',
    key = 0,
  }: OperationParameters = parametersOf(row);
  const kind = row.kind as Exclude<OperationKind, 'download' | 'euiccData'>;
  switch (kind) {
    case 'enable':
      return psmoPackage(commands.enable(iccid, { rollback }));
    case 'disable':
      return psmoPackage(commands.disable(iccid));
    case 'delete':
      return psmoPackage(commands.deleteProfile(iccid));
    case 'listProfileInfo':
      return psmoPackage(commands.listProfileInfo());
    case 'setFallbackAttribute':
      return psmoPackage(commands.setFallbackAttribute(iccid));
    case 'unsetFallbackAttribute':
      return psmoPackage({ unsetFallbackAttribute: {} });
    case 'setDefaultDpAddress':
      return psmoPackage({ setDefaultDpAddress: { defaultDpAddress: address } });
    case 'addEim':
      return ecoPackage({
        addEim: EimConfigurationData.decode(Uint8Array.fromBase64(configuration)),
      });
    case 'deleteEim':
      return ecoPackage({ deleteEim: { eimId } });
    case 'listEim':
      return ecoPackage({ listEim: {} });
    case 'updateEim':
      return ecoPackage({ updateEim: configurationDataOf(await keys.identity(key), {}) });
    default:
      throw new TypeError(`no package for ${String(kind satisfies never)}`);
  }
}
