// Profile installation (§3.1.3.3): sends the package to the eUICC in segments, and receives its signed result.
import { metadataIn } from '../rsp/bpp-metadata.ts';
import { BoundProfilePackage } from '../rsp/definitions/bound-profile-package.ts';
import { ProfileInstallationResult } from '../rsp/definitions/notification.ts';
import { DerError } from '../rsp/der-error.ts';
import { bppCommandIds, errorReasons, nameOf } from '../rsp/reasons.ts';
import { segmentBoundProfilePackage } from './bpp-segments.ts';
import { DeviceError, EuiccError } from './device-error.ts';
import { callEs10 } from './es10.ts';
import type { AuthenticatedSession } from './lpa-authentication.ts';
import type { Download, Lpa } from './lpa.ts';

export async function installBoundProfilePackage(
  lpa: Lpa,
  session: AuthenticatedSession,
  boundProfilePackage: Uint8Array,
): Promise<Download> {
  if (!isBoundProfilePackage(boundProfilePackage)) {
    await lpa.cancelSession(session, 'loadBppExecutionError');
    throw new DeviceError('The server did not send a bound profile package.');
  }
  // §3.1.3.3: the metadata in the package, which is in clear, must be that to which the user agreed.
  const isVerified = lpa.options.isMetadataVerified === true;
  const isSame = Buffer.compare(metadataIn(boundProfilePackage), session.profileMetadata) === 0;
  if (!isVerified && !isSame) {
    await lpa.cancelSession(session, 'metadataMismatch');
    throw new DeviceError(
      'The metadata in the package differs from that sent by the server before.',
    );
  }
  const profileInstallationResult = await load(lpa, session, boundProfilePackage);
  const { finalResult } =
    ProfileInstallationResult.decode(profileInstallationResult).profileInstallationResultData.value;
  const { errorResult } = finalResult;
  if (errorResult !== undefined) {
    const reason = nameOf(errorReasons, errorResult.errorReason) ?? `${errorResult.errorReason}`;
    const command = nameOf(bppCommandIds, errorResult.bppCommandId) ?? 'the package';
    await lpa.sendNotifications(({ event }) => event === 'notificationInstall');
    const message = `The eUICC refused ${command}: ${reason}.`;
    throw new EuiccError('loadBoundProfilePackage', reason, message);
  }
  lpa.announce(
    'loadBoundProfilePackage',
    'smdpSign, every MAC, metadata and profile elements verified by the eUICC; installed',
  );
  const { smdpAddress, transactionId, iccid, metadata } = session;
  return { smdpAddress, transactionId, iccid, metadata, profileInstallationResult };
}

async function load(
  lpa: Lpa,
  session: AuthenticatedSession,
  boundProfilePackage: Uint8Array,
): Promise<Uint8Array> {
  const { segments: edit, beforeSegment } = lpa.options;
  const honest = segmentBoundProfilePackage(boundProfilePackage);
  for (const [index, segment] of (edit?.(honest) ?? honest).entries()) {
    beforeSegment?.(index);
    const answer = callEs10(lpa.euicc, segment);
    // §2.5.5: the first non-empty response is the result, whichever segment it follows.
    if (answer.length > 0) return answer;
  }
  await lpa.cancelSession(session, 'loadBppExecutionError');
  throw new DeviceError('The package ended without a result from the eUICC.');
}

function isBoundProfilePackage(der: Uint8Array): boolean {
  try {
    BoundProfilePackage.decode(der);
    return true;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}
