import type { Flavor } from '../flavor.ts';

/** What the eIM keeps of a session with an SM-DP+, to rebuild what an IPA leaves out. See decision 79. */
export function rspSession({ text }: Flavor): string[] {
  return [`alter table eim_packages add column rsp_session ${text}`];
}
