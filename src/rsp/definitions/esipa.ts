// The messages of ESipa in the ASN.1 binding (SGP.32 §6.3): between the IPA, which is the client, and the eIM.
import { integer, nullType, octetString, utf8String, wholeTlv } from '../asn1-primitives.ts';
import { choice, explicit, optional, sequence } from '../asn1-structures.ts';
import { childrenOf, retagged, tolerant, withoutRepeatedTag } from '../asn1-tolerant.ts';
import type { Asn1Type, ValueOf } from '../asn1-type.ts';
import { encodeTlv, type Tlv } from '../der.ts';
import {
  authenticateClientErrorsEsipa,
  cancelSessionErrorsEsipa,
  eimPackageErrors,
  eimPackageResultErrorCodes,
  getBoundProfilePackageErrorsEsipa,
  initiateAuthenticationErrorsEsipa,
  provideEimPackageResultErrors,
  stateChangeCauses,
} from '../eim-codes.ts';
import { keepingDer } from '../encoded.ts';
import { octet16, transactionId } from './basic-types.ts';
import {
  AuthenticateServerResponseEsipa,
  CancelSessionResponseEsipa,
  PendingNotificationEsipa,
  PrepareDownloadResponseEsipa,
} from './compact.ts';
import {
  EimAcknowledgements,
  IpaEuiccDataRequest,
  IpaEuiccDataResponse,
  ProfileDownloadTriggerRequest,
  ProfileDownloadTriggerResult,
  notificationsAndResultsOf,
  pendingNotificationList,
} from './eim-package.ts';
import { EUICCInfo1 } from './euicc-info.ts';
import { EuiccPackageRequest, EuiccPackageResult } from './euicc-package.ts';

/** A message that some compilers write in its tag twice. */
const message = <T>(type: Asn1Type<T>): Asn1Type<T> => tolerant(type, withoutRepeatedTag);

/** EPRAndNotifications ::= SEQUENCE; in v1.0.1 the list is a RetrieveNotificationsListResponse. */
const EPRAndNotifications = tolerant(
  sequence(0x30, {
    euiccPackageResult: keepingDer(EuiccPackageResult),
    notificationList: pendingNotificationList(0xa0),
  }),
  (tlv) => {
    const [result, list] = childrenOf(tlv);
    if (result === undefined || list?.tag !== 0xbf2b) return undefined;
    const notifications = notificationsAndResultsOf(list).find((der) => der[0] === 0xa0);
    return encodeTlv(tlv.tag, result.der, notifications ?? encodeTlv(0xa0));
  },
);

/** EimPackageResult ::= CHOICE (SGP.32 §2.11.2) */
const EimPackageResult = choice({
  euiccPackageResult: keepingDer(EuiccPackageResult),
  ePRAndNotifications: EPRAndNotifications,
  ipaEuiccDataResponse: IpaEuiccDataResponse,
  profileDownloadTriggerResult: ProfileDownloadTriggerResult,
  eimPackageResultResponseError: sequence(0xa0, {
    eimTransactionId: optional(transactionId(0x80)),
    eimPackageResultErrorCode: integer(0x02, eimPackageResultErrorCodes),
  }),
});
export type EimPackageResult = ValueOf<typeof EimPackageResult>;

/** ProvideEimPackageResult ::= [80] SEQUENCE (SGP.32 §6.3.2.7); in v1.0.1 the error is a number alone. */
export const ProvideEimPackageResult = tolerant(
  sequence(0xbf50, {
    eidValue: optional(octet16(0x5a)),
    eimPackageResult: EimPackageResult,
  }),
  (tlv) => {
    const children = childrenOf(tlv);
    const last = children.at(-1);
    if (last?.tag !== 0x02) return withoutRepeatedTag(tlv);
    const before = children.slice(0, -1).map(({ der }) => der);
    return encodeTlv(tlv.tag, ...before, encodeTlv(0xa0, last.der));
  },
);
export type ProvideEimPackageResult = ValueOf<typeof ProvideEimPackageResult>;

/** GetEimPackageRequest ::= [79] SEQUENCE (SGP.32 §6.3.2.6); in v1.0.1 rPLMN has the tag 81. */
export const GetEimPackageRequest = tolerant(
  sequence(0xbf4f, {
    eidValue: octet16(0x5a),
    notifyStateChange: optional(nullType(0x80)),
    stateChangeCause: optional(integer(0x81, stateChangeCauses)),
    rPLMN: optional(octetString(0x82, 3)),
  }),
  (tlv) => {
    const children = childrenOf(tlv);
    const isOld = children.some(({ tag, contents }) => tag === 0x81 && contents.length === 3);
    if (!isOld) return withoutRepeatedTag(tlv);
    const members = children.map((child) =>
      child.tag === 0x81 ? encodeTlv(0x82, child.contents) : child.der,
    );
    return encodeTlv(tlv.tag, ...members);
  },
);
export type GetEimPackageRequest = ValueOf<typeof GetEimPackageRequest>;

/** Of v1.3. */
const correlationId = choice({
  eimTransactionId: transactionId(0x80),
  eidValue: octet16(0x5a),
});

/** TransferEimPackageResponse ::= [78] CHOICE (SGP.32 §6.3.2.8) */
export const TransferEimPackageResponse = message(
  explicit(
    0xbf4e,
    choice({
      euiccPackageResult: keepingDer(EuiccPackageResult),
      ePRAndNotifications: EPRAndNotifications,
      ipaEuiccDataResponse: IpaEuiccDataResponse,
      eimPackageReceived: nullType(0x05),
      eimPackageError: integer(0x02, eimPackageResultErrorCodes),
      eimPackageReceivedWithCid: sequence(0xbf60, {
        correlationId: optional(explicit(0xa0, correlationId)),
      }),
      eimPackageErrorWithCid: sequence(0xbf61, {
        correlationId: optional(explicit(0xa0, correlationId)),
        eimPackageError: integer(0x81, eimPackageResultErrorCodes),
      }),
    }),
  ),
);

export type TransferEimPackageResponse = ValueOf<typeof TransferEimPackageResponse>;

/** HandleNotificationEsipa ::= [61] CHOICE (SGP.32 §6.3.2.4); in v1.0.1 the result has the tag A1 instead of BF50. */
export const HandleNotificationEsipa = tolerant(
  explicit(
    0xbf3d,
    choice({
      pendingNotification: explicit(0xa0, keepingDer(PendingNotificationEsipa)),
      provideEimPackageResult: ProvideEimPackageResult,
    }),
  ),
  (tlv) => {
    const [first] = childrenOf(tlv);
    return first?.tag === 0xa1
      ? encodeTlv(tlv.tag, encodeTlv(0xbf50, first.contents))
      : withoutRepeatedTag(tlv);
  },
);
export type HandleNotificationEsipa = ValueOf<typeof HandleNotificationEsipa>;

/** EsipaMessageFromIpaToEim ::= CHOICE; what goes on to an SM-DP+ or SM-DS keeps its bytes. */
export const EsipaMessageFromIpaToEim = choice({
  initiateAuthenticationRequestEsipa: message(
    sequence(0xbf39, {
      euiccChallenge: octet16(0x81),
      smdpAddress: optional(utf8String(0x83)),
      euiccInfo1: optional(keepingDer(EUICCInfo1)),
      eimTransactionId: optional(transactionId(0x82)),
    }),
  ),
  authenticateClientRequestEsipa: message(
    sequence(0xbf3b, {
      transactionId: transactionId(0x80),
      authenticateServerResponse: keepingDer(AuthenticateServerResponseEsipa),
    }),
  ),
  getBoundProfilePackageRequestEsipa: message(
    sequence(0xbf3a, {
      transactionId: transactionId(0x80),
      prepareDownloadResponse: keepingDer(PrepareDownloadResponseEsipa),
    }),
  ),
  cancelSessionRequestEsipa: message(
    sequence(0xbf41, {
      transactionId: transactionId(0x80),
      cancelSessionResponse: retagged(0xa1, CancelSessionResponseEsipa),
    }),
  ),
  handleNotificationEsipa: HandleNotificationEsipa,
  transferEimPackageResponse: TransferEimPackageResponse,
  getEimPackageRequest: GetEimPackageRequest,
  provideEimPackageResult: ProvideEimPackageResult,
});
export type EsipaMessageFromIpaToEim = ValueOf<typeof EsipaMessageFromIpaToEim>;

/** GetEimPackageResponse ::= [79] CHOICE (SGP.32 §6.3.2.6) */
export const GetEimPackageResponse = message(
  explicit(
    0xbf4f,
    choice({
      euiccPackageRequest: keepingDer(EuiccPackageRequest),
      ipaEuiccDataRequest: IpaEuiccDataRequest,
      profileDownloadTriggerRequest: ProfileDownloadTriggerRequest,
      eimPackageError: integer(0x02, eimPackageErrors),
    }),
  ),
);
export type GetEimPackageResponse = ValueOf<typeof GetEimPackageResponse>;

/** ProvideEimPackageResultResponse ::= [80] CHOICE (SGP.32 §6.3.2.7); in v1.0.1 a SEQUENCE that may be empty. */
export const ProvideEimPackageResultResponse = tolerant(
  explicit(
    0xbf50,
    choice({
      eimAcknowledgements: EimAcknowledgements,
      emptyResponse: sequence(0x30, {}),
      provideEimPackageResultError: integer(0x02, provideEimPackageResultErrors),
    }),
  ),
  (tlv: Tlv) =>
    tlv.contents.length === 0 ? encodeTlv(tlv.tag, encodeTlv(0x30)) : withoutRepeatedTag(tlv),
);
export type ProvideEimPackageResultResponse = ValueOf<typeof ProvideEimPackageResultResponse>;

/** TransferEimPackageRequest ::= [78] CHOICE (SGP.32 §6.3.2.8): the eIM is the client. */
export const TransferEimPackageRequest = message(
  explicit(
    0xbf4e,
    choice({
      euiccPackageRequest: keepingDer(EuiccPackageRequest),
      ipaEuiccDataRequest: IpaEuiccDataRequest,
      eimAcknowledgements: EimAcknowledgements,
      profileDownloadTriggerRequest: ProfileDownloadTriggerRequest,
    }),
  ),
);
export type TransferEimPackageRequest = ValueOf<typeof TransferEimPackageRequest>;

/** EsipaMessageFromEimToIpa ::= CHOICE; the parts that an IPA passes to the eUICC keep their bytes. */
export const EsipaMessageFromEimToIpa = choice({
  initiateAuthenticationResponseEsipa: message(
    explicit(
      0xbf39,
      choice({
        initiateAuthenticationOkEsipa: sequence(0xa0, {
          transactionId: optional(transactionId(0x80)),
          serverSigned1: wholeTlv(0x30),
          serverSignature1: wholeTlv(0x5f37),
          euiccCiPKIdentifierToBeUsed: wholeTlv(0x04),
          serverCertificate: wholeTlv(0x30),
          matchingId: optional(utf8String(0x0c)),
          /** CtxParams1, passed to the eUICC. */
          ctxParams1: optional(explicit(0xa2, wholeTlv(0xa0))),
        }),
        initiateAuthenticationErrorEsipa: integer(0x81, initiateAuthenticationErrorsEsipa),
      }),
    ),
  ),
  authenticateClientResponseEsipa: message(
    explicit(
      0xbf3b,
      choice({
        authenticateClientOkDPEsipa: sequence(0xa0, {
          transactionId: optional(transactionId(0x80)),
          profileMetaData: optional(wholeTlv(0xbf25)),
          smdpSigned2: wholeTlv(0x30),
          smdpSignature2: wholeTlv(0x5f37),
          smdpCertificate: wholeTlv(0x30),
          hashCc: optional(wholeTlv(0x04)),
        }),
        authenticateClientOkDSEsipa: sequence(0xa1, {
          transactionId: transactionId(0x80),
          profileDownloadTrigger: optional(ProfileDownloadTriggerRequest),
        }),
        authenticateClientErrorEsipa: integer(0x82, authenticateClientErrorsEsipa),
      }),
    ),
  ),
  getBoundProfilePackageResponseEsipa: message(
    explicit(
      0xbf3a,
      choice({
        getBoundProfilePackageOkEsipa: sequence(0xa0, {
          transactionId: optional(transactionId(0x80)),
          boundProfilePackage: wholeTlv(0xbf36),
        }),
        getBoundProfilePackageErrorEsipa: integer(0x81, getBoundProfilePackageErrorsEsipa),
      }),
    ),
  ),
  cancelSessionResponseEsipa: message(
    explicit(
      0xbf41,
      choice({
        cancelSessionOk: sequence(0xa0, {}),
        cancelSessionError: integer(0x81, cancelSessionErrorsEsipa),
      }),
    ),
  ),
  transferEimPackageRequest: TransferEimPackageRequest,
  getEimPackageResponse: GetEimPackageResponse,
  provideEimPackageResultResponse: ProvideEimPackageResultResponse,
});
export type EsipaMessageFromEimToIpa = ValueOf<typeof EsipaMessageFromEimToIpa>;
