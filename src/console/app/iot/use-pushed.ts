import { api } from '../api.ts';
import type { EsimProfile } from '../types.ts';
import { useAccount } from '../use-account.ts';
import { useLoad } from '../use-load.ts';
import { useEuiccChanges } from './euicc-events.ts';
import { EUICCS, operationsPath } from './paths.ts';
import type { Euicc, EuiccOperation } from './types.ts';

/** The eUICC of our eIM for which an order is, and what was done there for it. */
export interface Pushed {
  euicc: Euicc;
  /** Newest first. */
  operations: readonly EuiccOperation[];
}

/** @returns undefined if the order is for no eUICC that the eIM manages */
export function usePushed(profile: EsimProfile | undefined): Pushed | undefined {
  const { value: account } = useAccount();
  const eid = profile?.eid?.toUpperCase();
  const isAsked = account?.eim_id !== null && eid !== undefined && account !== undefined;
  const { value, reload } = useLoad(
    isAsked ? `pushed ${profile!.sid} ${eid}` : undefined,
    async (signal): Promise<Pushed | null> => {
      // As a list, which may be empty: an EID that is not registered is no error.
      const { euiccs } = await api.get<{ euiccs: Euicc[] }>(EUICCS, { Eid: eid }, signal);
      const [euicc] = euiccs;
      if (euicc === undefined) return null;
      const filter = { ESimProfileSid: profile!.sid };
      const path = operationsPath(euicc.sid);
      const { operations } = await api.get<{ operations: EuiccOperation[] }>(path, filter, signal);
      return { euicc, operations };
    },
  );
  useEuiccChanges(({ event }) => event.eid === eid, reload);
  return value ?? undefined;
}
