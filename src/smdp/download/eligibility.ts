// §3.1.3, annex F: whether a profile is suitable for an eUICC, as far as its information shows.
import { DerReader } from '../../rsp/der.ts';
import { DerError } from '../../rsp/der-error.ts';
import type { EUICCInfo2 } from '../../rsp/definitions/euicc-info.ts';
import type { StoreMetadataRequest } from '../../rsp/definitions/profile-metadata.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';

/** TS 102 226 §8.2.1.7.2: free non-volatile memory, in extCardResource. */
const FREE_NON_VOLATILE_MEMORY = 0x82;

/**
 * Throws 8.1 / 4.8 if the reported memory is too small for the profile, and 8.2.5 / 4.3 if the eUICC forbids one of
 * the profile's policy rules.
 */
export function checkEligibility(
  euiccInfo2: EUICCInfo2,
  metadata: StoreMetadataRequest,
  size: number,
): void {
  const free = freeMemory(euiccInfo2.extCardResource);
  if (free !== undefined && free < size) {
    throw new FunctionExecutionError(
      '8.1',
      '4.8',
      `The eUICC has ${free} octets free; the profile has ${size}`,
    );
  }
  const forbidden: readonly string[] = euiccInfo2.forbiddenProfilePolicyRules ?? [];
  const refused = (metadata.profilePolicyRules ?? []).filter((rule) => forbidden.includes(rule));
  if (refused.length > 0) {
    throw new FunctionExecutionError(
      '8.2.5',
      '4.3',
      `The eUICC forbids the policy rules ${refused.join(', ')}`,
    );
  }
}

/** Undefined if the eUICC does not report it. */
function freeMemory(extCardResource: Uint8Array): number | undefined {
  try {
    for (const reader = new DerReader(extCardResource); !reader.isAtEnd;) {
      const { tag, contents } = reader.next();
      if (tag === FREE_NON_VOLATILE_MEMORY)
        return Number.parseInt(Buffer.from(contents).toString('hex'), 16);
    }
  } catch (error) {
    // Unreadable information counts as missing.
    if (!(error instanceof DerError)) throw error;
  }
  return undefined;
}
