// Options shared by several commands, and parsers for their values.
import { styleText } from 'node:util';
import { InvalidArgumentError, Option } from 'commander';
import { NAME_LIMIT } from '../operator/account/account.ts';
import { parseDate } from '../values/date.ts';
import { ESIM_PROFILE_STATUSES } from '../operator/esim-profile.ts';
import { PROFILE_TYPE_LIMIT } from '../values/profile-type.ts';
import { EID_PATTERN } from '../values/eid.ts';
import { parseIccid } from '../rsp/iccid.ts';
import { isSid, SID_PREFIXES } from '../values/sid.ts';
import type { EsimProfileStatus } from '../store/schema.ts';

export interface AccountOption {
  account?: string;
}

export interface JsonOption {
  json?: true;
}

export const accountOption = () =>
  new Option('--account <AC…>', 'the account; optional if there is only one').argParser(
    parseSid('account'),
  );

export const jsonOption = () => new Option('--json', 'print JSON, for scripts');

export const limitOption = () =>
  new Option('--limit <N>', 'print at most N').argParser(parseCount(1_000_000)).default(50);

/** @param statuses that may be filtered by */
export const profileStatusOption = (
  statuses: readonly EsimProfileStatus[] = ESIM_PROFILE_STATUSES,
) =>
  new Option('--status <status>', 'only those with this status; repeat it for several')
    .choices(statuses)
    .argParser(parseSeveral(statuses));

export const searchOption = () =>
  new Option(
    '--search <text>',
    'only those whose SID, ICCID, EID, matching ID or friendly name begins with this, or whose ICCID or EID ends with it; ' +
      'or the one of an activation code',
  );

export const batchOption = () =>
  new Option('--batch <BT…>', 'only those that were ordered in this batch').argParser(
    parseSid('batch'),
  );

export const createdAfterOption = () =>
  new Option(
    '--created-after <date>',
    'only those created at this time or later, e.g. 2026-11-23 or 2026-11-23T12:00:00Z',
  ).argParser(parseDateOption);

export const createdBeforeOption = () =>
  new Option('--created-before <date>', 'only those created before this time').argParser(
    parseDateOption,
  );

export const expiresAtOption = () =>
  new Option(
    '--expires-at <date>',
    'when the order ends if nobody has downloaded the profile by then, e.g. 2026-12-31T18:00:00Z',
  ).argParser(parseDateOption);

/** @param known the names that a file may have */
export const columnsOption = (known: readonly string[]) =>
  new Option('--columns <names>', 'only these columns, separated by commas').argParser((text) => {
    const given = text.split(',').map((name) => name.trim());
    const unknown = given.find((name) => !known.includes(name));
    if (unknown === undefined) return [...new Set(given)];
    throw new InvalidArgumentError(`Expected names among ${known.join(', ')}; got '${unknown}'.`);
  });

/** Collects the values of a repeatable option, without duplicates. */
export function parseSeveral<T extends string>(known: readonly T[]) {
  return (text: string, given: T[] | undefined): T[] | undefined => {
    const value = known.find((one) => one === text);
    if (value !== undefined) return [...new Set([...(given ?? []), value])];
    throw new InvalidArgumentError(`Allowed choices are ${known.join(', ')}.`);
  };
}

/** Parses the SID of a resource of this kind. */
export function parseSid(kind: keyof typeof SID_PREFIXES): (text: string) => string {
  return (text) => {
    if (isSid(kind, text)) return text;
    throw new InvalidArgumentError(
      `Expected ${SID_PREFIXES[kind]} and 32 hexadecimal digits; got '${text}'.`,
    );
  };
}

/** Parses a repeatable argument. @param before earlier ones */
export function parseSids(text: string, before: string[] = []): string[] {
  return [...before, parseSid('esimProfile')(text)];
}

/** Parses an ICCID as printed on cards, reported by modems or typed by people. */
export function parseIccidOption(text: string): string {
  const iccid = parseIccid(text);
  if (iccid !== undefined) return iccid;
  throw new InvalidArgumentError(
    `Expected an ICCID, 18 to 20 digits beginning with 89, with or without its filler F; got '${text}'.`,
  );
}

export function parseCount(most: number, least = 1): (text: string) => number {
  return (text) => {
    const count = /^(0|[1-9]\d*)$/.test(text) ? Number(text) : -1;
    if (count >= least && count <= most) return count;
    throw new InvalidArgumentError(
      `Expected a whole number from ${least} to ${most}; got '${text}'.`,
    );
  };
}

/** Parses a number of hours, which may be 0. */
export function parseHours(most: number): (text: string) => number {
  return (text) => {
    if (/^\d+$/.test(text) && Number(text) <= most) return Number(text);
    throw new InvalidArgumentError(`Expected a whole number from 0 to ${most}; got '${text}'.`);
  };
}

export function parseDateOption(text: string): Date {
  const date = parseDate(text);
  if (date !== undefined) return date;
  throw new InvalidArgumentError(
    `Expected a date such as 2026-11-23 or a date-time such as 2026-11-23T12:00:00Z; got '${text}'.`,
  );
}

export function parseEid(text: string): string {
  if (new RegExp(EID_PATTERN).test(text)) return text;
  throw new InvalidArgumentError(`Expected 32 hexadecimal digits; got '${text}'.`);
}

/** Parses a name for people. */
export const parseName = (text: string) => parseText(text, NAME_LIMIT);

export const parseProfileType = (text: string) => parseText(text, PROFILE_TYPE_LIMIT);

function parseText(text: string, limit: number): string {
  if (/^\P{Cc}+$/u.test(text) && text.length <= limit) return text;
  throw new InvalidArgumentError(`Expected 1 to ${limit} characters.`);
}

/** The title of a section of the help. Without colour support, commander strips the colours. */
export const helpTitle = (text: string) => styleText('bold', text, { validateStream: false });

/** The examples at the end of a command's help. */
export function examples(...lines: [command: string, meaning?: string][]): string {
  const shown = lines.map(([command, meaning]) =>
    meaning === undefined ? `  $ ${command}` : `  # ${meaning}\n  $ ${command}`,
  );
  return `\n${helpTitle(lines.length === 1 ? 'Example:' : 'Examples:')}\n${shown.join('\n')}`;
}
