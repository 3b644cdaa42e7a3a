// How the install pages of an account look. Everything is checked when it is set, because strangers will see it.
import { hash } from 'node:crypto';
import { difference } from '../../audit/entry.ts';
import type { Fields } from '../../audit/entry.ts';
import type { BrandRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { checkLogo, LOGO_LIMIT } from './logo.ts';

export const BRAND_TEXT_LIMIT = 80;
export const SUPPORT_URL_LIMIT = 300;

/** Null removes a value; what is not given stays. */
export interface BrandChange {
  name?: string | null | undefined;
  accentColor?: string | null | undefined;
  supportText?: string | null | undefined;
  supportUrl?: string | null | undefined;
  logo?: Buffer | null | undefined;
}

/** A part of a brand that is not allowed. */
export class BrandRefused extends Error {
  override name = 'BrandRefused';
  readonly what: keyof BrandChange;

  /** @param message what was expected and what was given */
  constructor(what: keyof BrandChange, message: string) {
    super(message);
    this.what = what;
  }
}

/** Throws `BrandRefused`. */
export async function changeBrand(
  accountSid: string,
  change: BrandChange,
  { tables, now, audit }: Unit,
): Promise<BrandRow> {
  const columns = columnsOf(change);
  const before = await tables.brands.find(accountSid);
  const row = await tables.brands.set(accountSid, columns, now.toISOString());
  const changed = difference(before === undefined ? {} : audited(before), audited(row));
  await audit(accountSid, { subject: accountSid, ...changed });
  return row;
}

const audited = ({ logo, ...row }: BrandRow): Fields => ({
  name: row.name,
  accent_color: row.accent_color,
  support_text: row.support_text,
  support_url: row.support_url,
  logo: logo === null ? null : `SHA-256 ${hash('sha256', logo, 'hex')}`,
});

/** The columns to set, checked. Throws `BrandRefused`. */
export function columnsOf(change: BrandChange): Partial<BrandRow> {
  const { name, accentColor, supportText, supportUrl, logo } = change;
  const columns: Partial<BrandRow> = {};
  if (name !== undefined) columns.name = name && shortText('name', name);
  if (accentColor !== undefined) columns.accent_color = accentColor && colorOf(accentColor);
  if (supportText !== undefined) {
    columns.support_text = supportText && shortText('supportText', supportText);
  }
  if (supportUrl !== undefined) columns.support_url = supportUrl && supportLink(supportUrl);
  if (logo === null) Object.assign(columns, { logo: null, logo_type: null });
  else if (logo !== undefined) Object.assign(columns, logoColumns(logo));
  return columns;
}

/** Control characters, those that change the writing direction of what follows, and half a surrogate pair. */
const STEERING = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

function shortText(what: 'name' | 'supportText', text: string): string {
  const trimmed = text.trim();
  if (trimmed !== '' && trimmed.length <= BRAND_TEXT_LIMIT && !STEERING.test(trimmed)) {
    return trimmed;
  }
  throw new BrandRefused(what, `expected 1 to ${BRAND_TEXT_LIMIT} printable characters`);
}

const COLOR = /^#?([0-9a-f]{6})$/i;

function colorOf(text: string): string {
  const [, digits] = COLOR.exec(text) ?? [];
  if (digits !== undefined) return `#${digits.toLowerCase()}`;
  throw new BrandRefused('accentColor', `expected a colour such as #3450c8; got '${shown(text)}'`);
}

const MAIL = /^mailto:[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i;
const PHONE = /^tel:\+?[0-9][0-9().-]{2,30}$/i;
/** After the scheme, only what a URL consists of (RFC 3986 §2); quotes and brackets that HTML could mistake are not. */
const WEB = /^https:\/\/[a-z0-9[\]:.-]+(?:[/?#][a-z0-9._~:/?#@!$&()*+,;=%-]*)?$/i;

function supportLink(text: string): string {
  const isLink = MAIL.test(text) || PHONE.test(text) || (WEB.test(text) && URL.canParse(text));
  if (isLink && text.length <= SUPPORT_URL_LIMIT) return text;
  throw new BrandRefused(
    'supportUrl',
    `expected https://…, mailto:… or tel:…, at most ${SUPPORT_URL_LIMIT} characters; got '${shown(text)}'`,
  );
}

function logoColumns(bytes: Buffer): Pick<BrandRow, 'logo' | 'logo_type'> {
  const checked = checkLogo(bytes);
  if (typeof checked === 'string') throw new BrandRefused('logo', checked);
  return { logo: checked.bytes, logo_type: checked.type };
}

const BASE64 = /^[a-z0-9+/]+={0,2}$/i;
/** Base64 has four characters for three bytes. */
const MOST_BASE64 = Math.ceil((LOGO_LIMIT + 1) / 3) * 4;

/** A logo as base64, also as a `data:` URL, as it is shown. Throws `BrandRefused`. */
export function logoOf(text: string): Buffer {
  const base64 = text.replace(/^data:image\/(?:png|jpeg);base64,/, '').replaceAll(/\s/g, '');
  if (BASE64.test(base64) && base64.length % 4 === 0) {
    return Buffer.from(base64.slice(0, MOST_BASE64), 'base64');
  }
  throw new BrandRefused('logo', 'expected a PNG or JPEG image in base64');
}

const SHOWN_LENGTH = 60;
const shown = (text: string) =>
  text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;

/** Undefined without a logo. */
export function logoUrl({ logo, logo_type: type }: Pick<BrandRow, 'logo' | 'logo_type'>) {
  if (logo === null || type === null) return undefined;
  return `data:${type};base64,${Buffer.from(logo).toString('base64')}`;
}
