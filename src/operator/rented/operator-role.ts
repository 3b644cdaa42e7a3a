// This server as an operator for its rented SM-DP+, which reports the progress of profiles (§5.3.5).
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Context } from '../../context.ts';
import type { Es2PlusRequest } from '../../es2plus/functions.ts';
import type { ClientCertificate, Role } from '../../es2plus/listener.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { ReasonCode } from '../../rsp/status-codes.ts';

/** By what the SM-DP+ is known. */
export interface KnownSmdp {
  /** The host of its ES2+. */
  host: string;
  cas: readonly X509Certificate[];
  /** SHA-256 of certificates for other names, upper-case hex. */
  reporters: readonly string[];
}

/** @param take what is done with a report from the SM-DP+ */
export function operatorRole(
  known: KnownSmdp,
  take: (info: Es2PlusRequest<'handleDownloadProgressInfo'>) => Promise<void>,
  { now }: Pick<Context, 'now'>,
): Role<string> {
  const cas = known.cas.map((certificate) => certificate.toString());
  return {
    clientCas: () => cas,
    async identify(client) {
      const refused = judge(client, known, now());
      if (refused !== undefined) throw refused;
      return known.host;
    },
    nameOf: (host) => host,
    functions: { handleDownloadProgressInfo: take },
  };
}

/** §5.2.6: function requester (1.1), and why it is not accepted. */
function judge(
  { certificate, fingerprint }: ClientCertificate,
  { host, cas, reporters }: KnownSmdp,
  now: Date,
): FunctionExecutionError | undefined {
  const issuers = cas.filter(
    (ca) => certificate.checkIssued(ca) && certificate.verify(ca.publicKey),
  );
  if (issuers.length === 0)
    return refuse('6.1', 'The client certificate is under none of the CAs in SIMWRIGHT_SMDP_CA');
  if (!issuers.some((ca) => now >= ca.validFromDate && now <= ca.validToDate))
    return refuse('6.1', 'The CA of the client certificate has expired, or is not valid yet');
  if (now < certificate.validFromDate)
    return refuse('6.1', 'The client certificate is not valid yet');
  if (now > certificate.validToDate) return refuse('6.3', 'The client certificate has expired');
  // A CA has many customers; one of them is the SM-DP+.
  if (isFor(certificate, host) || reporters.includes(fingerprint)) return undefined;
  return refuse(
    '1.1',
    `The client certificate is not for ${host}; SIMWRIGHT_SMDP_REPORTERS can name its fingerprint, ${fingerprint}`,
  );
}

const isFor = (certificate: X509Certificate, host: string) =>
  (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined;

const refuse = (reason: ReasonCode, message: string) =>
  new FunctionExecutionError('1.1', reason, message);
