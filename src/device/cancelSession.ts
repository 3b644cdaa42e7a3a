// ES10b.CancelSession, §5.7.14.
import {
  CancelSessionRequest,
  CancelSessionResponse,
  EuiccCancelSessionSigned,
} from '../rsp/definitions/cancel-session.ts';
import { encoded } from '../rsp/encoded.ts';
import { cancelSessionResponseErrors } from '../rsp/reasons.ts';
import { signAs, type Euicc } from './euicc.ts';

/** DER in, DER out. Throws `DerError` for a malformed request. */
export function cancelSession(euicc: Euicc, der: Uint8Array): Uint8Array {
  const { transactionId, reason } = CancelSessionRequest.decode(der);
  const { session, misbehaviour } = euicc;
  // §5.7.14: only the session in progress can be cancelled; the error is not signed.
  const isKnown =
    session !== undefined && Buffer.compare(session.transactionId, transactionId) === 0;
  const error =
    misbehaviour.cancelSessionResponseError ?? (isKnown ? undefined : 'invalidTransactionId');
  if (error !== undefined || session === undefined) {
    return CancelSessionResponse.encode({
      cancelSessionResponseError: cancelSessionResponseErrors[error ?? 'invalidTransactionId'],
    });
  }
  euicc.session = undefined;
  const { smdpOid, credential } = session;
  const honest = { transactionId, smdpOid, reason };
  const edited = misbehaviour.euiccCancelSessionSigned?.(honest) ?? honest;
  const euiccCancelSessionSigned = encoded(EuiccCancelSessionSigned, edited);
  return CancelSessionResponse.encode({
    cancelSessionResponseOk: {
      euiccCancelSessionSigned,
      euiccCancelSessionSignature: signAs(
        euicc,
        credential,
        'euiccCancelSessionSignature',
        euiccCancelSessionSigned.der,
      ),
    },
  });
}
