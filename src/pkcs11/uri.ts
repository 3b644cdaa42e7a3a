// PKCS #11 URIs (RFC 7512), which name a token and its module, or a key in a token.

/** How a token is recognised: whatever is given must be the same. */
export interface TokenName {
  token?: string;
  serial?: string;
  manufacturer?: string;
  model?: string;
}

/** How a key is recognised in its token. */
export interface KeyName {
  /** CKA_LABEL */
  object?: string;
  /** CKA_ID, lower-case hex. */
  idHex?: string;
}

export interface Pkcs11Uri {
  token: TokenName;
  key: KeyName;
  modulePath: string | undefined;
  /** All attributes that are given. */
  attributes: ReadonlySet<string>;
}

/** Not a PKCS #11 URI, or one that cannot be used here. */
export class Pkcs11UriError extends Error {
  override name = 'Pkcs11UriError';
}

const TOKEN = ['token', 'serial', 'manufacturer', 'model'] as const;
const KEY = ['object', 'id', 'type'];
const SLOT = ['slot-id', 'slot-description', 'slot-manufacturer'];
const LIBRARY = ['library-description', 'library-manufacturer', 'library-version'];
const PATH = [...TOKEN, ...KEY, ...SLOT, ...LIBRARY];
const QUERY = ['module-path', 'module-name', 'pin-source', 'pin-value'];

/** Throws `Pkcs11UriError`, whose message does not repeat values: one may be a PIN. */
export function parsePkcs11Uri(text: string): Pkcs11Uri {
  const [, path = '', query = ''] = /^pkcs11:([^?]*)(?:\?(.*))?$/s.exec(text) ?? [];
  if (!text.startsWith('pkcs11:')) throw new Pkcs11UriError('must begin with pkcs11:');
  const values = new Map<string, Buffer>();
  for (const [list, separator, known] of [
    [path, ';', PATH],
    [query, '&', QUERY],
  ] as const) {
    for (const item of list === '' ? [] : list.split(separator)) {
      const [name = ''] = item.split('=', 1);
      if (name === item) throw new Pkcs11UriError(`has '${name}' without a value`);
      if (!known.includes(name)) {
        const hint = PATH.includes(name)
          ? '; it belongs before the ?'
          : QUERY.includes(name)
            ? '; it belongs after a ?'
            : '';
        throw new Pkcs11UriError(`has '${name}', expected ${known.join(', ')}${hint}`);
      }
      if (values.has(name)) throw new Pkcs11UriError(`has '${name}' twice`);
      values.set(name, percentDecoded(item.slice(name.length + 1), name));
    }
  }
  const textOf = (name: string) => values.get(name)?.toString('utf8');
  const token: TokenName = {};
  for (const name of TOKEN) {
    const value = textOf(name);
    if (value !== undefined) token[name] = value;
  }
  const [object, id] = [textOf('object'), values.get('id')];
  return {
    token,
    key: {
      ...(object !== undefined && { object }),
      ...(id !== undefined && { idHex: id.toString('hex') }),
    },
    modulePath: textOf('module-path'),
    attributes: new Set(values.keys()),
  };
}

function percentDecoded(value: string, name: string): Buffer {
  if (/%(?![0-9a-fA-F]{2})/.test(value)) {
    throw new Pkcs11UriError(`has a % in '${name}' that is not followed by two hexadecimal digits`);
  }
  const parts = value.split(/(%[0-9a-fA-F]{2})/);
  return Buffer.concat(
    parts.map((part) =>
      part.startsWith('%') ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part),
    ),
  );
}

/** The URI of a token and its module. */
export function formatTokenUri(token: TokenName, module: string): string {
  return `pkcs11:${tokenParts(token).join(';')}?module-path=${escaped(module).replaceAll('%2F', '/')}`;
}

function tokenParts(token: TokenName): string[] {
  return TOKEN.flatMap((name) => (token[name] ? `${name}=${escaped(token[name])}` : []));
}

/** The URI of a private key, by all that identifies it. */
export function formatKeyUri(token: TokenName, { object, idHex }: KeyName): string {
  const parts = tokenParts(token);
  if (object) parts.push(`object=${escaped(object)}`);
  if (idHex) parts.push(`id=${idHex.replace(/../g, '%$&')}`);
  return `pkcs11:${[...parts, 'type=private'].join(';')}`;
}

/** RFC 7512 §2.3: what a path may have besides unreserved characters is escaped, too. */
function escaped(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
}

/** In words, for messages. */
export function describeToken(name: TokenName): string {
  return TOKEN.flatMap((part) => (name[part] === undefined ? [] : `${part} '${name[part]}'`)).join(
    ', ',
  );
}

/** Whether this is a key of this token. */
export function isNamed(
  { token, key }: Pick<Pkcs11Uri, 'token' | 'key'>,
  of: { token: TokenName; label: string; idHex: string },
): boolean {
  return (
    TOKEN.every((part) => token[part] === undefined || token[part] === of.token[part]) &&
    (key.object === undefined || key.object === of.label) &&
    (key.idHex === undefined || key.idHex === of.idHex)
  );
}
