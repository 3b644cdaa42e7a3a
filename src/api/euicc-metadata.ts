// Metadata of eUICCs, as orders have it.
import {
  changeMetadata,
  keptMetadata,
  parseMetadata,
  problemOfMetadata,
} from '../operator/owner-fields.ts';
import type { MetadataChange } from '../operator/owner-fields.ts';
import { ApiError } from './api-error.ts';

/** What a change makes of what is kept. Throws `ApiError`. */
export function metadataAfter(kept: string | null, change: MetadataChange): string | null {
  const changed = changeMetadata(parseMetadata(kept), change);
  const problem = problemOfMetadata(changed);
  if (problem === undefined) return keptMetadata(changed);
  throw new ApiError('invalidParameter', `Invalid parameter Metadata: ${problem}`);
}
