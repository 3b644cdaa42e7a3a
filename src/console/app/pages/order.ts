// The order form's data: validation, and conversion to API parameters.
import { checkEid, EID_PATTERN } from '../../../values/eid.ts';
import type { Parameters } from '../api.ts';
import { problemOfExpiry, toUtc } from '../local-time.ts';
import { asJson, problemOfLines } from '../metadata.ts';
import type { MetadataLine } from '../metadata.ts';

export interface Order {
  for: 'anyone' | 'device';
  Eid: string;
  /** With an EID: whether to generate an activation code as well. */
  alsoMatchingId: boolean;
  /** Instead of a generated one. */
  MatchingId: string;
  ProfileType: string;
  /** Instead of a type: one subscription. */
  Iccid: string;
  FriendlyName: string;
  Metadata: readonly MetadataLine[];
  ConfirmationCode: string;
  /** In local time, as its field has it; empty: never. */
  ExpiresAt: string;
  CallbackUrl: string;
  CallbackMethod: 'POST' | 'GET';
  /** Whether it has none, not even those of the account. */
  noCallbacks: boolean;
}

/** The fields that users type, and that are validated. */
export const ORDER_FIELDS = [
  'Eid',
  'MatchingId',
  'ProfileType',
  'Iccid',
  'FriendlyName',
  'Metadata',
  'ConfirmationCode',
  'ExpiresAt',
  'CallbackUrl',
] as const;
export type OrderField = (typeof ORDER_FIELDS)[number];
/** Those of one line. */
export type TextField = Exclude<OrderField, 'Metadata'>;

export const EMPTY_ORDER: Order = {
  for: 'anyone',
  Eid: '',
  alsoMatchingId: false,
  MatchingId: '',
  ProfileType: '',
  Iccid: '',
  FriendlyName: '',
  Metadata: [],
  ConfirmationCode: '',
  ExpiresAt: '',
  CallbackUrl: '',
  CallbackMethod: 'POST',
  noCallbacks: false,
};

const EID = new RegExp(EID_PATTERN);

/** @param text without space */
export const isIccid = (text: string) => /^89[0-9a-f]{16,18}$/i.test(text);

/** Error messages for the user, by field. */
export function checkOrder(order: Order): Partial<Record<OrderField, string>> {
  const problems: Partial<Record<OrderField, string>> = {};
  const eid = order.for === 'device' ? problemOfEid(order.Eid) : undefined;
  if (eid !== undefined) problems.Eid = eid;
  const iccid = withoutSpace(order.Iccid);
  if (iccid !== '' && !isIccid(iccid)) {
    problems.Iccid = 'An ICCID has 18 to 20 digits, and begins with 89.';
  } else if (iccid !== '' && order.ProfileType !== '') {
    problems.Iccid = 'Choose a profile type or an ICCID, not both.';
  }
  const metadata = problemOfLines(order.Metadata);
  if (metadata !== undefined) problems.Metadata = metadata;
  const code = problemOfConfirmationCode(order.ConfirmationCode);
  if (code !== undefined) problems.ConfirmationCode = code;
  const expiry = problemOfExpiry(order.ExpiresAt);
  if (expiry !== undefined) problems.ExpiresAt = expiry;
  const url = order.noCallbacks ? undefined : problemOfCallbackUrl(order.CallbackUrl.trim());
  if (url !== undefined) problems.CallbackUrl = url;
  return problems;
}

export function problemOfConfirmationCode(code: string): string | undefined {
  if (code === '' || /^[\x21-\x7e]{4,64}$/.test(code)) return undefined;
  return 'Use 4 to 64 letters, digits or symbols, without spaces.';
}

export function problemOfEid(text: string): string | undefined {
  const eid = withoutSpace(text);
  if (eid === '') return 'Enter the EID.';
  if (EID.test(eid)) return undefined;
  const odd = /[^0-9a-f]/i.exec(eid)?.[0];
  if (odd !== undefined) return `An EID has only hexadecimal digits; ‘${odd}’ isn’t one.`;
  return `An EID has 32 digits; this one has ${eid.length}.`;
}

/** Only a warning: a server for lab cards accepts any digits. */
export function doubtOfEid(text: string): string | undefined {
  const eid = withoutSpace(text);
  const wrong = EID.test(eid) ? checkEid(eid) : undefined;
  return wrong && `A digit seems to be wrong: ${wrong.replace(/; got .*$/, '')}.`;
}

/** @param text without space around it; empty: none */
export function problemOfCallbackUrl(text: string): string | undefined {
  if (text === '') return undefined;
  if (/^https?:\/\/[\x21-\x7e]+$/i.test(text) && URL.canParse(text)) return undefined;
  return 'Enter a full URL, such as https://example.com/status';
}

export const withoutSpace = (text: string) => text.replaceAll(/\s/g, '');

export const hasMatchingId = (order: Order) => order.for === 'anyone' || order.alsoMatchingId;

export function toParameters(order: Order): Parameters {
  const byDevice = order.for === 'device';
  const url = order.noCallbacks ? '' : order.CallbackUrl.trim();
  const hasCode = hasMatchingId(order);
  return {
    Eid: byDevice ? withoutSpace(order.Eid) : undefined,
    GenerateMatchingId: hasCode ? 'true' : undefined,
    MatchingId: (hasCode && order.MatchingId.trim()) || undefined,
    ProfileType: order.ProfileType.trim() || undefined,
    Iccid: withoutSpace(order.Iccid) || undefined,
    FriendlyName: order.FriendlyName.trim() || undefined,
    Metadata: asJson(order.Metadata),
    ConfirmationCode: order.ConfirmationCode || undefined,
    ExpiresAt: toUtc(order.ExpiresAt) || undefined,
    CallbackUrl: url || (order.noCallbacks ? 'none' : undefined),
    CallbackMethod: url === '' ? undefined : order.CallbackMethod,
  };
}

export function asCurl(order: Order, origin: string): string {
  const fields = Object.entries(toParameters(order)).flatMap(([name, value]) =>
    typeof value === 'string' ? [` \\\n  --data-urlencode ${quoted(`${name}=${value}`)}`] : [],
  );
  const start = `curl -u $ACCOUNT_SID:$AUTH_TOKEN \\\n  ${origin}/v1/ESimProfiles`;
  return `${start}${fields.join('')}`;
}

/** As one word of a shell. */
export function quoted(text: string): string {
  return /^[\w=.:/@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
