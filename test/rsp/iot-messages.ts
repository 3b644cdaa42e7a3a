// Messages of SGP.32 as values and as the bytes of the standard, and the other forms in which peers write them.
import type { Asn1Type } from '../../src/rsp/asn1-type.ts';
import { encoded } from '../../src/rsp/encoded.ts';
import { EimConfigurationData } from '../../src/rsp/definitions/eim-configuration-data.ts';
import * as eim from '../../src/rsp/definitions/eim-package.ts';
import * as esipa from '../../src/rsp/definitions/esipa.ts';
import * as euicc from '../../src/rsp/definitions/euicc-package.ts';
import * as iot from '../../src/rsp/definitions/iot-functions.ts';
import { EUICCInfo1, EUICCInfo2 } from '../../src/rsp/definitions/euicc-info.ts';
import { NotificationMetadata } from '../../src/rsp/definitions/notification.ts';
import { hex } from './vectors.ts';

export interface IotMessage {
  /** The clause and the type's name in the standard. */
  readonly title: string;
  readonly type: Asn1Type<unknown>;
  readonly value: unknown;
  /** As the standard has it. */
  readonly der: string;
  /** As peers write it, by what is special. */
  readonly others: Readonly<Record<string, string>>;
}

function message<T>(
  title: string,
  type: Asn1Type<T>,
  value: T,
  der: string,
  others: Readonly<Record<string, string>> = {},
): IotMessage {
  return { title, type, value, der, others };
}

const iccid = hex('98001032547698103214');
const ICCID = '5a0a 98001032547698103214';
const eidValue = hex('89049032123451234512345678901235');
const EID = '5a10 89049032123451234512345678901235';
const signature = hex('abcd');
const SIGNATURE = '5f3702 abcd';
const eimTransactionId = hex('0102');
const keyIdentifier = hex('c1c2');
/** In form only: a SubjectPublicKeyInfo has two components, a Certificate three. */
const spki = hex('3008 3003020101 030100');
const SPKI = '3003020101 030100';
const certificate = hex('300d 3003020101 3003020102 030100');
const CERTIFICATE = '3003020101 3003020102 030100';

const psmos: euicc.Psmo[] = [
  { enable: { iccid, rollbackFlag: null } },
  { disable: { iccid } },
  { delete: { iccid } },
  { listProfileInfo: { tagList: hex('5a9f70') } },
  { getRAT: {} },
  {
    configureImmediateEnable: {
      immediateEnableFlag: null,
      defaultSmdpOid: '2.999.10',
      defaultSmdpAddress: 'a.b',
    },
  },
  { setFallbackAttribute: { iccid } },
  { unsetFallbackAttribute: {} },
  { setDefaultDpAddress: { defaultDpAddress: 'a.b' } },
];
const PSMOS = `a30e ${ICCID} 0500 a40c ${ICCID} a50c ${ICCID} bf2d05 5c035a9f70 a600
  a70c 8000 8103 88370a 8203 612e62 a80c ${ICCID} a900 bf6505 8003 612e62`;

const ecos: euicc.Eco[] = [
  { addEim: { eimId: 'e', associationToken: -1 } },
  { deleteEim: { eimId: 'e' } },
  { updateEim: { eimId: 'e', counterValue: 128 } },
  { listEim: {} },
];
const ECOS = 'a806 800165 8401ff a903 800165 aa07 800165 83020080 ab00';

const signedOf = (euiccPackage: euicc.EuiccPackage) =>
  encoded(euicc.EuiccPackageSigned, {
    eimId: 'e',
    eidValue,
    counterValue: 1,
    eimTransactionId,
    euiccPackage,
  });
const SIGNED = `800165 ${EID} 810101 82020102`;

const results: euicc.EuiccResultData[] = [
  { enableResult: 0 },
  { disableResult: 2 },
  { deleteResult: 21 },
  { listProfileInfoResult: { profileInfoListOk: [{ iccid, fallbackAttribute: true }] } },
  { listProfileInfoResult: { profileInfoListError: 11 } },
  { getRATResult: [] },
  { configureImmediateEnableResult: 0 },
  { addEimResult: { associationToken: 200 } },
  { addEimResult: { addEimResultCode: 2 } },
  { deleteEimResult: 2 },
  { updateEimResult: 6 },
  { listEimResult: { eimIdList: [{ eimId: 'e', eimIdType: 2 }] } },
  { rollbackResult: 0 },
  { setFallbackAttributeResult: 0 },
  { unsetFallbackAttributeResult: 3 },
  { setDefaultDpAddressResult: { setDefaultDpAddressResult: 0 } },
  { processingTerminated: 2 },
];
const INFO = `e310 ${ICCID} 9f2601ff`;
const RESULTS = `830100 840102 850115 bf2d14 a012 ${INFO} bf2d03 81010b a600 870100 a804 840200c8
  a803 020102 890102 8a0106 ab0a a008 3006 800165 820102 8c0100 8d0100 8e0103 bf6503 800100 020102`;

const resultOf = (...euiccResult: euicc.EuiccResultData[]): euicc.EuiccPackageResult => ({
  euiccPackageResultSigned: {
    euiccPackageResultDataSigned: encoded(euicc.EuiccPackageResultDataSigned, {
      eimId: 'e',
      counterValue: 1,
      eimTransactionId,
      seqNumber: 5,
      euiccResult,
    }),
    euiccSignEPR: signature,
  },
});
const RESULT = `bf511b a019 3012 800165 810101 82020102 830105 3003830100 ${SIGNATURE}`;
const errorSigned: euicc.EuiccPackageResult = {
  euiccPackageErrorSigned: {
    euiccPackageErrorDataSigned: encoded(euicc.EuiccPackageErrorDataSigned, {
      eimId: 'e',
      counterValue: 1,
      euiccPackageErrorCode: 4,
    }),
    euiccSignEPE: signature,
  },
};
const enableResult = encoded(euicc.EuiccPackageResult, resultOf({ enableResult: 0 }));

const notification = encoded(NotificationMetadata, {
  seqNumber: 6,
  profileManagementOperation: ['notificationEnable'],
  notificationAddress: 'a',
});
const pending = {
  otherSignedNotification: {
    tbsOtherNotification: notification,
    euiccNotificationSignature: signature,
    euiccCertificate: certificate,
    eumCertificate: certificate,
  },
};
const PENDING = `3030 bf2f0a 800106 81020640 0c0161 ${SIGNATURE} 300d${CERTIFICATE} 300d${CERTIFICATE}`;
const pendingNotification = { value: pending, der: hex(PENDING) };

const data: eim.IpaEuiccDataResponse = {
  ipaEuiccData: {
    notificationsList: [pendingNotification],
    defaultSmdpAddress: 'a',
    euiccPackageResultList: [enableResult],
    associationToken: 1,
    euiccCertificate: certificate,
  },
};
const DATA = {
  list: `a032 ${PENDING}`,
  results: `a21e ${RESULT}`,
  rest: `840101 a60d ${CERTIFICATE}`,
};

const euiccInfo1 = encoded(EUICCInfo1, {
  svn: '2.5.0',
  euiccCiPKIdListForVerification: [keyIdentifier],
  euiccCiPKIdListForSigning: [keyIdentifier],
});
const EUICC_INFO1 = 'bf2011 8203020500 a904 0402c1c2 aa04 0402c1c2';

const tlv30 = hex('3000');

export const iotMessages: readonly IotMessage[] = [
  message(
    '§2.11.1.1.2 EimConfigurationData',
    EimConfigurationData,
    {
      eimId: 'e',
      eimFqdn: 'f',
      eimIdType: 2,
      counterValue: 0,
      associationToken: -1,
      eimPublicKeyData: { eimPublicKey: spki },
      trustedPublicKeyDataTls: { trustedCertificateTls: certificate },
      eimSupportedProtocol: ['eimRetrieveHttps'],
      euiccCiPKId: keyIdentifier,
      indirectProfileDownload: null,
    },
    `3036 800165 810166 820102 830100 8401ff a50a a008 ${SPKI} a60f a10d ${CERTIFICATE}
     87020780 8802c1c2 8900`,
    {
      'the keys with their tag 30': `303a 800165 810166 820102 830100 8401ff a50c a00a 3008${SPKI}
        a611 a10f 300d${CERTIFICATE} 87020780 8802c1c2 8900`,
      'the keys without A0 and A1': `3036 800165 810166 820102 830100 8401ff a50a 3008${SPKI}
        a60f 300d${CERTIFICATE} 87020780 8802c1c2 8900`,
    },
  ),
  message(
    '§2.11.1.1 EuiccPackageRequest with every PSMO',
    euicc.EuiccPackageRequest,
    { euiccPackageSigned: signedOf({ psmoList: psmos }), eimSignature: signature },
    `bf518181 307a ${SIGNED} a05c ${PSMOS} ${SIGNATURE}`,
  ),
  message(
    '§2.11.1.1 EuiccPackageRequest with every eCO',
    euicc.EuiccPackageRequest,
    { euiccPackageSigned: signedOf({ ecoList: ecos }), eimSignature: signature },
    `bf513d 3036 ${SIGNED} a118 ${ECOS} ${SIGNATURE}`,
  ),
  message(
    '§2.11.1.1.3 enable with rollbackFlag',
    euicc.Psmo,
    { enable: { iccid, rollbackFlag: null } },
    `a30e ${ICCID} 0500`,
    { 'an automatic tag 81': `a30e ${ICCID} 8100`, 'an automatic tag 80': `a30e ${ICCID} 8000` },
  ),
  message(
    '§2.11.2.1 EuiccPackageResult with every result',
    euicc.EuiccPackageResult,
    resultOf(...results),
    `bf5172 a070 3069 800165 810101 82020102 830105 305a ${RESULTS} ${SIGNATURE}`,
  ),
  message(
    '§2.11.2.1 EuiccPackageResultSigned',
    euicc.EuiccPackageResult,
    resultOf({ enableResult: 0 }),
    RESULT,
    {
      'SEQUENCE without A0': RESULT.replace('a019', '3019'),
      'BF51 twice': `bf511e ${RESULT}`,
    },
  ),
  message(
    '§2.11.2.1 EuiccPackageErrorSigned',
    euicc.EuiccPackageResult,
    errorSigned,
    `bf5112 a110 3009 800165 810101 020104 ${SIGNATURE}`,
    { 'SEQUENCE without A1': `bf5112 3010 3009 800165 810101 020104 ${SIGNATURE}` },
  ),
  message(
    '§2.11.2.1 EuiccPackageErrorUnsigned',
    euicc.EuiccPackageResult,
    { euiccPackageErrorUnsigned: { eimId: 'e', eimTransactionId, associationToken: 1 } },
    `bf510c a20a 800165 82020102 840101`,
    { 'SEQUENCE without A2': `bf510c 300a 800165 82020102 840101` },
  ),
  message(
    '§2.11.2.1 EuiccPackageErrorUnsigned with the code of v1.3',
    euicc.EuiccPackageResult,
    { euiccPackageErrorUnsigned: { eimId: 'e', euiccPackageUnsignedErrorCode: 15 } },
    `bf5108 a206 800165 8f010f`,
  ),
  message(
    '§2.11.2.1 listEimResult',
    euicc.EuiccResultData,
    { listEimResult: { eimIdList: [{ eimId: 'e', eimIdType: 2 }] } },
    'ab0a a008 3006 800165 820102',
    {
      'the list with its tag 30': 'ab0a 3008 3006 800165 820102',
      'the list without A0': 'ab08 3006 800165 820102',
      'eimIdType of v1.0.1': 'ab0a a008 3006 800165 840102',
    },
  ),
  message(
    '§2.11.2.1 listProfileInfoResult',
    euicc.EuiccResultData,
    { listProfileInfoResult: { profileInfoListOk: [{ iccid, fallbackAttribute: true }] } },
    `bf2d14 a012 ${INFO}`,
    { 'the list with its tag 30': `bf2d14 3012 ${INFO}` },
  ),
  message(
    '§2.11.2.1 listProfileInfoResult that failed',
    euicc.EuiccResultData,
    { listProfileInfoResult: { profileInfoListError: 11 } },
    'bf2d03 81010b',
    { 'the error with its tag 02': 'bf2d03 02010b' },
  ),
  message(
    '§2.11.1.2 IpaEuiccDataRequest',
    eim.IpaEuiccDataRequest,
    {
      tagList: hex('a0bf20'),
      euiccCiPKIdentifierToBeUsed: keyIdentifier,
      searchCriteriaNotification: { profileManagementOperation: ['notificationInstall'] },
      searchCriteriaEuiccPackageResult: { seqNumber: 5 },
      eimTransactionId,
    },
    'bf5218 5c03a0bf20 0402c1c2 a104 81020780 a203 800105 83020102',
  ),
  message(
    '§2.11.1.2 IpaEuiccDataRequest with the criterion of v1.0.1',
    eim.IpaEuiccDataRequest,
    { tagList: hex('bf2b'), searchCriteriaNotification: { euiccPackageResults: null } },
    'bf5208 5c02bf2b a102 8200',
  ),
  message(
    '§2.11.2.2 IpaEuiccDataResponse',
    eim.IpaEuiccDataResponse,
    data,
    `bf526b a069 ${DATA.list} 810161 ${DATA.results} ${DATA.rest}`,
    {
      'the members without A0': `bf5269 ${DATA.list} 810161 ${DATA.results} ${DATA.rest}`,
      'the members in another order': `bf526b a069 810161 ${DATA.rest} ${DATA.results} ${DATA.list}`,
      'the certificate with its tag 30': `bf526d a06b ${DATA.list} 810161 ${DATA.results}
        840101 a60f 300d${CERTIFICATE}`,
      'the lists of v1.0.1': `bf5270 a06e 800161 ${DATA.rest} bf2b56 a354 a032 ${PENDING} a11e ${RESULT}`,
    },
  ),
  message(
    '§2.11.2.2 IpaEuiccDataResponse with notifications only',
    eim.IpaEuiccDataResponse,
    { ipaEuiccData: { notificationsList: [pendingNotification] } },
    `bf5236 a034 ${DATA.list}`,
    { 'the list without A0': `bf5234 ${DATA.list}` },
  ),
  message(
    '§2.11.2.2 IpaEuiccDataResponseError',
    eim.IpaEuiccDataResponse,
    { ipaEuiccDataResponseError: { ipaEuiccDataErrorCode: 1 } },
    'bf5205 a103 020101',
    { 'the number of v1.0.1': 'bf5203 810101', 'the error without A1': 'bf5203 020101' },
  ),
  message(
    '§2.11.1.3 ProfileDownloadTriggerRequest',
    eim.ProfileDownloadTriggerRequest,
    { profileDownloadData: { activationCode: '1$a$b' }, eimTransactionId },
    'bf540d a007 8005 3124612462 82020102',
  ),
  message(
    '§2.11.1.3 ProfileDownloadTriggerRequest for the default SM-DP+',
    eim.ProfileDownloadTriggerRequest,
    { profileDownloadData: { contactDefaultSmdp: null } },
    'bf5404 a002 8100',
  ),
  message(
    '§2.11.1.3 ProfileDownloadTriggerRequest for an SM-DS',
    eim.ProfileDownloadTriggerRequest,
    { profileDownloadData: { contactSmds: { smdsAddress: 'a' } } },
    'bf5407 a005 a203 800161',
    { 'the address with its tag 0C': 'bf5407 a005 a203 0c0161' },
  ),
  message(
    '§2.11.2.3 ProfileDownloadTriggerResult',
    eim.ProfileDownloadTriggerResult,
    {
      eimTransactionId,
      profileDownloadTriggerResultData: {
        profileDownloadError: { profileDownloadErrorReason: 127, errorResponse: hex('00') },
      },
    },
    'bf540c 82020102 3006 80017f 040100',
  ),
  message(
    '§2.11.1.4 EimAcknowledgements',
    eim.EimAcknowledgements,
    [5, 300],
    'bf5307 800105 8002012c',
  ),
  message(
    '§6.3.2.1 InitiateAuthenticationRequestEsipa',
    esipa.EsipaMessageFromIpaToEim,
    {
      initiateAuthenticationRequestEsipa: {
        euiccChallenge: eidValue,
        smdpAddress: 'a',
        euiccInfo1,
        eimTransactionId,
      },
    },
    `bf392d 8110 89049032123451234512345678901235 830161 ${EUICC_INFO1} 82020102`,
  ),
  message(
    '§6.3.2.1 InitiateAuthenticationResponseEsipa',
    esipa.EsipaMessageFromEimToIpa,
    {
      initiateAuthenticationResponseEsipa: {
        initiateAuthenticationOkEsipa: {
          transactionId: eimTransactionId,
          serverSigned1: tlv30,
          serverSignature1: hex(SIGNATURE),
          euiccCiPKIdentifierToBeUsed: hex('0402c1c2'),
          serverCertificate: tlv30,
          matchingId: 'A',
        },
      },
    },
    `bf3916 a014 80020102 3000 ${SIGNATURE} 0402c1c2 3000 0c0141`,
  ),
  message(
    '§6.3.2.1 InitiateAuthenticationResponseEsipa that failed',
    esipa.EsipaMessageFromEimToIpa,
    { initiateAuthenticationResponseEsipa: { initiateAuthenticationErrorEsipa: 52 } },
    'bf3903 810134',
  ),
  message(
    '§6.3.2.2 AuthenticateClientRequestEsipa',
    esipa.EsipaMessageFromIpaToEim,
    {
      authenticateClientRequestEsipa: {
        transactionId: eimTransactionId,
        authenticateServerResponse: {
          value: {
            authenticateResponseError: {
              transactionId: eimTransactionId,
              authenticateErrorCode: 6,
            },
          },
          der: hex('bf3809 a107 80020102 020106'),
        },
      },
    },
    'bf3b10 80020102 bf3809 a107 80020102 020106',
  ),
  message(
    '§6.3.2.2 AuthenticateClientRequestEsipa in compact form',
    esipa.EsipaMessageFromIpaToEim,
    {
      authenticateClientRequestEsipa: {
        transactionId: eimTransactionId,
        authenticateServerResponse: {
          value: {
            compactAuthenticateResponseOk: {
              signedData: { compactEuiccSigned1: { extCardResource: hex('01') } },
              euiccSignature1: signature,
            },
          },
          der: hex(`bf380c a20a a003 840101 ${SIGNATURE}`),
        },
      },
    },
    `bf3b13 80020102 bf380c a20a a003 840101 ${SIGNATURE}`,
  ),
  message(
    '§6.3.2.2 AuthenticateClientResponseEsipa of an SM-DP+',
    esipa.EsipaMessageFromEimToIpa,
    {
      authenticateClientResponseEsipa: {
        authenticateClientOkDPEsipa: {
          transactionId: eimTransactionId,
          profileMetaData: hex('bf2500'),
          smdpSigned2: tlv30,
          smdpSignature2: hex(SIGNATURE),
          smdpCertificate: tlv30,
          hashCc: hex('040101'),
        },
      },
    },
    `bf3b15 a013 80020102 bf2500 3000 ${SIGNATURE} 3000 040101`,
  ),
  message(
    '§6.3.2.2 AuthenticateClientResponseEsipa of an SM-DS',
    esipa.EsipaMessageFromEimToIpa,
    {
      authenticateClientResponseEsipa: {
        authenticateClientOkDSEsipa: {
          transactionId: eimTransactionId,
          profileDownloadTrigger: { profileDownloadData: { activationCode: '1$a$b' } },
        },
      },
    },
    'bf3b12 a110 80020102 bf5409 a007 8005 3124612462',
  ),
  message(
    '§6.3.2.2 AuthenticateClientResponseEsipa that failed',
    esipa.EsipaMessageFromEimToIpa,
    { authenticateClientResponseEsipa: { authenticateClientErrorEsipa: 56 } },
    'bf3b03 820138',
  ),
  message(
    '§6.3.2.3 GetBoundProfilePackageRequestEsipa',
    esipa.EsipaMessageFromIpaToEim,
    {
      getBoundProfilePackageRequestEsipa: {
        transactionId: eimTransactionId,
        prepareDownloadResponse: {
          value: {
            downloadResponseError: { transactionId: eimTransactionId, downloadErrorCode: 127 },
          },
          der: hex('bf2109 a107 80020102 02017f'),
        },
      },
    },
    'bf3a10 80020102 bf2109 a107 80020102 02017f',
  ),
  message(
    '§6.3.2.3 GetBoundProfilePackageResponseEsipa',
    esipa.EsipaMessageFromEimToIpa,
    {
      getBoundProfilePackageResponseEsipa: {
        getBoundProfilePackageOkEsipa: {
          transactionId: eimTransactionId,
          boundProfilePackage: hex('bf3600'),
        },
      },
    },
    'bf3a09 a007 80020102 bf3600',
  ),
  message(
    '§6.3.2.4 HandleNotificationEsipa',
    esipa.EsipaMessageFromIpaToEim,
    { handleNotificationEsipa: { pendingNotification } },
    `bf3d34 a032 ${PENDING}`,
  ),
  message(
    '§6.3.2.4 HandleNotificationEsipa with a result',
    esipa.EsipaMessageFromIpaToEim,
    {
      handleNotificationEsipa: {
        provideEimPackageResult: { eimPackageResult: { euiccPackageResult: enableResult } },
      },
    },
    `bf3d21 bf501e ${RESULT}`,
    { 'the tag of v1.0.1': `bf3d20 a11e ${RESULT}` },
  ),
  message(
    '§6.3.2.4 HandleNotificationEsipa in compact form',
    esipa.HandleNotificationEsipa,
    {
      pendingNotification: {
        value: {
          compactProfileInstallationResult: {
            compactProfileInstallationResultData: {
              transactionId: eimTransactionId,
              seqNumber: 6,
              iccidPresent: true,
              compactFinalResult: { compactSuccessResult: { compactAid: hex('1100') } },
            },
            euiccSignPIR: signature,
          },
        },
        der: hex(`a016 a00f 80020102 020106 a206 a004 4f021100 ${SIGNATURE}`),
      },
    },
    `bf3d1a a018 a016 a00f 80020102 020106 a206 a004 4f021100 ${SIGNATURE}`,
  ),
  message(
    '§6.3.2.5 CancelSessionRequestEsipa',
    esipa.EsipaMessageFromIpaToEim,
    {
      cancelSessionRequestEsipa: {
        transactionId: eimTransactionId,
        cancelSessionResponse: {
          value: { cancelSessionResponseError: 5 },
          der: hex('bf4103 810105'),
        },
      },
    },
    'bf4109 80020102 a103 810105',
    { 'BF41 within A1': 'bf410c 80020102 a106 bf4103 810105' },
  ),
  message(
    '§6.3.2.5 CancelSessionResponseEsipa',
    esipa.EsipaMessageFromEimToIpa,
    { cancelSessionResponseEsipa: { cancelSessionOk: {} } },
    'bf4102 a000',
    { 'BF41 twice': 'bf4105 bf4102 a000' },
  ),
  message(
    '§6.3.2.6 GetEimPackageRequest',
    esipa.EsipaMessageFromIpaToEim,
    {
      getEimPackageRequest: {
        eidValue,
        notifyStateChange: null,
        stateChangeCause: 1,
        rPLMN: hex('00f110'),
      },
    },
    `bf4f1c ${EID} 8000 810101 820300f110`,
  ),
  message(
    '§6.3.2.6 GetEimPackageRequest with rPLMN',
    esipa.EsipaMessageFromIpaToEim,
    { getEimPackageRequest: { eidValue, rPLMN: hex('00f110') } },
    `bf4f17 ${EID} 820300f110`,
    { 'the tag of v1.0.1': `bf4f17 ${EID} 810300f110` },
  ),
  message(
    '§6.3.2.6 GetEimPackageResponse without a package',
    esipa.EsipaMessageFromEimToIpa,
    { getEimPackageResponse: { eimPackageError: 1 } },
    'bf4f03 020101',
    { 'BF4F twice': 'bf4f06 bf4f03 020101' },
  ),
  message(
    '§6.3.2.6 GetEimPackageResponse with a trigger',
    esipa.EsipaMessageFromEimToIpa,
    {
      getEimPackageResponse: {
        profileDownloadTriggerRequest: { profileDownloadData: { activationCode: '1$a$b' } },
      },
    },
    'bf4f0c bf5409 a007 8005 3124612462',
  ),
  message(
    '§6.3.2.7 ProvideEimPackageResult',
    esipa.EsipaMessageFromIpaToEim,
    {
      provideEimPackageResult: {
        eidValue,
        eimPackageResult: {
          ePRAndNotifications: {
            euiccPackageResult: enableResult,
            notificationList: [pendingNotification],
          },
        },
      },
    },
    `bf5066 ${EID} 3052 ${RESULT} a032 ${PENDING}`,
    { 'the list of v1.0.1': `bf5069 ${EID} 3055 ${RESULT} bf2b34 a032 ${PENDING}` },
  ),
  message(
    '§6.3.2.7 ProvideEimPackageResult that failed',
    esipa.EsipaMessageFromIpaToEim,
    {
      provideEimPackageResult: {
        eimPackageResult: { eimPackageResultResponseError: { eimPackageResultErrorCode: 2 } },
      },
    },
    'bf5005 a003 020102',
    { 'the number of v1.0.1': 'bf5003 020102' },
  ),
  message(
    '§6.3.2.7 ProvideEimPackageResultResponse',
    esipa.EsipaMessageFromEimToIpa,
    { provideEimPackageResultResponse: { eimAcknowledgements: [5, 6] } },
    'bf5009 bf5306 800105 800106',
  ),
  message(
    '§6.3.2.7 ProvideEimPackageResultResponse without acknowledgements',
    esipa.EsipaMessageFromEimToIpa,
    { provideEimPackageResultResponse: { emptyResponse: {} } },
    'bf5002 3000',
    { 'the SEQUENCE of v1.0.1': 'bf5000' },
  ),
  message(
    '§6.3.2.8 TransferEimPackageRequest',
    esipa.EsipaMessageFromEimToIpa,
    { transferEimPackageRequest: { eimAcknowledgements: [5] } },
    'bf4e06 bf5303 800105',
  ),
  message(
    '§6.3.2.8 TransferEimPackageResponse',
    esipa.EsipaMessageFromIpaToEim,
    { transferEimPackageResponse: { eimPackageReceived: null } },
    'bf4e02 0500',
  ),
  message(
    '§6.3.2.8 TransferEimPackageResponse of v1.3',
    esipa.EsipaMessageFromIpaToEim,
    {
      transferEimPackageResponse: {
        eimPackageErrorWithCid: { correlationId: { eimTransactionId }, eimPackageError: 2 },
      },
    },
    'bf4e0c bf6109 a004 80020102 810102',
  ),
  message(
    '§5.9.4 AddInitialEimRequest',
    iot.AddInitialEimRequest,
    { eimConfigurationDataList: [{ eimId: 'e', associationToken: -1 }] },
    'bf570a a008 3006 800165 8401ff',
  ),
  message(
    '§5.9.4 AddInitialEimResponse',
    iot.AddInitialEimResponse,
    { addInitialEimOk: [{ associationToken: 1 }, { addOk: null }] },
    'bf5707 a005 840101 0500',
  ),
  message(
    '§5.9.5 EuiccMemoryResetRequest',
    iot.IotEuiccMemoryResetRequest,
    { resetOptions: ['deleteOperationalProfiles', 'resetImmediateEnableConfig'] },
    'bf6404 82020182',
  ),
  message(
    '§5.9.5 EuiccMemoryResetResponse',
    iot.IotEuiccMemoryResetResponse,
    { resetResult: 0, resetEimResult: 1, resetImmediateEnableConfigResult: 0 },
    'bf6409 800100 810101 820100',
  ),
  message(
    '§5.9.10 GetCertsRequest',
    iot.GetCertsRequest,
    { euiccCiPKId: keyIdentifier },
    'bf5604 8002c1c2',
    { 'its own tag 04': 'bf5604 0402c1c2' },
  ),
  message(
    '§5.9.10 GetCertsResponse',
    iot.GetCertsResponse,
    { certs: { eumCertificate: certificate, euiccCertificate: certificate } },
    `bf5620 a01e a50d ${CERTIFICATE} a60d ${CERTIFICATE}`,
  ),
  message(
    '§5.9.11 RetrieveNotificationsListRequest',
    iot.IotRetrieveNotificationsListRequest,
    { searchCriteria: { euiccPackageResults: null } },
    'bf2b04 a002 8200',
  ),
  message(
    '§5.9.11 RetrieveNotificationsListResponse with results',
    iot.IotRetrieveNotificationsListResponse,
    { euiccPackageResultList: [enableResult] },
    `bf2b20 a21e ${RESULT}`,
    { 'the results without BF51': `bf2b1d a21b ${RESULT.replace('bf511b ', '')}` },
  ),
  message(
    '§5.9.16 ProfileRollbackRequest',
    iot.ProfileRollbackRequest,
    { refreshFlag: true },
    'bf5803 8001ff',
    { 'its own tag 01': 'bf5803 0101ff' },
  ),
  message(
    '§5.9.16 ProfileRollbackResponse',
    iot.ProfileRollbackResponse,
    { cmdResult: 0, eUICCPackageResult: enableResult },
    `bf5821 020100 ${RESULT}`,
    { 'an automatic tag 80': `bf5821 800100 ${RESULT}` },
  ),
  message(
    '§5.9.18 GetEimConfigurationDataResponse',
    iot.GetEimConfigurationDataResponse,
    { eimConfigurationDataList: [{ eimId: 'e' }] },
    'bf5507 a005 3003 800165',
  ),
  message(
    '§5.9.24 GetConnectivityParametersResponse',
    iot.GetConnectivityParametersResponse,
    { connectivityParameters: { httpParams: hex('00') } },
    'bf5f05 a003 810100',
  ),
  message(
    '§5.9.2 EUICCInfo2 with IoTSpecificInfo',
    EUICCInfo2,
    {
      profileVersion: '2.3.1',
      svn: '2.5.0',
      euiccFirmwareVer: '1.0.0',
      extCardResource: hex('01'),
      uiccCapability: [],
      rspCapability: [],
      euiccCiPKIdListForVerification: [],
      euiccCiPKIdListForSigning: [],
      ppVersion: '1.0.0',
      sasAcreditationNumber: '',
      ipaMode: 0,
      iotSpecificInfo: { iotVersion: ['1.2.0'], fallbackSupported: null },
    },
    `bf2231 8103020301 8203020500 8303010000 840101 850100 880100 a900 aa00 0403010000 0c00
     900100 b409 a005 0403010200 8200`,
  ),
  message(
    '§5.9 the answer to SELECT of the ISD-R',
    iot.ISDRProprietaryApplicationTemplateIoT,
    { euiccConfiguration: ['enabledProfile'] },
    'e104 80020640',
  ),
];
