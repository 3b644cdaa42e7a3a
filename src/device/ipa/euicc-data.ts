// IPA eUICC data (SGP.32 §2.11.2.2): what an eIM wants to know of the eUICC and its device.
import {
  ipaEuiccDataTags,
  type IpaEuiccData,
  type IpaEuiccDataRequest,
  type IpaEuiccDataResponse,
} from '../../rsp/definitions/eim-package.ts';
import { EUICCInfo1, EUICCInfo2 } from '../../rsp/definitions/euicc-info.ts';
import {
  GetCertsRequest,
  GetCertsResponse,
  GetEimConfigurationDataRequest,
  GetEimConfigurationDataResponse,
  IotRetrieveNotificationsListRequest,
  IotRetrieveNotificationsListResponse,
} from '../../rsp/definitions/iot-functions.ts';
import { EuiccConfiguredAddressesResponse } from '../../rsp/definitions/local-functions.ts';
import { ipaEuiccDataErrorCodes } from '../../rsp/eim-codes.ts';
import { encodeImei } from '../../rsp/identifiers.ts';
import { callEs10 } from '../es10.ts';
import type { Euicc } from '../euicc.ts';
import type { IpaFeature } from './ipa.ts';

export interface IpaDevice {
  readonly euicc: Euicc;
  readonly eimId: string;
  readonly imei: string;
  /** Whether it calls SM-DP+s itself. */
  readonly isDirect: boolean;
  /** What it leaves to the eIM. */
  readonly features: readonly IpaFeature[];
}

type Reader = (device: IpaDevice, request: IpaEuiccDataRequest) => Partial<IpaEuiccData>;

const call = (euicc: Euicc, tag: number) => callEs10(euicc, Uint8Array.of(tag >> 8, tag & 0xff, 0));

const readers: Readonly<Partial<Record<keyof IpaEuiccData, Reader>>> = {
  notificationsList: ({ euicc }, { searchCriteriaNotification: searchCriteria }) => {
    const request = searchCriteria === undefined ? {} : { searchCriteria };
    const { notificationList = [] } = retrieve(euicc, request);
    return { notificationsList: notificationList };
  },
  defaultSmdpAddress: ({ euicc }) => {
    const { defaultDpAddress } = addresses(euicc);
    return defaultDpAddress === undefined ? {} : { defaultSmdpAddress: defaultDpAddress };
  },
  euiccPackageResultList: ({ euicc }, { searchCriteriaEuiccPackageResult: searchCriteria }) => {
    const request = { searchCriteria: searchCriteria ?? { euiccPackageResults: null } };
    const { euiccPackageResultList = [] } = retrieve(euicc, request);
    return { euiccPackageResultList };
  },
  euiccInfo1: ({ euicc }) => ({ euiccInfo1: EUICCInfo1.decode(call(euicc, 0xbf20)) }),
  euiccInfo2({ euicc }) {
    const der = call(euicc, 0xbf22);
    return { euiccInfo2: { value: EUICCInfo2.decode(der), der } };
  },
  rootSmdsAddress: ({ euicc }) => ({ rootSmdsAddress: addresses(euicc).rootDsAddress }),
  associationToken: ({ euicc, eimId }) => {
    const request = GetEimConfigurationDataRequest.encode({ searchCriteria: { eimId } });
    const { eimConfigurationDataList } = GetEimConfigurationDataResponse.decode(
      callEs10(euicc, request),
    );
    const [{ associationToken } = {}] = eimConfigurationDataList;
    return associationToken === undefined ? {} : { associationToken };
  },
  eumCertificate: ({ euicc }, request) => ({
    eumCertificate: certificates(euicc, request).eumCertificate,
  }),
  euiccCertificate: ({ euicc }, request) => ({
    euiccCertificate: certificates(euicc, request).euiccCertificate,
  }),
  ipaCapabilities: ({ isDirect, features }) => ({
    ipaCapabilities: {
      ipaFeatures: [
        isDirect ? 'directRspServerCommunication' : 'indirectRspServerCommunication',
        ...features,
      ],
      ipaSupportedProtocols: ['ipaRetrieveHttps'],
    },
  }),
  deviceInfo: ({ imei }) => ({
    deviceInfo: {
      tac: encodeImei(imei.slice(0, 8)),
      deviceCapabilities: { eutranEpcSupportedRelease: '15.0.0' },
      imei: encodeImei(imei),
    },
  }),
};

class Refusal extends Error {
  readonly code: keyof typeof ipaEuiccDataErrorCodes;

  constructor(code: keyof typeof ipaEuiccDataErrorCodes) {
    super(code);
    this.code = code;
  }
}

/** The members that the tagList names; an unknown one refuses the whole. */
export function readEuiccData(
  device: IpaDevice,
  request: IpaEuiccDataRequest,
): IpaEuiccDataResponse {
  const { eimTransactionId } = request;
  const transaction = eimTransactionId === undefined ? {} : { eimTransactionId };
  try {
    const parts = tagsOf(request.tagList).map((tag) => {
      const found = Object.entries(ipaEuiccDataTags).find(([, known]) => known === tag);
      const read = found && readers[found[0] as keyof IpaEuiccData];
      if (read === undefined) throw new Refusal('incorrectTagList');
      return read(device, request);
    });
    return { ipaEuiccData: Object.assign({}, ...parts, transaction) as IpaEuiccData };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const ipaEuiccDataErrorCode = ipaEuiccDataErrorCodes[error.code];
    return { ipaEuiccDataResponseError: { ...transaction, ipaEuiccDataErrorCode } };
  }
}

/** Concatenated tags of one or two bytes. */
function tagsOf(tagList: Uint8Array): number[] {
  const tags: number[] = [];
  for (let at = 0; at < tagList.length; at += 1) {
    const first = tagList[at]!;
    if ((first & 0x1f) !== 0x1f) tags.push(first);
    else {
      at += 1;
      tags.push(first * 256 + (tagList[at] ?? 0));
    }
  }
  return tags;
}

function retrieve(
  euicc: Euicc,
  request: Parameters<typeof IotRetrieveNotificationsListRequest.encode>[0],
): ReturnType<typeof IotRetrieveNotificationsListResponse.decode> {
  const der = IotRetrieveNotificationsListRequest.encode(request);
  return IotRetrieveNotificationsListResponse.decode(callEs10(euicc, der));
}

function addresses(euicc: Euicc) {
  return EuiccConfiguredAddressesResponse.decode(call(euicc, 0xbf3c));
}

function certificates(
  euicc: Euicc,
  { euiccCiPKIdentifierToBeUsed }: IpaEuiccDataRequest,
): { eumCertificate: Uint8Array; euiccCertificate: Uint8Array } {
  const request =
    euiccCiPKIdentifierToBeUsed === undefined ? {} : { euiccCiPKId: euiccCiPKIdentifierToBeUsed };
  const { certs } = GetCertsResponse.decode(callEs10(euicc, GetCertsRequest.encode(request)));
  if (certs === undefined) throw new Refusal('euiccCiPKIdNotFound');
  return certs;
}
