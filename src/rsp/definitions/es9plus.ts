// The messages of ES9+ in the ASN.1 binding (§6.6, annex H).
import { integer, utf8String, wholeTlv } from '../asn1-primitives.ts';
import { choice, explicit, sequence } from '../asn1-structures.ts';
import { Asn1Type, type ValueOf } from '../asn1-type.ts';
import { DerReader, encodeTlv, readDer, type Tlv } from '../der.ts';
import { keepingDer, type Encoded } from '../encoded.ts';
import { errorNumbers, type AnsweredFunction } from '../es9plus-errors.ts';
import { AuthenticateServerResponse } from './authenticate-server.ts';
import { octet16, transactionId } from './basic-types.ts';
import { CancelSessionResponse } from './cancel-session.ts';
import { EUICCInfo1 } from './euicc-info.ts';
import { PendingNotification } from './notification.ts';
import { PrepareDownloadResponse } from './prepare-download.ts';

/**
 * X.680 §25.7, §31.2.7: an automatic tag replaces the tag of a tagged CHOICE, so it is A1 { A0 … }. Some compilers keep both
 * tags, A1 { BF41 { A0 … } }, which is accepted. `der` is the CancelSessionResponse with its own tag.
 */
class Retagged extends Asn1Type<Encoded<CancelSessionResponse>> {
  readonly tags = [0xa1] as const;

  read(tlv: Tlv): Encoded<CancelSessionResponse> {
    const own = CancelSessionResponse.tags[0]!;
    const reader = DerReader.inside(tlv);
    const isNested = reader.peekTag() === own;
    if (isNested) reader.next();
    if (isNested) reader.finish();
    const der = isNested ? tlv.contents : encodeTlv(own, tlv.contents);
    return { value: CancelSessionResponse.decode(der), der };
  }

  encode({ der }: Encoded<CancelSessionResponse>): Uint8Array {
    return encodeTlv(this.tags[0], readDer(der).contents);
  }

  notation({ value }: Encoded<CancelSessionResponse>, indent: string): string {
    return CancelSessionResponse.notation(value, indent);
  }
}

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
      cancelSessionResponse: new Retagged(),
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
