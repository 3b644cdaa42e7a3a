// Callback URLs. User name and password in a URL are secrets: they are stored sealed, within the URL, so copies from
// row to row are never in clear; and they are never shown.
import type { MasterKey } from '../process/keys.ts';
import { HIDDEN, NO_CALLBACKS, split } from '../outgoing/shown-url.ts';
import type { AccountRow, EsimProfileRow, HttpMethod } from '../store/schema.ts';

export { NO_CALLBACKS, shownCallbackUrl } from '../outgoing/shown-url.ts';

export const CALLBACK_URL_LIMIT = 2048;

/** The user name of a URL whose password is the sealed `USER:PASSWORD`, base64url. */
const SEALED = 'sealed';

/** Whether a callback can be sent there: an absolute http or https URL, in ASCII because it is signed. */
export function isCallbackUrl(text: string): boolean {
  return /^https?:\/\/[\x21-\x7e]+$/i.test(text) && URL.canParse(text);
}

/** Whether it can be given for an order or a Sim. */
export const isCallbackChoice = (text: string) => text === NO_CALLBACKS || isCallbackUrl(text);

/** @returns what is wrong with a given URL, without its user name and password */
export function problemOfCallbackUrl(text: string): string | undefined {
  if (isCallbackUrl(text) && text.length <= CALLBACK_URL_LIMIT) return undefined;
  return (
    `expected an http or https URL of at most ${CALLBACK_URL_LIMIT} characters; ` +
    `got '${hideCredentials(text)}'`
  );
}

/** As `problemOfCallbackUrl`, of what is given for an order or a Sim. */
export function problemOfCallbackChoice(text: string): string | undefined {
  if (text === NO_CALLBACKS) return undefined;
  return problemOfCallbackUrl(text)?.replace('characters;', `characters, or ${NO_CALLBACKS};`);
}

export interface CallbackTarget {
  /** Without user name and password. */
  url: URL;
  /** Value of the header, if the URL has a user name or password (RFC 7617). */
  authorization: string | undefined;
}

/** The URL for storing. Without user name and password it is unchanged. */
export function sealCallbackUrl(text: string, accountSid: string, masterKey: MasterKey): string {
  const { url, credentials } = split(text);
  if (credentials === undefined) return text;
  const { username, password } = credentials;
  const sealed = masterKey.seal(`${username}:${password}`, placeOf(url, accountSid));
  url.username = SEALED;
  url.password = inUrl(sealed);
  return url.href;
}

/** A stored URL, sealed with the current key; undefined: it is, or nothing is sealed in it. Throws `SealError`. */
export function resealCallbackUrl(
  stored: string,
  accountSid: string,
  masterKey: MasterKey,
): string | undefined {
  const { url, credentials } = split(stored);
  if (credentials?.username !== SEALED || masterKey.isCurrent(credentials.password)) {
    return undefined;
  }
  const place = placeOf(url, accountSid);
  url.username = SEALED;
  url.password = inUrl(masterKey.seal(masterKey.open(credentials.password, place), place));
  return url.href;
}

/** What is sealed in a stored URL, if anything is. */
export function sealedIn(stored: string): string | undefined {
  const { credentials } = split(stored);
  return credentials?.username === SEALED ? credentials.password : undefined;
}

/** base64url, behind the mark of its key. */
const inUrl = (sealed: string) =>
  sealed.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

/** Where a test goes: to a given URL, which was validated, or to that of the account, which may have none. */
export function testTarget(
  account: AccountRow,
  given: { url?: string | undefined; method?: HttpMethod | undefined },
  masterKey: MasterKey,
): { url: string; method: HttpMethod } | undefined {
  const { url } = given;
  const stored =
    url === undefined ? account.callback_url : sealCallbackUrl(url, account.sid, masterKey);
  if (stored === null) return undefined;
  const method = given.method ?? (url === undefined ? account.callback_method : 'POST');
  return { url: stored, method };
}

/** The columns of what is given for an order or a Sim. @param given a URL or `NO_CALLBACKS`; absent: as the account has it */
export function callbackColumns(
  given: string | null | undefined,
  accountSid: string,
  masterKey: MasterKey,
): Pick<EsimProfileRow, 'callback_url' | 'callback_off'> {
  if (given === NO_CALLBACKS) return { callback_url: null, callback_off: 1 };
  const callback_url = given == null ? null : sealCallbackUrl(given, accountSid, masterKey);
  return { callback_url, callback_off: 0 };
}

/** Whether a stored URL has user name and password in clear, as written by older versions. */
export function isInClear(stored: string): boolean {
  const { credentials } = split(stored);
  return credentials !== undefined && credentials.username !== SEALED;
}

/** The target and credentials of a stored URL. Throws `SealError`. */
export function openCallbackUrl(
  stored: string,
  accountSid: string,
  masterKey: MasterKey,
): CallbackTarget {
  const { url, credentials } = split(stored);
  if (credentials === undefined) return { url, authorization: undefined };
  let { username, password } = credentials;
  // An older node of the cluster may still write unsealed ones.
  if (username === SEALED) {
    const opened = masterKey.open(password, placeOf(url, accountSid));
    // Colons within user name and password are percent-encoded.
    [username, password] = opened.split(':') as [string, string];
  }
  const basic = Buffer.concat([percentDecode(username), COLON, percentDecode(password)]);
  return { url, authorization: `Basic ${basic.toString('base64')}` };
}

/** Hides anything in an invalid URL that may be user name and password: everything before the last `@` but the scheme. */
export function hideCredentials(text: string): string {
  return text.replace(
    /^(\s*[a-z][a-z0-9+.-]*:\/\/|\/\/)?.*(@|%40)/is,
    (_, scheme: string | undefined) => `${scheme ?? ''}${HIDDEN}`,
  );
}

/** Hiding shorter passwords would hide unrelated text that happens to match. */
const SHORT_PASSWORD = 4;

/** Masks credentials in a receiver's response, which may echo them. */
export function hideAuthorization(text: string, authorization: string): string {
  const token = authorization.slice(authorization.indexOf(' ') + 1);
  const credentials = Buffer.from(token, 'base64').toString();
  const password = credentials.slice(credentials.indexOf(':') + 1);
  const hidden = text.replaceAll(token, '***');
  if (password.length < SHORT_PASSWORD) return hidden;
  return hidden.replaceAll(password, '***').replaceAll(encodeURIComponent(password), '***');
}

/** Sealed for this URL of this account, so it opens only in rows with both. */
const placeOf = (url: URL, accountSid: string) => `callback_url ${accountSid} ${url.href}`;

const COLON = Buffer.from(':');

/** The bytes of a part of a URL, whose text is ASCII. Invalid escapes are kept as they are. */
function percentDecode(text: string): Buffer {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1');
}
