// What the SM-DP+ knows of a profile and its devices, for whoever has to find out why a download fails: each ES9+ call with
// its messages, decoded and as bytes, and the certificates of both sides.
import { AuthenticateServerResponse } from '../../rsp/definitions/authenticate-server.ts';
import type { AuthenticateResponseOk } from '../../rsp/definitions/authenticate-server.ts';
import { parseCertificate } from '../../rsp/certificate.ts';
import { DerError } from '../../rsp/der-error.ts';
import { formatName } from '../../rsp/distinguished-name.ts';
import type { RspLogRow } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import { apiDate } from '../../values/date.ts';
import { loggedParts } from '../download/logged-message.ts';
import type { LoggedPart } from '../download/logged-message.ts';
import type { About } from '../download/ordered-profile.ts';
import { findRspLog, renderRspLogEntry } from '../download/rsp-log.ts';
import { certificatePem } from '../../rsp/pem.ts';
import { fingerprintOf } from '../pki/pki-certificate.ts';
import type { PkiCertificate } from '../pki/pki.ts';

/** The newest calls. */
const CALL_LIMIT = 500;

export interface ReportedMessage {
  name: string;
  der: Uint8Array;
}

/** A call as in the RSP log; the messages of both sides are bytes, as far as they contain no secret. */
export interface ReportedCall {
  entry: Record<string, unknown>;
  messages: { request: ReportedMessage[]; response: ReportedMessage[] };
}

export interface ReportedCertificate {
  role: string;
  subject: string;
  issuer: string;
  serial_number: string;
  not_before: string;
  not_after: string;
  /** SHA-256, upper-case hex. */
  fingerprint: string;
  pem: string;
}

export interface DeviceReport {
  /** Oldest first. */
  calls: ReportedCall[];
  /** Whether there are older calls. */
  hasOlderCalls: boolean;
  certificates: { server: ReportedCertificate[]; devices: ReportedCertificate[] };
  /** Matching IDs that devices have sent. */
  matchingIds: string[];
}

export async function deviceReport(
  about: About,
  certificates: readonly PkiCertificate[],
  store: Pick<Store, 'rspLog' | 'rspLogPages' | 'rspSessions'>,
): Promise<DeviceReport> {
  const { rows, more } = await findRspLog(about, { kind: 'first' }, CALL_LIMIT, store);
  const calls = rows.toReversed().map(reportedCall);
  const authenticated = calls.flatMap(({ messages }) => messages.request.flatMap(authenticationOf));
  const devices = authenticated.flatMap((response) => [
    describeCertificate('eUICC', response.euiccCertificate),
    describeCertificate('EUM', response.eumCertificate),
  ]);
  const sent = authenticated.flatMap(({ euiccSigned1 }) => {
    const { ctxParams1 } = euiccSigned1.value;
    return ctxParams1.ctxParamsForCommonAuthentication.matchingId ?? [];
  });
  return {
    calls,
    hasOlderCalls: more,
    certificates: {
      server: certificates
        .filter(({ role }) => role !== 'eum')
        .map(({ role, certificate }) => describeCertificate(role, certificate.der)),
      devices: [...new Map(devices.map((one) => [one.fingerprint, one])).values()],
    },
    matchingIds: [...new Set(sent)].filter((matchingId) => matchingId !== ''),
  };
}

function reportedCall(row: RspLogRow): ReportedCall {
  return {
    entry: JSON.parse(renderRspLogEntry(row)) as Record<string, unknown>,
    messages: { request: messagesOf(row.request), response: messagesOf(row.response ?? '') },
  };
}

const messagesOf = (text: string): ReportedMessage[] =>
  loggedParts(text).filter((part): part is Exclude<LoggedPart, string> => typeof part !== 'string');

function authenticationOf({ name, der }: ReportedMessage): AuthenticateResponseOk | [] {
  if (name !== 'AuthenticateServerResponse') return [];
  try {
    return AuthenticateServerResponse.decode(der).authenticateResponseOk ?? [];
  } catch (error) {
    if (error instanceof DerError) return [];
    throw error;
  }
}

function describeCertificate(role: string, der: Uint8Array): ReportedCertificate {
  const certificate = parseCertificate(der);
  return {
    role,
    subject: formatName(certificate.subject),
    issuer: formatName(certificate.issuer),
    serial_number: certificate.serialNumberHex,
    not_before: apiDate(certificate.notBefore),
    not_after: apiDate(certificate.notAfter),
    fingerprint: fingerprintOf(der),
    pem: certificatePem(certificate),
  };
}
