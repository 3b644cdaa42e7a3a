// The filter `Status` of a list: one status, or several that are repeated or separated by commas.
import { Type } from 'typebox';
import { anyOf } from './parameter-schemas.ts';

/** @param records of the list, in words */
export const statusFilter = <const T extends string>(statuses: readonly T[], records: string) =>
  Type.Optional(
    anyOf(
      statuses,
      `Only ${records} with this status. Ours: or with one of several, repeated or separated by commas.`,
    ),
  );

/**
 * @returns the statuses to look for, none when that is any; and the parameter as the URLs of the list
 * repeat it: each once, in the order of life
 */
export function parseStatusFilter<T extends string>(statuses: readonly T[], given?: readonly T[]) {
  const named = given && statuses.filter((status) => given.includes(status));
  const isAny = named?.length === statuses.length;
  return { statuses: isAny ? undefined : named, filters: { Status: named } };
}
