// Common mutual authentication: ES10b.AuthenticateServer (§5.7.13) and what both sides sign in it.
import { integer, utf8String } from '../asn1-primitives.ts';
import { choice, explicit, optional, sequence } from '../asn1-structures.ts';
import type { ValueOf } from '../asn1-type.ts';
import { keepingDer } from '../encoded.ts';
import { authenticateErrorCodes } from '../reasons.ts';
import { SubjectKeyIdentifier, octet16, signature, transactionId } from './basic-types.ts';
import { Certificate } from './certificate.ts';
import { DeviceInfo, EUICCInfo2 } from './euicc-info.ts';

/** CtxParams1 ::= CHOICE */
export const CtxParams1 = choice({
  ctxParamsForCommonAuthentication: sequence(0xa0, {
    matchingId: optional(utf8String(0x80)),
    deviceInfo: DeviceInfo,
  }),
});

/** ServerSigned1 ::= SEQUENCE; serverSignature1 covers its TLV. */
export const ServerSigned1 = sequence(0x30, {
  transactionId: transactionId(0x80),
  euiccChallenge: octet16(0x81),
  serverAddress: utf8String(0x83),
  serverChallenge: octet16(0x84),
});
export type ServerSigned1 = ValueOf<typeof ServerSigned1>;

/** AuthenticateServerRequest ::= [56] SEQUENCE */
export const AuthenticateServerRequest = sequence(0xbf38, {
  serverSigned1: keepingDer(ServerSigned1),
  serverSignature1: signature,
  euiccCiPKIdToBeUsed: SubjectKeyIdentifier,
  serverCertificate: Certificate,
  ctxParams1: CtxParams1,
});
export type AuthenticateServerRequest = ValueOf<typeof AuthenticateServerRequest>;

/** EuiccSigned1 ::= SEQUENCE; euiccSignature1 covers its TLV. */
export const EuiccSigned1 = sequence(0x30, {
  transactionId: transactionId(0x80),
  serverAddress: utf8String(0x83),
  serverChallenge: octet16(0x84),
  euiccInfo2: EUICCInfo2,
  ctxParams1: CtxParams1,
});
export type EuiccSigned1 = ValueOf<typeof EuiccSigned1>;

export const AuthenticateResponseOk = sequence(0xa0, {
  euiccSigned1: keepingDer(EuiccSigned1),
  euiccSignature1: signature,
  euiccCertificate: Certificate,
  eumCertificate: Certificate,
});
export type AuthenticateResponseOk = ValueOf<typeof AuthenticateResponseOk>;

export const AuthenticateResponseError = sequence(0xa1, {
  transactionId: transactionId(0x80),
  authenticateErrorCode: integer(0x02, authenticateErrorCodes),
});

/** AuthenticateServerResponse ::= [56] CHOICE */
export const AuthenticateServerResponse = explicit(
  0xbf38,
  choice({
    authenticateResponseOk: AuthenticateResponseOk,
    authenticateResponseError: AuthenticateResponseError,
  }),
);
export type AuthenticateServerResponse = ValueOf<typeof AuthenticateServerResponse>;
