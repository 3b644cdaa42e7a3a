// The filter `Status` of a list: one status, or several, repeated or separated by commas.
import { Type } from 'typebox';
import { anyOf } from './parameter-schemas.ts';

/** @param records what the list contains, in words */
export const statusFilter = <const T extends string>(statuses: readonly T[], records: string) =>
  Type.Optional(
    anyOf(
      statuses,
      `Only ${records} with this status. Ours: or any of several, repeated or separated by commas.`,
    ),
  );

/**
 * @returns the statuses to look for, undefined for all; and the parameter as repeated in the list's URLs, each status
 * once, in the order of the life cycle
 */
export function parseStatusFilter<T extends string>(statuses: readonly T[], given?: readonly T[]) {
  const named = given && statuses.filter((status) => given.includes(status));
  const isAny = named?.length === statuses.length;
  return { statuses: isAny ? undefined : named, filters: { Status: named } };
}
