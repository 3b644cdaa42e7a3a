// The messages of ES9+ in the ASN.1 binding (§6.6, annex H).
import { integer, utf8String, wholeTlv } from '../asn1-primitives.ts';
import { choice, explicit, sequence } from '../asn1-structures.ts';
import { retagged } from '../asn1-tolerant.ts';
import type { ValueOf } from '../asn1-type.ts';
import { keepingDer } from '../encoded.ts';
import { errorNumbers, type AnsweredFunction } from '../es9plus-errors.ts';
import { AuthenticateServerResponse } from './authenticate-server.ts';
import { octet16, transactionId } from './basic-types.ts';
import { CancelSessionResponse } from './cancel-session.ts';
import { EUICCInfo1 } from './euicc-info.ts';
import { PendingNotification } from './notification.ts';
import { PrepareDownloadResponse } from './prepare-download.ts';

/** RemoteProfileProvisioningRequest ::= [2] CHOICE */
export const RemoteProfileProvisioningRequest = explicit(
  0xa2,
  choice({
    initiateAuthenticationRequest: sequence(0xbf39, {
      euiccChallenge: octet16(0x81),
      smdpAddress: utf8String(0x83),
      euiccInfo1: keepingDer(EUICCInfo1),
    }),
    authenticateClientRequest: sequence(0xbf3b, {
      transactionId: transactionId(0x80),
      authenticateServerResponse: keepingDer(AuthenticateServerResponse),
    }),
    getBoundProfilePackageRequest: sequence(0xbf3a, {
      transactionId: transactionId(0x80),
      prepareDownloadResponse: keepingDer(PrepareDownloadResponse),
    }),
    cancelSessionRequestEs9: sequence(0xbf41, {
      transactionId: transactionId(0x80),
      cancelSessionResponse: retagged(0xa1, CancelSessionResponse),
    }),
    handleNotification: sequence(0xbf3d, {
      pendingNotification: explicit(0xa0, keepingDer(PendingNotification)),
    }),
  }),
);
export type RemoteProfileProvisioningRequest = ValueOf<typeof RemoteProfileProvisioningRequest>;

const failed = (name: AnsweredFunction) => integer(0x81, errorNumbers(name));

/** RemoteProfileProvisioningResponse ::= [2] CHOICE; the parts that an LPA passes on are kept as they are. */
export const RemoteProfileProvisioningResponse = explicit(
  0xa2,
  choice({
    initiateAuthenticationResponse: explicit(
      0xbf39,
      choice({
        initiateAuthenticationOk: sequence(0xa0, {
          transactionId: transactionId(0x80),
          serverSigned1: wholeTlv(0x30),
          serverSignature1: wholeTlv(0x5f37),
          euiccCiPKIdToBeUsed: wholeTlv(0x04),
          serverCertificate: wholeTlv(0x30),
        }),
        initiateAuthenticationError: failed('initiateAuthentication'),
      }),
    ),
    authenticateClientResponseEs9: explicit(
      0xbf3b,
      choice({
        authenticateClientOk: sequence(0xa0, {
          transactionId: transactionId(0x80),
          profileMetaData: wholeTlv(0xbf25),
          smdpSigned2: wholeTlv(0x30),
          smdpSignature2: wholeTlv(0x5f37),
          smdpCertificate: wholeTlv(0x30),
        }),
        authenticateClientError: failed('authenticateClient'),
      }),
    ),
    getBoundProfilePackageResponse: explicit(
      0xbf3a,
      choice({
        getBoundProfilePackageOk: sequence(0xa0, {
          transactionId: transactionId(0x80),
          boundProfilePackage: wholeTlv(0xbf36),
        }),
        getBoundProfilePackageError: failed('getBoundProfilePackage'),
      }),
    ),
    cancelSessionResponseEs9: explicit(
      0xbf41,
      choice({
        cancelSessionOk: sequence(0xa0, {}),
        cancelSessionError: failed('cancelSession'),
      }),
    ),
  }),
);
export type RemoteProfileProvisioningResponse = ValueOf<typeof RemoteProfileProvisioningResponse>;
