// The eUICC's checks before it installs a profile (§2.5.6, §5.5.3, §5.5.5; TCA profile package).
import type { StoreMetadataRequest } from '../rsp/definitions/profile-metadata.ts';
import { EUICCResponse } from '../rsp/definitions/notification.ts';
import { decodeIccid } from '../rsp/identifiers.ts';
import { peStatuses, profileClasses, type PEStatus } from '../rsp/reasons.ts';
import { checkProfilePackage, type CheckRule } from '../saip/check.ts';
import { identityOf } from '../saip/identity.ts';
import { decodeProfilePackage, elementsOf, peHeaderOf } from '../saip/profile-element.ts';
import { PROFILE_MAJOR_VERSIONS } from './euicc-info.ts';
import { toBase64, toHex, type ProfileState } from './euicc-state.ts';
import { freeProfileMemory, type Euicc } from './euicc.ts';
import { profileMetadata } from './installed-profiles.ts';
import { LoadError, type Loading } from './loading.ts';
import type { EuiccSession } from './session.ts';

const ISDP_AID = 'A0000005591010FFFFFFFF89'; // SGP.02 annex H; 4 hexadecimal digits and 0000 follow
const FIRST_ISDP = 0x100f;

/** Faults that a card would not notice, such as secrets left at zero. */
const TOLERATED: readonly CheckRule[] = ['placeholder-secret', 'service-used', 'template-listed'];

/** §5.5.3: the checks of StoreMetadata. */
export function verifyMetadata(euicc: Euicc, metadata: StoreMetadataRequest): void {
  const iccid = decodeIccid(metadata.iccid);
  if (iccid === undefined) {
    throw new LoadError('storeMetadata', 'incorrectInputValues', 'the ICCID is not a number');
  }
  if (euicc.state.profiles.some((profile) => profile.iccid === iccid)) {
    throw new LoadError(
      'storeMetadata',
      'installFailedDueToIccidAlreadyExistsOnEuicc',
      `${iccid} is already installed`,
    );
  }
  if (!Object.values<number>(profileClasses).includes(metadata.profileClass)) {
    throw new LoadError('storeMetadata', 'unsupportedProfileClass', 'unknown profile class');
  }
  verifyPolicyRules(euicc, metadata);
}

/** §2.4.12: rules that the eUICC forbids, and PPR1, which needs an eUICC without other profiles. */
function verifyPolicyRules({ state }: Euicc, { profilePolicyRules = [] }: StoreMetadataRequest) {
  const forbidden = state.forbiddenProfilePolicyRules.find((rule) =>
    profilePolicyRules.includes(rule),
  );
  const isOtherOperational = state.profiles.some(
    (profile) => profileMetadata(profile).profileClass === profileClasses.operational,
  );
  if (forbidden !== undefined || (profilePolicyRules.includes('ppr1') && isOtherOperational)) {
    throw new LoadError('storeMetadata', 'pprNotAllowed', `${forbidden ?? 'ppr1'} is not allowed`);
  }
}

/** §5.5.5: the checks of LoadProfileElements. @returns the profile, now installed and disabled */
export function installProfile(
  euicc: Euicc,
  session: EuiccSession,
  { storeMetadataRequest, dpProprietaryData, profilePieces, expects }: Loading,
): { profile: ProfileState; simaResponse: Uint8Array } {
  if (storeMetadataRequest === undefined || expects.length > 0) {
    throw new LoadError(
      'loadProfileElements',
      'scp03tStructureError',
      'the package ends too early',
    );
  }
  const upp = Uint8Array.from(Buffer.concat(profilePieces));
  const iccid = decodeIccid(storeMetadataRequest.value.iccid) ?? '';
  if (upp.length > freeProfileMemory(euicc)) {
    throw new LoadError(
      'loadProfileElements',
      'installFailedDueToInsufficientMemoryForProfile',
      `${upp.length} bytes do not fit`,
      simaResponse('not-enough-memory'),
    );
  }
  verifyProfile(upp, iccid);
  const profile: ProfileState = {
    iccid,
    isdpAid: nextIsdpAid(euicc),
    isEnabled: false,
    nickname: '',
    metadata: toBase64(storeMetadataRequest.der),
    ...(dpProprietaryData && { dpProprietaryData: toBase64(dpProprietaryData) }),
    upp: toBase64(upp),
    ciPKId: toHex(session.credential.ciPKId),
    sqn: '000000000000',
  };
  euicc.state.profiles.push(profile);
  const identifications = decodeProfilePackage(upp).flatMap((element) => {
    const header = peHeaderOf(element);
    return header === undefined ? [] : [header.identification];
  });
  return { profile, simaResponse: simaResponse('ok', identifications) };
}

function verifyProfile(upp: Uint8Array, iccid: string): void {
  const findings = checkProfilePackage(upp).filter(({ rule }) => !TOLERATED.includes(rule));
  const [finding] = findings;
  if (finding !== undefined) {
    throw new LoadError(
      'loadProfileElements',
      'installFailedDueToPEProcessingError',
      `${finding.where}: ${finding.message}`,
      simaResponse('invalid-parameter'),
    );
  }
  const elements = decodeProfilePackage(upp);
  const majorVersion = elementsOf(elements, 'header')[0]?.value['major-version'] ?? 0;
  if (!PROFILE_MAJOR_VERSIONS.includes(majorVersion)) {
    throw new LoadError(
      'loadProfileElements',
      'installFailedDueToPEProcessingError',
      `profile package version ${majorVersion}`,
      simaResponse('unsupported-profile-version'),
    );
  }
  // §5.5.3: the metadata must match the profile.
  const { iccid: inProfile } = identityOf(elements);
  if (inProfile !== iccid) {
    throw new LoadError(
      'loadProfileElements',
      'installFailedDueToDataMismatch',
      `ICCID ${inProfile ?? 'none'} in the profile, ${iccid} in its metadata`,
    );
  }
}

/** One EUICCResponse: an `ok` for each profile element, or the status of the failure. */
function simaResponse(status: PEStatus, identifications: readonly number[] = []): Uint8Array {
  const isOk = status === 'ok';
  return EUICCResponse.encode({
    peStatus: isOk
      ? identifications.map((identification) => ({ status: peStatuses.ok, identification }))
      : [{ status: peStatuses[status] }],
    ...(isOk ? {} : { profileInstallationAborted: null }),
  });
}

function nextIsdpAid({ state }: Euicc): string {
  const number = FIRST_ISDP + state.nextIsdp;
  state.nextIsdp += 1;
  return `${ISDP_AID}${number.toString(16).toUpperCase().padStart(6, '0')}00`;
}
