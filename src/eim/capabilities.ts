// What an IPA has told of its eUICC and itself (IpaEuiccData, SGP.32 §2.11.2.2), as far as it is kept: what is shown, and what is needed to
// take part in a download (docs/sgp32.md).
import type { IpaCapabilities, IpaEuiccData } from '../rsp/definitions/eim-package.ts';
import { encodeTlv, readDer } from '../rsp/der.ts';
import { DeviceInfo } from '../rsp/definitions/euicc-info.ts';
import type { EuiccRow } from '../store/schema.ts';
import { bytesOf } from '../values/base64.ts';

type IpaFeature = IpaCapabilities['ipaFeatures'][number];

/** As the API shows them. */
interface Shown {
  ipa_features: readonly IpaFeature[] | null;
  ipa_protocols: IpaCapabilities['ipaSupportedProtocols'] | null;
  default_smdp_address: string | null;
  root_smds_address: string | null;
  svn: string | null;
  firmware: string | null;
  iot_versions: readonly string[] | null;
  fallback: boolean | null;
}

/** base64 of DER; null: the IPA was asked, and has not told. */
interface Kept {
  euicc_info2?: string | null;
  device_info?: string | null;
  /** Whether something was missing: then the IPA is asked before it is given its next download. */
  is_wanted?: boolean;
  /** When the IPA was asked; until it has answered. */
  date_asked?: string;
}

export type Capabilities = Partial<Shown> & Kept;
type Row = Pick<EuiccRow, 'capabilities'>;

/** What anybody may have told is kept as far as it can be meant, since each poll reads it. */
const ADDRESS_LIMIT = 255;
const MOST_VERSIONS = 16;
const MOST_BYTES = 1_024;

export const capabilitiesOf = ({ capabilities }: Row): Capabilities =>
  capabilities === null ? {} : (JSON.parse(capabilities) as Capabilities);

export function shownCapabilities(row: Row): Shown | null {
  const { euicc_info2: _info, device_info: _device, ...others } = capabilitiesOf(row);
  const { is_wanted: _wanted, date_asked: _asked, ...shown } = others;
  return shown.ipa_features === undefined ? null : (shown as Shown);
}

export const hasFeature = (row: Row, feature: IpaFeature): boolean =>
  capabilitiesOf(row).ipa_features?.includes(feature) === true;

/** Whether it may send compact messages: it says so, or has said nothing yet. */
export function mayBeCompact(row: Row): boolean {
  const { ipa_features: features = null } = capabilitiesOf(row);
  return features === null || features.includes('minimizeEsipaBytes');
}

/** Whether something of a session with an SM-DP+ is needed again. */
export const needsSession = (row: Row): boolean =>
  mayBeCompact(row) || hasFeature(row, 'eimProfileMetadataVerification');

export const addressIn = (told: string | undefined) =>
  told === undefined || told.length > ADDRESS_LIMIT ? undefined : told;

/** As it is kept. @param before what was told, or learned, earlier */
export function capabilitiesTold(
  { defaultSmdpAddress, rootSmdsAddress, euiccInfo2, ipaCapabilities, deviceInfo }: IpaEuiccData,
  before: Capabilities = {},
): Capabilities {
  const { svn, euiccFirmwareVer, iotSpecificInfo } = euiccInfo2?.value ?? {};
  const shown: Shown = {
    ipa_features: ipaCapabilities?.ipaFeatures ?? null,
    ipa_protocols: ipaCapabilities?.ipaSupportedProtocols ?? null,
    default_smdp_address: addressIn(defaultSmdpAddress) ?? null,
    root_smds_address: addressIn(rootSmdsAddress) ?? null,
    svn: svn ?? null,
    firmware: euiccFirmwareVer ?? null,
    iot_versions: iotSpecificInfo?.iotVersion?.slice(0, MOST_VERSIONS) ?? null,
    fallback:
      iotSpecificInfo === undefined ? null : iotSpecificInfo.fallbackSupported !== undefined,
  };
  return { ...shown, ...keptOf({ euiccInfo2, deviceInfo }, before) };
}

/** What is needed in a download, and nothing else. */
export function keptOf(
  {
    euiccInfo2,
    deviceInfo,
  }: {
    euiccInfo2?: { der: Uint8Array } | undefined;
    deviceInfo?: IpaEuiccData['deviceInfo'] | undefined;
  },
  { euicc_info2: info, device_info: device }: Capabilities,
): Kept {
  const toldDevice = deviceInfo && DeviceInfo.encode(deviceInfo);
  const euicc_info2 = inBase64(euiccInfo2?.der) ?? info;
  const device_info = inBase64(toldDevice) ?? device;
  return {
    ...(euicc_info2 === undefined ? {} : { euicc_info2 }),
    ...(device_info === undefined ? {} : { device_info }),
  };
}

const inBase64 = (der: Uint8Array | undefined) =>
  der === undefined || der.length > MOST_BYTES ? undefined : der.toBase64();

/** DER */
export const euiccInfo2Of = (row: Row) => bytesOf(capabilitiesOf(row).euicc_info2);

/** CtxParams1 of a device, with a matching ID unless it is empty. DER; undefined: the device is not known */
export function ctxParams1Of(row: Row, matchingId: string): Uint8Array | undefined {
  const deviceInfo = bytesOf(capabilitiesOf(row).device_info);
  if (deviceInfo === undefined) return undefined;
  const id = matchingId === '' ? [] : [encodeTlv(0x80, Buffer.from(matchingId))];
  return encodeTlv(0xa0, ...id, readDer(deviceInfo).der);
}
