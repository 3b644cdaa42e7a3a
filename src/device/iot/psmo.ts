// The commands for profiles in an eUICC package (SGP.32 §2.11.1.1.3).
import { type EuiccResultData, type Psmo } from '../../rsp/definitions/euicc-package.ts';
import {
  ProfileInfoListRequest,
  ProfileInfoListResponse,
} from '../../rsp/definitions/local-functions.ts';
import * as codes from '../../rsp/eim-codes.ts';
import { remove } from '../deleteProfile.ts';
import { disable } from '../disableProfile.ts';
import { enable } from '../enableProfile.ts';
import { getProfilesInfo } from '../getProfilesInfo.ts';
import { rulesAuthorisationTable } from '../getRAT.ts';
import { findProfileBy, profileMetadata } from '../installed-profiles.ts';
import type { RollbackState } from '../euicc-state.ts';
import type { IotEuicc } from './iot-euicc.ts';

/** What the commands of one package know of each other. */
export interface PsmoContext {
  /** Whether a profile was enabled, disabled or deleted. */
  hasChanged: boolean;
  readonly seen: Set<string>;
  /** What an enable with rollbackFlag allows. */
  rollback?: Pick<RollbackState, 'enabledIccid' | 'previousIccid'>;
}

export interface Executed {
  /** Undefined for a command that is unknown or malformed. */
  readonly result?: EuiccResultData;
  readonly isOk: boolean;
}

export function executePsmo(euicc: IotEuicc, psmo: Psmo, context: PsmoContext): Executed {
  if (psmo.enable !== undefined) {
    const code = once(context, 'enable') ?? enableProfile(euicc, psmo.enable, context);
    return of({ enableResult: codes.enableProfileResults[code] }, code);
  }
  if (psmo.disable !== undefined) {
    const code = once(context, 'disable') ?? disableProfile(euicc, psmo.disable, context);
    return of({ disableResult: codes.disableProfileResults[code] }, code);
  }
  if (psmo.delete !== undefined) {
    const code = deleteProfile(euicc, psmo.delete, context);
    return of({ deleteResult: codes.deleteProfileResults[code] }, code);
  }
  if (psmo.listProfileInfo !== undefined) {
    return listProfileInfo(euicc, psmo.listProfileInfo, context);
  }
  if (psmo.getRAT !== undefined) {
    return { result: { getRATResult: rulesAuthorisationTable(euicc) }, isOk: true };
  }
  if (psmo.configureImmediateEnable !== undefined) {
    euicc.state.iot.immediateEnable = immediateEnableState(psmo.configureImmediateEnable);
    return of({ configureImmediateEnableResult: 0 }, 'ok');
  }
  if (psmo.setFallbackAttribute !== undefined) {
    const code = setFallbackAttribute(euicc, psmo.setFallbackAttribute);
    return of({ setFallbackAttributeResult: codes.setFallbackAttributeResults[code] }, code);
  }
  if (psmo.unsetFallbackAttribute !== undefined) {
    const code = unsetFallbackAttribute(euicc);
    return of({ unsetFallbackAttributeResult: codes.unsetFallbackAttributeResults[code] }, code);
  }
  if (psmo.setDefaultDpAddress !== undefined) {
    const code = setDefaultDpAddress(euicc, psmo.setDefaultDpAddress.defaultDpAddress);
    const setDefaultDpAddressResult = codes.setDefaultDpAddressResults[code];
    return of({ setDefaultDpAddressResult: { setDefaultDpAddressResult } }, code);
  }
  return { isOk: false };
}

function of(result: EuiccResultData, code: string): Executed {
  return { result, isOk: code === 'ok' };
}

/** SGP.32 §2.11.1.1.3: at most one in a package. */
function once(context: PsmoContext, name: string): 'undefinedError' | undefined {
  if (context.seen.has(name)) return 'undefinedError';
  context.seen.add(name);
  return undefined;
}

type WithIccid = Readonly<{ iccid: Uint8Array }>;

function enableProfile(
  euicc: IotEuicc,
  { iccid, rollbackFlag }: NonNullable<Psmo['enable']>,
  context: PsmoContext,
): keyof typeof codes.enableProfileResults {
  const { profiles, iot } = euicc.state;
  const previous = profiles.find(({ isEnabled }) => isEnabled);
  const profile = findProfileBy(euicc, { iccid });
  // Checked before anything changes, but after what concerns the profile itself.
  if (
    rollbackFlag !== undefined &&
    previous === undefined &&
    profile !== undefined &&
    !profile.isEnabled
  ) {
    return 'rollbackNotAvailable';
  }
  const code = enable(euicc, { iccid });
  if (code !== 'ok' || profile === undefined) return code;
  changed(euicc, context);
  iot.returnIccid = undefined;
  if (rollbackFlag !== undefined && previous !== undefined) {
    context.rollback = { enabledIccid: profile.iccid, previousIccid: previous.iccid };
  }
  return code;
}

function disableProfile(
  euicc: IotEuicc,
  { iccid }: WithIccid,
  context: PsmoContext,
): keyof typeof codes.disableProfileResults {
  const code = disable(euicc, { iccid });
  if (code === 'ok') changed(euicc, context);
  return code;
}

function deleteProfile(
  euicc: IotEuicc,
  { iccid }: WithIccid,
  context: PsmoContext,
): keyof typeof codes.deleteProfileResults {
  const { iot } = euicc.state;
  const profile = findProfileBy(euicc, { iccid });
  if (profile !== undefined && profile.iccid === context.rollback?.previousIccid) {
    return 'rollbackNotAvailable';
  }
  if (profile !== undefined && profile.iccid === iot.returnIccid) return 'returnFallbackProfile';
  const code = remove(euicc, { iccid });
  if (code !== 'ok') return code;
  context.hasChanged = true;
  if (profile?.iccid === iot.fallbackIccid) iot.fallbackIccid = undefined;
  return code;
}

function changed(euicc: IotEuicc, context: PsmoContext): void {
  context.hasChanged = true;
  euicc.refreshes = true;
}

function listProfileInfo(
  euicc: IotEuicc,
  request: NonNullable<Psmo['listProfileInfo']>,
  { hasChanged }: PsmoContext,
): Executed {
  const listProfileInfoResult = hasChanged
    ? { profileInfoListError: codes.profileInfoListErrors.profileChangeOngoing }
    : ProfileInfoListResponse.decode(
        getProfilesInfo(euicc, ProfileInfoListRequest.encode(request)),
      );
  const isOk = listProfileInfoResult.profileInfoListError === undefined;
  return { result: { listProfileInfoResult }, isOk };
}

export function immediateEnableState({
  immediateEnableFlag,
  defaultSmdpOid,
  defaultSmdpAddress,
}: NonNullable<Psmo['configureImmediateEnable']>): IotEuicc['state']['iot']['immediateEnable'] {
  return {
    isAllowed: immediateEnableFlag !== undefined,
    ...(defaultSmdpOid === undefined ? {} : { smdpOid: defaultSmdpOid }),
    ...(defaultSmdpAddress === undefined ? {} : { smdpAddress: defaultSmdpAddress }),
  };
}

function setFallbackAttribute(
  euicc: IotEuicc,
  { iccid }: WithIccid,
): keyof typeof codes.setFallbackAttributeResults {
  const profile = findProfileBy(euicc, { iccid });
  if (profile === undefined) return 'iccidOrAidNotFound';
  if (profileMetadata(profile).fallbackAllowed !== true) return 'fallbackNotAllowed';
  if (isFallbackEnabled(euicc)) return 'fallbackProfileEnabled';
  euicc.state.iot.fallbackIccid = profile.iccid;
  return 'ok';
}

function unsetFallbackAttribute(euicc: IotEuicc): keyof typeof codes.unsetFallbackAttributeResults {
  if (euicc.state.iot.fallbackIccid === undefined) return 'noFallbackAttribute';
  if (isFallbackEnabled(euicc)) return 'fallbackProfileEnabled';
  euicc.state.iot.fallbackIccid = undefined;
  return 'ok';
}

function isFallbackEnabled({ state }: IotEuicc): boolean {
  return state.profiles.some(
    ({ isEnabled, iccid }) => isEnabled && iccid === state.iot.fallbackIccid,
  );
}

/** SGP.32 §5.9.25: an empty address removes it. */
export function setDefaultDpAddress(
  { state }: IotEuicc,
  address: string,
): keyof typeof codes.setDefaultDpAddressResults {
  if (state.iot.immediateEnable.isAllowed) return 'undefinedError';
  state.defaultDpAddress = address;
  return 'ok';
}
