// Who a client certificate belongs to: an operator that is registered with it. Commands and other nodes may change
// what is stored.
import { X509Certificate } from 'node:crypto';
import type { Context } from '../../context.ts';
import type { ClientCertificate } from '../../es2plus/listener.ts';
import type { Crl } from '../../rsp/crl.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { ReasonCode } from '../../rsp/status-codes.ts';
import type { OperatorCertificateRow, OperatorRow } from '../../store/schema.ts';
import type { Transaction } from '../../store/store.ts';
import { apiDate } from '../../values/date.ts';
import { isCrlOutdated, isListed, readOperatorCrl } from './operator-crl.ts';

/** An operator that calls. */
export interface OperatorPeer {
  operatorSid: string;
  accountSid: string;
  /** The only functionRequesterIdentifier that it may use; null: any. */
  requesterIdentifier: string | null;
}

export interface TrustedCa {
  certificate: X509Certificate;
  fingerprint: string;
  crl: Crl | undefined;
  /** Whether it is our own, for tests. */
  isOurs: boolean;
}

export interface RegisteredCertificate {
  row: OperatorCertificateRow;
  operator: OperatorRow;
  certificate: X509Certificate;
  /** The CAs that have issued it: more than one if a CA was renewed with the same key. */
  issuers: readonly TrustedCa[];
}

/** What is stored about operators, at one time. */
export interface OperatorRegister {
  cas: readonly TrustedCa[];
  certificates: ReadonlyMap<string, RegisteredCertificate>;
}

export interface OperatorTrust {
  /** Reads the register again if it has changed. Throws `StoreUnavailable`. */
  renew: () => Promise<void>;
  /** Throws `FunctionExecutionError` with subject 1.1 for a certificate that is not accepted. */
  identify: (client: ClientCertificate) => Promise<OperatorPeer>;
  /** PEM; a new array if they have changed. */
  clientCas: () => readonly string[];
}

type TrustContext = Pick<Context, 'store' | 'now' | 'config'>;

export async function openOperatorTrust(context: TrustContext): Promise<OperatorTrust> {
  const { store, now, config } = context;
  let token: string | undefined;
  /** Of all who need it at once. */
  let reading: Promise<void> | undefined;
  let register: OperatorRegister;
  let clientCas: readonly string[] = [];

  async function read(): Promise<void> {
    // Before the register: what changes meanwhile is read again.
    const next = await store.operators.changeToken();
    register = await readRegister(context);
    clientCas = register.cas.map(({ certificate }) => certificate.toString());
    // Last: until then, and if reading fails, the register is not that of the token.
    token = next;
  }
  async function renew(): Promise<void> {
    // Again, if what others are reading has changed since they began.
    while ((await store.operators.changeToken()) !== token) {
      reading ??= read().finally(() => {
        reading = undefined;
      });
      await reading;
    }
  }
  await read();
  return {
    renew,
    clientCas: () => clientCas,
    async identify({ fingerprint }) {
      const judge = () => judgeCertificate(register.certificates.get(fingerprint), now(), config);
      let judged = judge();
      // An operator may have been registered just now.
      if (judged instanceof FunctionExecutionError) {
        await renew();
        judged = judge();
      }
      if (judged instanceof FunctionExecutionError) throw judged;
      return judged;
    },
  };
}

export async function readRegister({
  store: { operators },
}: {
  store: Pick<Transaction, 'operators'>;
}): Promise<OperatorRegister> {
  const rows = await operators.list();
  const bySid = new Map(rows.map((row) => [row.sid, row]));
  const cas = (await operators.listCas()).map((row): TrustedCa => ({
    certificate: new X509Certificate(Buffer.from(row.certificate, 'base64')),
    fingerprint: row.fingerprint,
    crl: row.crl === null ? undefined : readOperatorCrl(Uint8Array.fromBase64(row.crl)),
    isOurs: row.private_key !== null,
  }));
  const registered = (await operators.listCertificates()).flatMap(
    (row): RegisteredCertificate[] => {
      const operator = bySid.get(row.operator_sid);
      if (operator === undefined) return [];
      const certificate = new X509Certificate(Buffer.from(row.certificate, 'base64'));
      return [{ row, operator, certificate, issuers: issuersOf(certificate, cas) }];
    },
  );
  return { cas, certificates: new Map(registered.map((one) => [one.row.fingerprint, one])) };
}

/** The CAs whose key has signed a certificate. */
export function issuersOf(
  certificate: X509Certificate,
  cas: readonly TrustedCa[],
): readonly TrustedCa[] {
  return cas.filter(
    ({ certificate: ca }) => certificate.checkIssued(ca) && certificate.verify(ca.publicKey),
  );
}

/** §5.2.6: function requester (1.1), and why it is not accepted. */
export function judgeCertificate(
  registered: RegisteredCertificate | undefined,
  now: Date,
  { outdatedCrl }: Pick<Context['config'], 'outdatedCrl'>,
): OperatorPeer | FunctionExecutionError {
  if (registered === undefined) {
    return refuse('1.1', 'The client certificate is that of no operator');
  }
  const { operator, row, certificate, issuers } = registered;
  const date = apiDate(now);
  if (operator.date_revoked !== null) return refuse('1.2', 'The operator was revoked');
  if (row.date_ends !== null && row.date_ends <= date) {
    return refuse('1.2', `The client certificate is not accepted since ${row.date_ends}`);
  }
  if (now < certificate.validFromDate) {
    return refuse('6.1', 'The client certificate is not valid yet');
  }
  if (now > certificate.validToDate) return refuse('6.3', 'The client certificate has expired');
  const trusted = issuers.filter(
    ({ certificate: ca }) => now >= ca.validFromDate && now <= ca.validToDate,
  );
  if (trusted.length === 0) {
    return refuse('6.1', 'The CA of the client certificate is not trusted, or has expired');
  }
  if (issuers.some(({ crl }) => crl !== undefined && isListed(crl, certificate))) {
    return refuse('1.2', 'The client certificate was revoked by its CA');
  }
  const isOutdated = trusted.every(({ crl }) => crl !== undefined && isCrlOutdated(crl, now));
  if (outdatedCrl === 'refuse' && isOutdated) {
    return refuse('6.1', 'The CRL of the CA of the client certificate is outdated');
  }
  return {
    operatorSid: operator.sid,
    accountSid: operator.account_sid,
    requesterIdentifier: operator.requester_identifier,
  };
}

/** Why a certificate is not accepted; null if it is. */
export function refusalOf(
  registered: RegisteredCertificate | undefined,
  now: Date,
  config: Pick<Context['config'], 'outdatedCrl'>,
): string | null {
  const judged = judgeCertificate(registered, now, config);
  return judged instanceof FunctionExecutionError ? judged.message : null;
}

function refuse(reason: ReasonCode, message: string): FunctionExecutionError {
  return new FunctionExecutionError('1.1', reason, message);
}
