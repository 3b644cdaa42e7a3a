// Where the IPA of an eUICC listens, as its owner says.
import { hash, X509Certificate } from 'node:crypto';
import { EuiccRefused } from '../euicc-refused.ts';
import type { EsipaBindingName, EuiccRow } from '../../store/schema.ts';

export type IpaColumns = Pick<EuiccRow, 'ipa_url' | 'ipa_binding' | 'ipa_ca'>;

export const NO_IPA: IpaColumns = { ipa_url: null, ipa_binding: 'asn1', ipa_ca: null };

export const IPA_BINDINGS = ['asn1', 'json'] as const satisfies EsipaBindingName[];
export const IPA_URL_LIMIT = 2048;
export const IPA_CA_LIMIT = 16_384;
/** Each is shown, of each eUICC of a list. */
const MOST_CERTIFICATES = 10;

/** What is absent stays; an empty text is none. */
export interface GivenIpa {
  url?: string | undefined;
  binding?: EsipaBindingName | undefined;
  /** PEM. */
  ca?: string | undefined;
}

/** @returns the columns that change. Throws `EuiccRefused`. */
export function ipaColumns({ url, binding, ca }: GivenIpa): Partial<IpaColumns> {
  if (url === '') return NO_IPA;
  return {
    ...(url === undefined ? {} : { ipa_url: checkedUrl(url) }),
    ...(binding === undefined ? {} : { ipa_binding: binding }),
    ...(ca === undefined ? {} : { ipa_ca: ca === '' ? null : checkedCa(ca) }),
  };
}

function checkedUrl(text: string): string {
  const url = text.length <= IPA_URL_LIMIT ? URL.parse(text) : null;
  const isPlain =
    url?.protocol === 'https:' &&
    /^[\x21-\x7e]+$/.test(text) &&
    // Also an empty query or fragment, which the URL would keep.
    !/[?#]/.test(text) &&
    [url.username, url.password].every((part) => part === '');
  if (isPlain) return url.href;
  const message =
    `Invalid parameter IpaUrl: expected an https URL of at most ${IPA_URL_LIMIT} characters, without user name, query and fragment ` +
    `(the IPA is called at its path, followed by /gsma/rsp2/asn1 or /gsma/rsp2/esipa/transferEimPackage); got '${text.slice(0, SHOWN)}'`;
  throw new EuiccRefused('parameter', message);
}

/** What a message repeats of a wrong value. */
const SHOWN = 100;
/** The kind of the PEM, not what is in it: it may be a key. */
const CA_SHOWN = 30;
const CERTIFICATES = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g;

function checkedCa(text: string): string {
  const found = text.length <= IPA_CA_LIMIT ? (text.match(CERTIFICATES) ?? []) : [];
  try {
    const certificates = new Set(found.map((pem) => new X509Certificate(pem).toString()));
    if (found.length > 0 && certificates.size <= MOST_CERTIFICATES)
      return [...certificates].join('');
  } catch {
    // Below.
  }
  const isLong = text.length > IPA_CA_LIMIT;
  const isMany = found.length > MOST_CERTIFICATES;
  const got = isLong
    ? `${text.length} characters`
    : isMany
      ? `${found.length} certificates`
      : `'${text.slice(0, CA_SHOWN)}'`;
  const message = `Invalid parameter IpaCa: expected 1 to ${MOST_CERTIFICATES} certificates in PEM, of at most ${IPA_CA_LIMIT} characters; got ${got}`;
  throw new EuiccRefused('parameter', message);
}

/** SHA-256, as hex with colons. Certificates are not parsed: a list has those of a thousand eUICCs. */
export function fingerprintsOf({ ipa_ca: ca }: Pick<EuiccRow, 'ipa_ca'>): string[] | null {
  if (ca === null) return null;
  return Array.from(ca.matchAll(CERTIFICATES), ([, base64]) =>
    hash('sha256', Buffer.from(base64!, 'base64'), 'hex')
      .toUpperCase()
      .replace(/..(?!$)/g, '$&:'),
  );
}
