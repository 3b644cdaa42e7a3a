// What the owner calls an eSIM Profile: a friendly name, and metadata, which is values by keys of the owner's own.

import { ignoringCase } from '../values/ignoring-case.ts';

export const FRIENDLY_NAME_LIMIT = 128;
/** No control characters: it is one line, in a table as on a terminal. */
export const FRIENDLY_NAME_PATTERN = '^\\P{Cc}*$';

export const METADATA_KEYS_LIMIT = 50;
/** No brackets, and no beginning with a dot: the parameters `Metadata.KEY` and `Metadata[KEY]` have one meaning. */
export const METADATA_KEY_PATTERN = '^[A-Za-z0-9][A-Za-z0-9_.:/@-]{0,39}$';
export const METADATA_KEY_FORM =
  '1 to 40 letters of A to Z, digits and _ . : / @ -, a letter or digit first';
export const METADATA_VALUE_LIMIT = 500;
/** Of its JSON, in bytes of UTF-8: a callback by GET must fit into the 8 KB that web servers take. */
export const METADATA_BYTES_LIMIT = 2048;

export type Metadata = Readonly<Record<string, string>>;
/** Values to set, by key; null or empty: the key goes. Null as a whole: all go. */
export type MetadataChange = Readonly<Record<string, string | null>> | null;

const NAME = new RegExp(FRIENDLY_NAME_PATTERN, 'u');
const KEY = new RegExp(METADATA_KEY_PATTERN);

/** As it is kept: composed, without blanks around it. @returns null if nothing is left */
export function cleanFriendlyName(text: string | null): string | null {
  return text?.normalize('NFC').trim() || null;
}

/** @param name as it is kept */
export function problemOfFriendlyName(name: string): string | undefined {
  if (lengthOf(name) > FRIENDLY_NAME_LIMIT) {
    return `expected at most ${FRIENDLY_NAME_LIMIT} characters; got ${lengthOf(name)}`;
  }
  return NAME.test(name) ? undefined : 'expected no control characters';
}

/** Metadata as a row holds it, in the order of the keys. */
export function parseMetadata(kept: string | null): Metadata {
  return kept === null ? {} : (JSON.parse(kept) as Metadata);
}

/** @returns null if there is none */
export function keptMetadata(metadata: Metadata): string | null {
  return Object.keys(metadata).length === 0 ? null : JSON.stringify(metadata);
}

/** What a change makes of metadata. */
export function changeMetadata(metadata: Metadata, change: MetadataChange): Metadata {
  const changed = new Map<string, string | null>(change === null ? [] : Object.entries(metadata));
  for (const [key, value] of Object.entries(change ?? {})) changed.set(key, value);
  const left = [...changed].filter((pair): pair is [string, string] => Boolean(pair[1]));
  return Object.fromEntries(left.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** The conditions that find what is asked for; absent or empty: any. */
export function ownerFilter({
  friendlyName,
  friendlyNamePrefix,
  metadata = {},
}: {
  friendlyName?: string | undefined;
  friendlyNamePrefix?: string | undefined;
  metadata?: Metadata | undefined;
}) {
  const name = cleanFriendlyName(friendlyName ?? null) ?? undefined;
  const prefix = friendlyNamePrefix?.trimStart() || undefined;
  return {
    columns: { friendly_name: name, friendly_name_folded: name && ignoringCase(name) },
    conditions: {
      namePrefix: prefix && ignoringCase(prefix),
      metadata: changeMetadata({}, metadata),
    },
  };
}

/** The keys whose values differ. */
export function differingKeys(one: Metadata, other: Metadata): string[] {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].filter((key) => valueAt(one, key) !== valueAt(other, key)).toSorted();
}

const valueAt = (metadata: Metadata, key: string): string | undefined =>
  Object.hasOwn(metadata, key) ? metadata[key] : undefined;

export function problemOfMetadata(metadata: Metadata): string | undefined {
  const pairs = Object.entries(metadata);
  if (pairs.length > METADATA_KEYS_LIMIT) {
    return `expected at most ${METADATA_KEYS_LIMIT} keys; got ${pairs.length}`;
  }
  for (const [key, value] of pairs) {
    const problem = problemOfPair(key, value);
    if (problem !== undefined) return problem;
  }
  const size = new TextEncoder().encode(JSON.stringify(metadata)).length;
  if (size <= METADATA_BYTES_LIMIT) return undefined;
  return `expected at most ${METADATA_BYTES_LIMIT} bytes of JSON with all keys and values; got ${size}`;
}

function problemOfPair(key: string, value: string): string | undefined {
  if (!KEY.test(key)) return `expected keys of ${METADATA_KEY_FORM}; got '${key.slice(0, 60)}'`;
  if (lengthOf(value) > METADATA_VALUE_LIMIT) {
    return `expected values of at most ${METADATA_VALUE_LIMIT} characters; that of ${key} has ${lengthOf(value)}`;
  }
  return value.includes('\0') ? `the value of ${key} contains a NUL character` : undefined;
}

/** In code points, as JSON Schema counts. */
const lengthOf = (text: string) => Array.from(text).length;
