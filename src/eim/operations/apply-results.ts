// What the signed results of commands say: how the operation ended, and what is on the eUICC now.
import type { CommandResult, CommandResults } from '../command-results.ts';
import type { ReportedProfile } from '../euicc-record.ts';
import { profilesOf } from '../euicc-record.ts';
import { decodeIccid } from '../../rsp/identifiers.ts';
import type { ProfileInfo } from '../../rsp/definitions/local-functions.ts';
import type { EimOperationRow, EuiccRow } from '../../store/schema.ts';
import type { Ending } from './operation.ts';
import { parametersOf } from './operation.ts';

export interface Applied {
  ending: Ending;
  /** Of the eUICC. */
  changed: Partial<Pick<EuiccRow, 'profiles' | 'date_profiles' | 'eim_key' | 'state'>>;
}

export function applyResults(
  operation: EimOperationRow,
  euicc: EuiccRow,
  { results, terminated, rollback }: CommandResults,
  { now, eimId }: { now: Date; eimId: string },
): Applied {
  let profiles = profilesOf(euicc);
  let changed: Applied['changed'] = {};
  for (const result of results.filter(({ isOk }) => isOk)) {
    profiles = profilesAfter(result, operation, profiles);
    const { key, eim_id: deleted } = parametersOf(operation);
    // It obeys us no longer.
    if (result.name === 'deleteEim' && deleted === eimId) changed = { state: 'left' };
    if (result.name === 'updateEim' && key !== undefined) changed = { eim_key: key };
  }
  const date = now.toISOString();
  if (profiles !== null) {
    changed = { ...changed, profiles: JSON.stringify(profiles), date_profiles: date };
  }
  const failed = results.find(({ isOk }) => !isOk);
  if (rollback !== undefined) {
    // The device is back in the profile before: what is enabled is asked anew.
    const errorMessage = `The profile had no connectivity, and the device went back to the one before (${rollback})`;
    return { ending: { status: 'failed', errorCode: 'rollback', errorMessage }, changed };
  }
  if (failed !== undefined) {
    const errorMessage = `The eUICC answered ${failed.name} with ${failed.code}`;
    return { ending: { status: 'failed', errorCode: failed.code, errorMessage }, changed };
  }
  if (terminated !== undefined) {
    const errorMessage = `The eUICC did not execute the command: ${terminated}`;
    return { ending: { status: 'failed', errorCode: terminated, errorMessage }, changed };
  }
  return { ending: { status: 'completed', result: reported(results) }, changed };
}

/** What a command has returned besides its code. */
function reported(results: readonly CommandResult[]): object | undefined {
  for (const { data } of results) {
    if (data.listProfileInfoResult?.profileInfoListOk !== undefined) {
      return { profiles: data.listProfileInfoResult.profileInfoListOk.flatMap(toReported) };
    }
    if (data.addEimResult?.associationToken !== undefined) {
      return { association_token: data.addEimResult.associationToken };
    }
    if (data.listEimResult?.eimIdList !== undefined) {
      return { eim_ids: data.listEimResult.eimIdList.map(({ eimId }) => eimId) };
    }
  }
  return undefined;
}

/** Others leave what is on the eUICC as it is. */
type ChangingName =
  'enable' | 'disable' | 'delete' | 'setFallbackAttribute' | 'unsetFallbackAttribute';

function profilesAfter(
  { name, data }: CommandResult,
  operation: EimOperationRow,
  profiles: ReportedProfile[] | null,
): ReportedProfile[] | null {
  const list = data.listProfileInfoResult?.profileInfoListOk;
  if (list !== undefined) return list.flatMap(toReported);
  const { iccid } = parametersOf(operation);
  if (profiles === null) return null;
  const withChanges = (changes: Partial<ReportedProfile>) =>
    profiles.map((profile) => (profile.iccid === iccid ? { ...profile, ...changes } : profile));
  switch (name as ChangingName | undefined) {
    case 'enable':
      return profiles.map((profile) => ({
        ...profile,
        state: profile.iccid === iccid ? 'enabled' : 'disabled',
      }));
    case 'disable':
      return withChanges({ state: 'disabled' });
    case 'delete':
      return profiles.filter((profile) => profile.iccid !== iccid);
    case 'setFallbackAttribute':
      return profiles.map((profile) => ({ ...profile, fallback: profile.iccid === iccid }));
    case 'unsetFallbackAttribute':
      return profiles.map((profile) => ({ ...profile, fallback: false }));
    case undefined:
    default:
      return profiles;
  }
}

function toReported(info: ProfileInfo): ReportedProfile[] {
  const iccid = info.iccid === undefined ? undefined : decodeIccid(info.iccid);
  if (iccid === undefined) return [];
  return [
    {
      iccid,
      state: info.profileState === 1 ? 'enabled' : 'disabled',
      service_provider: info.serviceProviderName ?? null,
      name: info.profileName ?? null,
      nickname: info.profileNickname ?? null,
      fallback: info.fallbackAttribute ?? false,
    },
  ];
}
