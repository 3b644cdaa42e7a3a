// Cancelling a session: ES10b.CancelSession (§5.7.14), which the eUICC signs for ES9+.CancelSession (§5.6.5).
import { integer, objectIdentifier } from '../asn1-primitives.ts';
import { choice, explicit, sequence } from '../asn1-structures.ts';
import type { ValueOf } from '../asn1-type.ts';
import { keepingDer } from '../encoded.ts';
import { cancelSessionReasons, cancelSessionResponseErrors } from '../reasons.ts';
import { signature, transactionId } from './basic-types.ts';

/** CancelSessionRequest ::= [65] SEQUENCE */
export const CancelSessionRequest = sequence(0xbf41, {
  transactionId: transactionId(0x80),
  reason: integer(0x81, cancelSessionReasons),
});
export type CancelSessionRequest = ValueOf<typeof CancelSessionRequest>;

/** EuiccCancelSessionSigned ::= SEQUENCE; the signature covers its TLV. */
export const EuiccCancelSessionSigned = sequence(0x30, {
  transactionId: transactionId(0x80),
  smdpOid: objectIdentifier(0x81),
  reason: integer(0x82, cancelSessionReasons),
});
export type EuiccCancelSessionSigned = ValueOf<typeof EuiccCancelSessionSigned>;

export const CancelSessionResponseOk = sequence(0xa0, {
  euiccCancelSessionSigned: keepingDer(EuiccCancelSessionSigned),
  euiccCancelSessionSignature: signature,
});

/** CancelSessionResponse ::= [65] CHOICE */
export const CancelSessionResponse = explicit(
  0xbf41,
  choice({
    cancelSessionResponseOk: CancelSessionResponseOk,
    cancelSessionResponseError: integer(0x81, cancelSessionResponseErrors),
  }),
);
export type CancelSessionResponse = ValueOf<typeof CancelSessionResponse>;
