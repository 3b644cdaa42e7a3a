// ES10b.LoadBoundProfilePackage, §5.7.6: the package arrives in the segments of §2.5.5, which form the commands of
// ES8+.
import { profileProtection } from '../rsp/bound-profile-package.ts';
import {
  ConfigureISDPRequest,
  ReplaceSessionKeysRequest,
} from '../rsp/definitions/bound-profile-package.ts';
import { StoreMetadataRequest } from '../rsp/definitions/profile-metadata.ts';
import { DerReader, readDer } from '../rsp/der.ts';
import type { SegmentTag } from '../rsp/bpp-protection.ts';
import { readHeader } from './bpp-segments.ts';
import type { Euicc } from './euicc.ts';
import { initialiseSecureChannel } from './initialise-secure-channel.ts';
import { installProfile, verifyMetadata } from './install-profile.ts';
import { LoadError, attempt, type Loading } from './loading.ts';
import { reportFailure, reportSuccess } from './profile-installation-result.ts';
import type { EuiccSession, PreparedDownload } from './session.ts';

/** The call is not allowed in this state: no download was prepared. */
export class NoSessionError extends Error {
  override readonly name = 'NoSessionError';
}

/**
 * Processes one segment. The response is empty as long as more are expected, then, or on an error, a
 * ProfileInstallationResult.
 */
export function loadBoundProfilePackage(euicc: Euicc, segment: Uint8Array): Uint8Array {
  const { session } = euicc;
  if (session?.prepared === undefined) throw new NoSessionError('no download is prepared');
  try {
    const loading = load(euicc, session, session.prepared, segment);
    if (loading.remaining > 0) return new Uint8Array();
    const { installationError } = euicc.misbehaviour;
    if (installationError !== undefined) {
      const { bppCommandId, errorReason } = installationError;
      throw new LoadError(bppCommandId, errorReason, 'refused on request of a test');
    }
    return reportSuccess(euicc, session, installProfile(euicc, session, loading));
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    return reportFailure(euicc, session, error);
  }
}

function load(
  euicc: Euicc,
  session: EuiccSession,
  prepared: PreparedDownload,
  segment: Uint8Array,
): Loading {
  const { loading } = prepared;
  if (loading === undefined) {
    prepared.loading = begin(euicc, session, prepared, segment);
    return prepared.loading;
  }
  const { tag, size, length } = attempt(loading.bppCommandId, () => readHeader(segment));
  loading.remaining -= segment.length;
  if (!loading.expects.includes(tag) || loading.remaining < 0) {
    throw new LoadError(loading.bppCommandId, 'scp03tStructureError', 'a segment out of order');
  }
  if (tag === 0xa0 || tag === 0xa2) {
    loading.remainingInSequence = size + length;
    takeSequenceOf87(loading, segment);
  } else if (tag === 0x87) takeSequenceOf87(loading, segment);
  else if (tag === 0xa1 || tag === 0xa3) {
    const segmentTag = tag === 0xa1 ? 0x88 : 0x86;
    loading.bppCommandId = tag === 0xa1 ? 'storeMetadata' : 'loadProfileElements';
    loading.expects = [segmentTag];
    loading.remainingInSequence = length;
    const reader = new DerReader(segment.subarray(size));
    while (!reader.isAtEnd) {
      const { der } = attempt(loading.bppCommandId, () => reader.expect(segmentTag, 'a segment'));
      takeSegment(euicc, loading, segmentTag, der);
    }
  } else takeSegment(euicc, loading, tag === 0x88 ? 0x88 : 0x86, segment);
  return loading;
}

/** The first segment: the header of the package and the whole of InitialiseSecureChannel. */
function begin(
  euicc: Euicc,
  session: EuiccSession,
  prepared: PreparedDownload,
  segment: Uint8Array,
): Loading {
  const { tag, size, length } = attempt('initialiseSecureChannel', () => readHeader(segment));
  if (tag !== 0xbf36) {
    throw new LoadError('initialiseSecureChannel', 'scp03tStructureError', 'no package');
  }
  const request = segment.subarray(size);
  const channel = initialiseSecureChannel(euicc, session, prepared, request);
  return {
    bppCommandId: 'configureISDP',
    expects: [0xa0],
    remaining: length - request.length,
    remainingInSequence: 0,
    sequenceOf87: [],
    channel,
    metadataPieces: [],
    profilePieces: [],
  };
}

/** §2.5.5: the whole of it; some LPAs send its header first, and then each '87'. */
function takeSequenceOf87(loading: Loading, segment: Uint8Array): void {
  loading.sequenceOf87.push(segment);
  loading.remainingInSequence -= segment.length;
  if (loading.remainingInSequence > 0) {
    loading.expects = [0x87];
    return;
  }
  const whole = Uint8Array.from(Buffer.concat(loading.sequenceOf87));
  loading.sequenceOf87 = [];
  if (whole[0] === 0xa0) configureISDP(loading, whole);
  else replaceSessionKeys(loading, whole);
}

/** §5.5.2 */
function configureISDP(loading: Loading, segment: Uint8Array): void {
  const request = unprotectSequence(loading, segment, 'configureISDP');
  attempt('configureISDP', () => ConfigureISDPRequest.decode(request), 'incorrectInputValues');
  const dpProprietaryData = DerReader.inside(readDer(request)).nextIf(0xb8)?.der;
  if (dpProprietaryData !== undefined) loading.dpProprietaryData = dpProprietaryData;
  loading.bppCommandId = 'storeMetadata';
  loading.expects = [0xa1];
}

/** §5.5.4: from here on the profile is protected by its own keys, which were sent under the session keys. */
function replaceSessionKeys(loading: Loading, segment: Uint8Array): void {
  const request = unprotectSequence(loading, segment, 'replaceSessionKeys');
  loading.channel = attempt(
    'replaceSessionKeys',
    () => profileProtection(ReplaceSessionKeysRequest.decode(request)),
    'incorrectInputValues',
  );
  loading.bppCommandId = 'loadProfileElements';
  loading.expects = [0xa3];
}

function unprotectSequence(
  loading: Loading,
  segment: Uint8Array,
  bppCommandId: 'configureISDP' | 'replaceSessionKeys',
): Uint8Array {
  return attempt(bppCommandId, () => {
    const segments: Uint8Array[] = [];
    const reader = DerReader.inside(readDer(segment));
    while (!reader.isAtEnd) segments.push(reader.next().der);
    return loading.channel.unprotect(0x87, segments);
  });
}

function takeSegment(euicc: Euicc, loading: Loading, tag: SegmentTag, segment: Uint8Array): void {
  const { bppCommandId } = loading;
  loading.remainingInSequence -= segment.length;
  if (loading.remainingInSequence < 0) {
    throw new LoadError(bppCommandId, 'scp03tStructureError', 'a segment too long');
  }
  const piece = attempt(bppCommandId, () => loading.channel.unprotect(tag, [segment]));
  (tag === 0x88 ? loading.metadataPieces : loading.profilePieces).push(piece);
  if (loading.remainingInSequence > 0) return;
  if (tag === 0x86) {
    loading.expects = [];
    return;
  }
  storeMetadata(euicc, loading);
}

/** §5.5.3 */
function storeMetadata(euicc: Euicc, loading: Loading): void {
  const der = Uint8Array.from(Buffer.concat(loading.metadataPieces));
  const value = attempt(
    'storeMetadata',
    () => StoreMetadataRequest.decode(der),
    'incorrectInputValues',
  );
  loading.storeMetadataRequest = { value, der };
  verifyMetadata(euicc, value);
  loading.bppCommandId = 'loadProfileElements';
  loading.expects = [0xa2, 0xa3];
}
