// How a request to another server may fail, in words for the account that caused it. Only these fixed texts are shown:
// names, addresses and certificates of the network that this server is in belong in its log.
import { TargetRefused } from './target.ts';

const WORDS = {
  unresolved: 'the host name cannot be resolved',
  // One text for cases that a tenant must not be able to tell apart: an internal name, a name that does not exist, a
  // private address.
  noPublicAddress: 'the host has no public address',
  refused: 'the connection was refused',
  unreachable: 'the host cannot be reached',
  closed: 'the connection was closed before a response arrived',
  connectTime: 'timed out while connecting',
  answerTime: 'timed out while waiting for a response',
  untrusted: 'the certificate is not trusted',
  expired: 'the certificate has expired or is not valid yet',
  otherName: 'the certificate is for another host',
  ownRefused: 'the certificate of this server was refused',
  tls: 'the TLS handshake failed',
  notHttp: 'the response is not HTTP',
  tooLong: 'the response is too long',
  cancelled: 'cancelled',
  other: 'the attempt failed',
} as const;

export type FailureWords = (typeof WORDS)[keyof typeof WORDS];

export const {
  closed: CLOSED,
  connectTime: CONNECT_TIME,
  answerTime: ANSWER_TIME,
  ownRefused: OWN_REFUSED,
  notHttp: NOT_HTTP,
  tooLong: TOO_LONG,
  cancelled: CANCELLED,
} = WORDS;

const BY_CODE: readonly [RegExp, keyof typeof WORDS][] = [
  [/^(ENOTFOUND|EAI_)/, 'unresolved'],
  [/^ECONNREFUSED$/, 'refused'],
  [/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EHOSTDOWN|ENETDOWN|EACCES)$/, 'unreachable'],
  [/^(ECONNRESET|ECONNABORTED|EPIPE)$/, 'closed'],
  [/^ETIMEDOUT$/, 'connectTime'],
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/, 'expired'],
  [/^ERR_TLS_CERT_ALTNAME_/, 'otherName'],
  [/SELF_SIGNED_CERT|^UNABLE_TO_|^CERT_|^INVALID_(CA|PURPOSE)$|^PATH_LENGTH/, 'untrusted'],
  [/^ERR_SSL_.*ALERT_.*(CERTIFICATE|UNKNOWN_CA)/, 'ownRefused'],
  [/^(EPROTO$|ERR_SSL_|ERR_TLS_)/, 'tls'],
  [/^HPE_/, 'notHttp'],
];

/** @param guarded whether requests may only go to public addresses */
export function describeFailure(error: Error & { code?: string }, guarded: boolean): FailureWords {
  if (error instanceof TargetRefused) return WORDS.noPublicAddress;
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  const code = error.code ?? (first as { code?: string } | undefined)?.code ?? '';
  const kind = BY_CODE.find(([pattern]) => pattern.test(code))?.[1] ?? 'other';
  return WORDS[guarded && kind === 'unresolved' ? 'noPublicAddress' : kind];
}
