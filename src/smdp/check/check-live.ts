// What a device sees: a real handshake with ES9+, as one that trusts a certain CI.
import { once } from 'node:events';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { Certificate } from '../../rsp/certificate.ts';
import { hostNames, isNamed } from '../../rsp/certificate-chain.ts';
import { parseCertificate } from '../../rsp/certificate.ts';
import { DerError } from '../../rsp/der-error.ts';
import { formatName } from '../../rsp/distinguished-name.ts';
import { certificatePem } from '../../rsp/pem.ts';
import { VerifyError } from '../../rsp/verify-error.ts';
import { tlsGroups, tlsSignatureAlgorithms } from '../../rsp/tls-curve.ts';
import { fingerprintOf, roleOf, titleOf } from '../pki/pki-certificate.ts';
import type { StoredCertificate } from '../pki/pki-certificate.ts';
import { hostOf } from '../pki/test-pki.ts';
import type { Checked } from './checked.ts';
import { fault, judgeEnd, ok, warning } from './finding.ts';
import type { Finding, Judgement, Verdict } from './finding.ts';
import { LEAST_DAYS } from './certificate-checks.ts';

const LIMIT_MS = 10_000;

export interface LiveTarget {
  host: string;
  port: number;
  /** How bad it is if nobody answers there. */
  unanswered: Verdict;
}

/** One finding or more for each CI under which there is a DPtls. */
export async function checkLive(target: LiveTarget, given: Checked): Promise<Finding[]> {
  const cis = given.certificates.filter(
    ({ role, ciPKIdHex }) =>
      role === 'ci' &&
      given.certificates.some((one) => one.role === 'dpTls' && one.ciPKIdHex === ciPKIdHex),
  );
  const findings: Finding[] = [];
  for (const ci of cis) {
    const subject = `${target.host}:${target.port}, for devices of the ${titleOf(ci)}`;
    for (const judgement of await judgeHandshake(ci, target, given)) {
      findings.push({ check: 'handshake', subject, ...judgement });
    }
  }
  return findings;
}

async function judgeHandshake(
  ci: StoredCertificate,
  target: LiveTarget,
  given: Checked,
): Promise<Judgement[]> {
  const name = hostOf(given.config.smdpAddress);
  const expected = `the DPtls under this CI, for ${name}`;
  let socket: TLSSocket;
  try {
    socket = await shakeHands(ci.certificate, name, target);
  } catch (error) {
    const { message } = error as Error;
    const isUnanswered = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH/.test(message);
    const advice = isUnanswered
      ? 'start the server; look at the DNS, the firewall and the port'
      : 'simwright pki show lists failed handshakes and what they mean';
    const verdict = isUnanswered ? target.unanswered : 'fault';
    return [{ verdict, found: message, expected, advice }];
  }
  try {
    return judgeShown(socket, ci, name, expected, given);
  } finally {
    socket.destroy();
  }
}

async function shakeHands(ci: Certificate, servername: string, target: LiveTarget) {
  const socket = connect({
    host: target.host,
    port: target.port,
    // An address is no server name (RFC 6066 §3).
    ...(/^[\d.]+$|:/.test(servername) ? {} : { servername }),
    ca: [certificatePem(ci)],
    ecdhCurve: tlsGroups([ci.curve]),
    sigalgs: tlsSignatureAlgorithms([ci.curve]),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: false,
  });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(LIMIT_MS) });
    return socket;
  } catch (error) {
    socket.destroy();
    if (error instanceof Error && error.name !== 'AbortError') throw error;
    throw new Error(`ETIMEDOUT: no handshake within ${LIMIT_MS / 1_000} seconds`, { cause: error });
  }
}

function judgeShown(
  socket: TLSSocket,
  ci: StoredCertificate,
  name: string,
  expected: string,
  { certificates, now }: Checked,
): Judgement[] {
  const { raw } = socket.getPeerCertificate();
  // A code of OpenSSL, whatever its type says.
  const problem = socket.authorizationError as unknown as string | null;
  const shown = parseShown(Uint8Array.from(raw));
  if (shown === undefined) {
    const subject = socket.getPeerX509Certificate()?.subject ?? '';
    const found = `${subject.replaceAll('\n', ', ') || 'without a name'}: not a DPtls`;
    const advice =
      'if a proxy terminates TLS there, its devices must trust public CAs (SGP.22 v2.7)';
    return [warning(found, expected, advice)];
  }
  const digest = fingerprintOf(shown.der);
  const ours = certificates.find(({ certificate }) => fingerprintOf(certificate.der) === digest);
  const found = `${formatName(shown.subject)}, ${hostNames(shown).join(', ') || 'no host'}, ${socket.getProtocol()}`;
  if (ours === undefined) {
    const advice = 'somebody else answers there: look at the DNS and at proxies';
    return [fault(`${found}: not one of those that are here`, expected, advice)];
  }
  if (ours.ciPKIdHex !== ci.ciPKIdHex) {
    const another = `${found}: under another CI, as is shown to devices that do not say which CI they trust`;
    const advice = `if no device needs this CI: simwright pki remove ${ci.ciPKIdHex}`;
    // What was imported goes first, as it should: only phones for tests trust the test PKI.
    const judge = ci.generated && !ours.generated ? warning : fault;
    return [judge(another, expected, advice)];
  }
  const judgements: Judgement[] = [];
  // The host is compared here: OpenSSL knows it only by SNI.
  if (problem !== null && !/ALTNAME/.test(problem)) {
    judgements.push(
      fault(`${found}: ${problem}`, expected, 'a device that trusts the CI refuses it'),
    );
  }
  if (!isNamed(shown, name)) {
    judgements.push(fault(found, expected, 'import a DPtls for this host'));
  }
  if (judgements.length > 0) return judgements;
  const end = judgeEnd(shown.notAfter, now, {
    least: LEAST_DAYS,
    ended: 'fault',
    advice: 'import its successor',
  });
  return [end.verdict === 'ok' ? ok(found, expected) : end];
}

/** @returns undefined: it is not one of an SM-DP+ for TLS */
function parseShown(der: Uint8Array): Certificate | undefined {
  try {
    const certificate = parseCertificate(der);
    return roleOf(certificate) === 'dpTls' ? certificate : undefined;
  } catch (error) {
    if (!(error instanceof DerError || error instanceof VerifyError)) throw error;
    return undefined;
  }
}
