// The contents of eUICC packages (SGP.32 §2.11.1.1): commands, and which may stand together.
import type { Eco, EuiccPackage, Psmo } from '../rsp/definitions/euicc-package.ts';
import { encodeIccid } from '../rsp/identifiers.ts';
import { EimError } from './eim-error.ts';

export type PsmoName = Exclude<NameOf<Psmo>, 'unknown'>;
export type EcoName = Exclude<NameOf<Eco>, 'unknown'>;
export type CommandName = PsmoName | EcoName;
type NameOf<Command> = Command extends unknown ? keyof Command : never;

/** The name of a command's alternative. */
export function nameOfCommand(command: Psmo | Eco): CommandName | 'unknown' {
  const [name] = Object.entries(command).find(([, value]) => value !== undefined) ?? ['unknown'];
  return name as CommandName | 'unknown';
}

/** @param rollback whether the device may go back to the profile before, if this one has no connectivity (SGP.32 §3.4.1) */
export function enable(iccid: string, { rollback = false } = {}): Psmo {
  const request = { iccid: encodeIccid(iccid) };
  return { enable: rollback ? { ...request, rollbackFlag: null } : request };
}

export function disable(iccid: string): Psmo {
  return { disable: { iccid: encodeIccid(iccid) } };
}

export function deleteProfile(iccid: string): Psmo {
  return { delete: { iccid: encodeIccid(iccid) } };
}

export function setFallbackAttribute(iccid: string): Psmo {
  return { setFallbackAttribute: { iccid: encodeIccid(iccid) } };
}

/** SGP.32 §2.11.1.1.3: whether a profile is enabled right after its installation, and from which SM-DP+ alone. */
export function configureImmediateEnable({
  isAllowed,
  smdpOid,
  smdpAddress,
}: {
  isAllowed: boolean;
  smdpOid?: string | undefined;
  smdpAddress?: string | undefined;
}): Psmo {
  return {
    configureImmediateEnable: {
      ...(isAllowed ? { immediateEnableFlag: null } : {}),
      ...(smdpOid === undefined ? {} : { defaultSmdpOid: smdpOid }),
      ...(smdpAddress === undefined ? {} : { defaultSmdpAddress: smdpAddress }),
    },
  };
}

/** SGP.32 §5.9.14: what an eIM wants to know of a profile: everything but its icon. */
const PROFILE_INFO_TAGS = Uint8Array.from(Buffer.from('5a4f9f7090919295b6b7999f7b9f269f67', 'hex'));

export function listProfileInfo(): Psmo {
  return { listProfileInfo: { tagList: PROFILE_INFO_TAGS } };
}

/** SGP.32 §2.11.1.1.3: a package of PSMOs. Throws `EimError` if they may not stand together. */
export function psmoPackage(...psmoList: readonly Psmo[]): EuiccPackage {
  const names = psmoList.map(nameOfCommand);
  if (names.length === 0) throw refused('a package without commands');
  for (const name of ['enable', 'disable'] as const) {
    if (names.filter((one) => one === name).length > 1) throw refused(`more than one ${name}`);
  }
  const firstChange = names.findIndex((name) => CHANGES.includes(name));
  if (firstChange >= 0 && names.lastIndexOf('listProfileInfo') > firstChange) {
    throw refused(`listProfileInfo after ${names[firstChange]}`);
  }
  return { psmoList };
}

const CHANGES: readonly string[] = ['enable', 'disable', 'delete'];

/** SGP.32 §2.11.1.1.2: a package of eCOs. Throws `EimError` if there is none. */
export function ecoPackage(...ecoList: readonly Eco[]): EuiccPackage {
  if (ecoList.length === 0) throw refused('a package without commands');
  return { ecoList };
}

function refused(what: string): EimError {
  return new EimError('package', `An eUICC package cannot have ${what}.`);
}
