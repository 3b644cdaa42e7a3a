import { api } from '../api.ts';
import { useLoad } from '../use-load.ts';
import type { Loaded } from '../use-load.ts';
import { GROUPS } from './paths.ts';
import type { EuiccGroup } from './types.ts';

/** Few accounts have more groups than fit on one page. */
const SIZE = '1000';

/** The groups of the account, by name. @param counts whether with how many eUICCs each has */
export const useGroups = (counts = false): Loaded<readonly EuiccGroup[]> =>
  useLoad<readonly EuiccGroup[]>(`${GROUPS} ${counts}`, async (signal) => {
    type Answer = { groups: readonly EuiccGroup[] };
    const asked = { PageSize: SIZE, Counts: counts ? 'true' : undefined };
    const { groups } = await api.get<Answer>(GROUPS, asked, signal);
    return groups.toSorted((one, other) => one.name.localeCompare(other.name));
  });

export const groupName = (groups: readonly EuiccGroup[] | undefined, sid: string | null) =>
  sid === null ? undefined : groups?.find((group) => group.sid === sid)?.name;
