// What is sent for an operation: one eIM package.
import { ecoPackage, psmoPackage } from '../commands.ts';
import * as commands from '../commands.ts';
import { EimError } from '../eim-error.ts';
import { configurationDataOf, identityFor } from '../identity.ts';
import type { EimKeyRing } from '../server-keys.ts';
import { EimConfigurationData } from '../../rsp/definitions/eim-configuration-data.ts';
import {
  IpaEuiccDataRequest,
  ProfileDownloadTriggerRequest,
  ipaEuiccDataTags,
} from '../../rsp/definitions/eim-package.ts';
import type { Eco, EuiccPackage, Psmo } from '../../rsp/definitions/euicc-package.ts';
import type { EimOperationRow, EuiccRow } from '../../store/schema.ts';
import { downloadDataFor } from './download.ts';
import type { Command, ECO_KINDS } from './operation.ts';
import { commandsOf, PSMO_KINDS } from './operation.ts';

/** The members of IpaEuiccData that every IPA knows, without notifications, which it sends with its results. */
const ASKED: Asked = [
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
export function ipaPackage(
  row: Pick<EimOperationRow, 'kind' | 'parameters'>,
  euicc: Pick<EuiccRow, 'capabilities'>,
  eimTransactionId: Uint8Array,
): Uint8Array {
  if (row.kind === 'euiccData') {
    return euiccDataRequest(eimTransactionId);
  }
  const profileDownloadData = downloadDataFor(row, euicc);
  return ProfileDownloadTriggerRequest.encode({
    ...(profileDownloadData === undefined ? {} : { profileDownloadData }),
    eimTransactionId,
  });
}

/** The tag of RetrieveNotificationsListResponse, by which IPAs of v1.0.1 know notifications and results. */
const OF_V1_0_1 = Uint8Array.of(0xbf, 0x2b);

/** DER of the question for results that the eUICC keeps, because nobody has acknowledged them. */
export function keptResultsPackage(
  { result_signature: signature }: Pick<EuiccRow, 'result_signature'>,
  eimTransactionId: Uint8Array,
): Uint8Array {
  return IpaEuiccDataRequest.encode(
    signature === 'eimSignature'
      ? {
          tagList: OF_V1_0_1,
          searchCriteriaNotification: { euiccPackageResults: null },
          eimTransactionId,
        }
      : { tagList: tagListOf(['euiccPackageResultList']), eimTransactionId },
  );
}

type Asked = readonly (keyof typeof ipaEuiccDataTags)[];

/** DER: what an IPA is to tell of its eUICC and itself. */
export function euiccDataRequest(eimTransactionId: Uint8Array, asked: Asked = ASKED): Uint8Array {
  return IpaEuiccDataRequest.encode({ tagList: tagListOf(asked), eimTransactionId });
}

function tagListOf(names: Asked): Uint8Array {
  const tags = names.map((name) => ipaEuiccDataTags[name].toString(16).padStart(2, '0'));
  return Uint8Array.fromHex(tags.join(''));
}

/** Throws `EimError` if there is no such package. */
export async function euiccPackageOf(
  row: Pick<EimOperationRow, 'kind' | 'parameters'>,
  keys: Pick<EimKeyRing, 'identity'>,
  euicc: Partial<Pick<EuiccRow, 'ipa_url' | 'result_signature'>> = {},
): Promise<EuiccPackage> {
  const given = commandsOf(row);
  if (given.every(isPsmo)) return psmoPackage(...given.map(psmoOf));
  if (given.some(isPsmo)) throw new EimError('package', MIXED);
  return ecoPackage(...(await Promise.all(given.map((command) => ecoOf(command, keys, euicc)))));
}

const MIXED = 'An eUICC package has commands about profiles, or about eIMs, not both.';
const isPsmo = ({ kind }: Command) => (PSMO_KINDS as readonly string[]).includes(kind);

function psmoOf(command: Command): Psmo {
  const { iccid = '', rollback = false, address } = command;
  const kind = command.kind as (typeof PSMO_KINDS)[number];
  switch (kind) {
    case 'enable':
      return commands.enable(iccid, { rollback });
    case 'disable':
      return commands.disable(iccid);
    case 'delete':
      return commands.deleteProfile(iccid);
    case 'listProfileInfo':
      return commands.listProfileInfo();
    case 'getRAT':
      return { getRAT: {} };
    case 'configureImmediateEnable':
      return commands.configureImmediateEnable({
        isAllowed: command.immediate_enable ?? false,
        smdpOid: command.smdp_oid,
        smdpAddress: address,
      });
    case 'setFallbackAttribute':
      return commands.setFallbackAttribute(iccid);
    case 'unsetFallbackAttribute':
      return { unsetFallbackAttribute: {} };
    case 'setDefaultDpAddress':
      return { setDefaultDpAddress: { defaultDpAddress: address ?? '' } };
    default:
      throw new TypeError(`no command ${String(kind satisfies never)}`);
  }
}

async function ecoOf(
  command: Command,
  keys: Pick<EimKeyRing, 'identity'>,
  { ipa_url, result_signature: signature }: Partial<Pick<EuiccRow, 'ipa_url' | 'result_signature'>>,
): Promise<Eco> {
  const { configuration = '', eim_id: eimId = '', key = 0 } = command;
  const kind = command.kind as (typeof ECO_KINDS)[number];
  switch (kind) {
    case 'addEim':
      return { addEim: EimConfigurationData.decode(Uint8Array.fromBase64(configuration)) };
    case 'deleteEim':
      return { deleteEim: { eimId } };
    case 'updateEim':
      return {
        updateEim: configurationDataOf(
          identityFor(await keys.identity(key), signature),
          {},
          { injects: (ipa_url ?? null) !== null },
        ),
      };
    case 'listEim':
      return { listEim: {} };
    default:
      throw new TypeError(`no command ${String(kind satisfies never)}`);
  }
}
