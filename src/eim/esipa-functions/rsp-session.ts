// What the eIM keeps of a session with an SM-DP+, from its beginning until its operation is gone: with it, it adds what an IPA leaves out
// of its messages (minimizeEsipaBytes), and does what an IPA has left to it.
import type { EimPackageRow } from '../../store/schema.ts';

export interface RspSession {
  /** Upper-case hex. */
  transactionId: string;
  /** As the SM-DP+ has named itself. */
  serverAddress: string;
  smdpOid?: string | undefined;
  /** base64 of DER, as all that follow. Undefined if the IPA has begun without naming its trigger. */
  serverSigned1?: string | undefined;
  /** Made by the eIM. */
  ctxParams1?: string;
  /** Of the answer to AuthenticateClient. */
  smdpSigned2?: string;
  /** TLV */
  smdpSignature2?: string;
  /** As in EF.ICCID. */
  iccid?: string;
  /** SHA-256 of the profile metadata, for an IPA that leaves their verification to the eIM. */
  metadata?: string;
  /** The certificates with which the eUICC takes part, if they are not those by which it is known. */
  euiccCertificate?: string;
  eumCertificate?: string;
}

/** It has some 700, and some 3,000 with certificates. An SM-DP+ of anybody's may answer with as much as it likes. */
const MOST_CHARACTERS = 8_192;

/** As it is kept; null: it is too long to be meant, and no message of it can be compact. */
export function textOfSession(session: RspSession): string | null {
  const text = JSON.stringify(session);
  return text.length > MOST_CHARACTERS ? null : text;
}

/** That of this transaction: a device may have begun again. */
export function sessionOf(
  sent: Pick<EimPackageRow, 'rsp_session'> | undefined,
  transactionId: string,
): RspSession | undefined {
  if (sent === undefined || sent.rsp_session === null) return undefined;
  const session = JSON.parse(sent.rsp_session) as RspSession;
  return session.transactionId === transactionId ? session : undefined;
}
