// The TLS handshakes that failed on ES9+, with what each reason means: part of `simwright pki show`.
import type { TlsFailureRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { apiDate } from '../values/date.ts';
import { print, printTable } from './output.ts';
import type { TableColumn } from './table.ts';

const SHOWN_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1_000;

const COLUMNS: TableColumn<TlsFailureRow>[] = [
  { title: 'REASON', value: ({ reason }) => reason },
  { title: 'TIMES', value: ({ failures }) => failures },
  { title: 'LAST', value: ({ date_last: dateLast }) => dateLast },
  { title: 'LAST FROM', value: ({ address }) => address },
];

/** By OpenSSL's reason, or ours; docs/troubleshooting.md has more. */
const MEANINGS: [RegExp, string][] = [
  [
    /^no shared cipher$/,
    'in TLS 1.2 the client lists no curve of our DPtls certificates: P-256 and ' +
      'brainpoolP256r1 are served if certificates of both are imported, and the client must list one of these',
  ],
  [
    /^no suitable signature algorithm$/,
    'in TLS 1.3 the client lists no signature algorithm of our DPtls certificates: for brainpool ' +
      'that is ecdsa_brainpoolP256r1tls13_sha256 (RFC 8734), which many clients do not support',
  ],
  [
    /^no suitable (key share|groups)$/,
    'in TLS 1.3 the client offers neither P-256 nor brainpoolP256r1tls13 for the key exchange',
  ],
  [/^(unsupported protocol|version too low)$/, 'the client does not speak TLS 1.2 or newer'],
  [
    /alert (unknown ca|bad certificate|certificate unknown)$/,
    'the client does not trust the CI of the certificate that it received, or its ClientHello did ' +
      'not indicate which CI it trusts',
  ],
  [/alert certificate expired$/, 'the client says that our certificate, or its CI, has expired'],
  [/^http request$/, 'plain HTTP on the HTTPS port: the URL must begin with https://'],
  [
    /^PROXY protocol header$/,
    'a load balancer sends a PROXY protocol header before TLS: turn that off for ES9+',
  ],
  [/^timed out$/, 'the client did not begin the handshake, or did not continue it'],
  [
    /^connection closed by the client$/,
    'the client closed the connection during the handshake: it may not accept the certificate',
  ],
];

export function listTlsFailures(store: Store, now: Date): Promise<TlsFailureRow[]> {
  return store.tlsFailures.list(apiDate(new Date(now.getTime() - SHOWN_DAYS * DAY_MS)));
}

export function tlsFailureRecord(row: TlsFailureRow) {
  return { ...row, meaning: meaningOf(row) ?? null };
}

export function printTlsFailures(rows: TlsFailureRow[]): void {
  if (rows.length === 0) return;
  print('\nTLS handshakes that failed on ES9+:\n\n');
  printTable(COLUMNS, rows, '');
  const meanings = rows.flatMap((row) => {
    const meaning = meaningOf(row);
    return meaning === undefined ? [] : [`${row.reason}: ${meaning}.\n`];
  });
  print(`\n${meanings.join('')}What to do: docs/troubleshooting.md, "TLS handshakes that fail".\n`);
}

function meaningOf({ reason }: TlsFailureRow): string | undefined {
  return MEANINGS.find(([pattern]) => pattern.test(reason))?.[1];
}
