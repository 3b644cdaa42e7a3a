// What the signed results of commands say: how the operation ended, and what is on the eUICC now.
import type { DoneName } from '../eim.ts';
import type { CommandResult, CommandResults } from '../command-results.ts';
import type { Reported, ReportedProfile, ReportedRule } from '../euicc-record.ts';
import { profilesOf, reportedOf } from '../euicc-record.ts';
import { decodeIccid, decodeMccMnc } from '../../rsp/identifiers.ts';
import type { EuiccResultData } from '../../rsp/definitions/euicc-package.ts';
import type { ProfileInfo } from '../../rsp/definitions/local-functions.ts';
import type { EimOperationRow, EuiccRow } from '../../store/schema.ts';
import type { Ending } from './operation.ts';
import { commandsOf } from './operation.ts';

export interface Applied {
  ending: Ending;
  /** Of the eUICC. */
  changed: Partial<Pick<EuiccRow, 'eim_key' | 'state'>>;
  /** What is on it; null: not known yet. */
  profiles: ReportedProfile[] | null;
  reported: Reported;
  /** What the eUICC has signed about profiles, in its order. */
  done: Done[];
  /** Whether the eUICC says of its profiles what we did not know: they are to be listed. */
  isSurprising: boolean;
}

export interface Done {
  iccid: string;
  name: DoneName;
}

export function applyResults(
  operation: EimOperationRow,
  euicc: EuiccRow,
  { results, terminated, rollback }: CommandResults,
  { now, eimId }: { now: Date; eimId: string },
): Applied {
  const before = profilesOf(euicc);
  const asked = commandsOf(operation);
  const date = now.toISOString();
  let profiles = before;
  let reported = reportedOf(euicc);
  const changed: Applied['changed'] = {};
  let isSurprising = rollback !== undefined;
  for (const [index, result] of results.entries()) {
    isSurprising ||= contradicts(result, profiles);
    if (!result.isOk) continue;
    profiles = profilesAfter(result, profiles);
    reported = { ...reported, ...toldBy(result, reported, date) };
    const { key, eim_id: deleted } = asked[index] ?? {};
    // It obeys us no longer.
    if (result.name === 'deleteEim' && deleted === eimId) changed.state = 'left';
    if (result.name === 'updateEim' && key !== undefined) changed.eim_key = key;
  }
  const isBack = rollback !== undefined;
  return {
    ending: endingOf(operation, { results, terminated, rollback }),
    changed,
    // The device is back in the profile before.
    profiles: isBack ? before : profiles,
    reported,
    done: isBack ? [] : results.flatMap(doneBy),
    isSurprising,
  };
}

function endingOf(
  operation: EimOperationRow,
  {
    results,
    terminated,
    rollback,
  }: Pick<CommandResults, 'results'> & {
    terminated: string | undefined;
    rollback: string | undefined;
  },
): Ending {
  const told = results.map(({ name, code, data }) => ({ kind: name, code, ...reportedBy(data) }));
  const result =
    operation.kind === 'package' ? { commands: told } : results[0] && reportedBy(results[0].data);
  const failed = (errorCode: string, errorMessage: string): Ending => ({
    status: 'failed',
    errorCode,
    errorMessage,
    ...(operation.kind === 'package' ? { result } : {}),
  });
  if (rollback !== undefined) {
    const errorMessage = `The profile had no connectivity, and the device went back to the one before (${rollback})`;
    return failed('rollback', errorMessage);
  }
  const refused = results.find(({ isOk }) => !isOk);
  if (refused !== undefined) {
    return failed(refused.code, `The eUICC answered ${refused.name} with ${refused.code}`);
  }
  if (terminated !== undefined) {
    return failed(terminated, `The eUICC did not execute the command: ${terminated}`);
  }
  return { status: 'completed', result };
}

/** What a command has returned besides its code. */
function reportedBy(data: EuiccResultData): object | undefined {
  if (data.listProfileInfoResult?.profileInfoListOk !== undefined) {
    return { profiles: data.listProfileInfoResult.profileInfoListOk.flatMap(toReported) };
  }
  if (data.addEimResult?.associationToken !== undefined) {
    return { association_token: data.addEimResult.associationToken };
  }
  if (data.listEimResult?.eimIdList !== undefined) {
    return { eim_ids: data.listEimResult.eimIdList.map(({ eimId }) => eimId) };
  }
  if (data.getRATResult !== undefined) return { rules: data.getRATResult.map(toRule) };
  return undefined;
}

function toldBy(
  { command, data }: CommandResult,
  { eim_ids: known }: Reported,
  date: string,
): Reported {
  if (data.listProfileInfoResult !== undefined) return { date_listed: date };
  if (data.getRATResult !== undefined) {
    return { rules: data.getRATResult.map(toRule), date_rules: date };
  }
  if (data.listEimResult?.eimIdList !== undefined) {
    return { eim_ids: data.listEimResult.eimIdList.map(({ eimId }) => eimId), date_eim_ids: date };
  }
  if ('setDefaultDpAddress' in command && command.setDefaultDpAddress !== undefined) {
    return { default_smdp_address: command.setDefaultDpAddress.defaultDpAddress };
  }
  if ('configureImmediateEnable' in command && command.configureImmediateEnable !== undefined) {
    const {
      immediateEnableFlag: flag,
      defaultSmdpOid,
      defaultSmdpAddress,
    } = command.configureImmediateEnable;
    return {
      immediate_enable: {
        allowed: flag !== undefined,
        smdp_oid: defaultSmdpOid ?? null,
        smdp_address: defaultSmdpAddress ?? null,
      },
    };
  }
  if (known === undefined) return {};
  if ('addEim' in command && command.addEim !== undefined) {
    const { eimId } = command.addEim;
    return { eim_ids: [...known.filter((id) => id !== eimId), eimId], date_eim_ids: date };
  }
  if ('deleteEim' in command && command.deleteEim !== undefined) {
    const { eimId } = command.deleteEim;
    return { eim_ids: known.filter((id) => id !== eimId), date_eim_ids: date };
  }
  return {};
}

/** Of a command about one profile. */
function iccidIn({ command }: CommandResult): string | undefined {
  const named = Object.values(command).find(
    (value: object | undefined): value is { iccid: Uint8Array } =>
      value !== undefined && 'iccid' in value,
  );
  return named && decodeIccid(named.iccid);
}

function doneBy(result: CommandResult): Done[] {
  const iccid = iccidIn(result);
  if (!result.isOk || iccid === undefined) return [];
  return [{ iccid, name: result.name as Done['name'] }];
}

/** Others leave what is on the eUICC as it is. */
type ChangingName = DoneName | 'unsetFallbackAttribute';

function profilesAfter(
  result: CommandResult,
  profiles: ReportedProfile[] | null,
): ReportedProfile[] | null {
  const { name, data } = result;
  const list = data.listProfileInfoResult?.profileInfoListOk;
  if (list !== undefined) return list.flatMap(toReported);
  if (profiles === null) return null;
  const iccid = iccidIn(result);
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

/** As far as its profiles are known. */
function contradicts(result: CommandResult, profiles: ReportedProfile[] | null): boolean {
  const iccid = iccidIn(result);
  if (profiles === null || iccid === undefined) return false;
  const known = profiles.find((profile) => profile.iccid === iccid);
  switch (result.code) {
    case 'ok':
      return known === undefined && result.name !== 'delete';
    case 'iccidOrAidNotFound':
      return known !== undefined;
    case 'profileNotInDisabledState':
      return known?.state !== 'enabled';
    case 'profileNotInEnabledState':
      return known?.state !== 'disabled';
    default:
      return false;
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

function toRule({
  pprIds,
  allowedOperators,
  pprFlags,
}: NonNullable<EuiccResultData['getRATResult']>[number]): ReportedRule {
  return {
    ppr_ids: [...pprIds],
    allowed_operators: allowedOperators.map(({ mccMnc, gid1, gid2 }) => ({
      ...decodeMccMnc(mccMnc),
      gid1: gid1?.toHex() ?? null,
      gid2: gid2?.toHex() ?? null,
    })),
    consent_required: pprFlags.includes('consentRequired'),
  };
}
