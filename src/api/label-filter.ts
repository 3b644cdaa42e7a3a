// Which eSIM Profiles have their QR codes in a file, and where the next file begins.
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { NoActivationCode, USABLE_STATUSES } from '../operator/qr/qr-labels.ts';
import type { QrLabelFilter } from '../operator/qr/qr-labels.ts';
import { createdBetween } from '../values/sid.ts';
import { ApiError, notFound } from './api-error.ts';
import {
  esimProfileFilter,
  parseEsimProfileFilter,
  sidFilter,
  toSearchError,
} from './esim-profile-filter.ts';
import { nextUrl, parsePageRequest } from './page.ts';

export const labelFilter = {
  ...esimProfileFilter(USABLE_STATUSES),
  Sid: sidFilter('Only these profiles, in this order; repeated or separated by commas.'),
  PageToken: Type.Optional(Type.String({ description: 'Provided by the API, in `Link`.' })),
};

export const LABEL_ERRORS = {
  409: 'A profile of Sid has no activation code, not yet, or one that can no longer be used.',
};

const Filter = Type.Object(labelFilter);

/**
 * Throws `ApiError` 400.
 * @param form parameters of the file, repeated in the URL of the next one
 */
export function parseLabelFilter(
  query: Static<typeof Filter>,
  path: string,
  accountSid: string,
  form: Record<string, string | undefined> = {},
): { filter: QrLabelFilter; nextUrl: (last: string, base: string) => string } {
  const { columns, conditions, after, before, filters } = parseEsimProfileFilter(query);
  const { status: statuses, ...narrowed } = columns;
  const request = parsePageRequest(path, 'HP', { ...form, ...filters }, query);
  const { position } = request;
  if (position.kind === 'newer') throw new ApiError('invalidPageToken', 'Invalid PageToken');
  return {
    filter: {
      accountSid,
      sids: query.Sid,
      statuses,
      columns: narrowed,
      ...conditions,
      bounds: createdBetween('esimProfile', after, before),
      after: position.kind === 'older' ? position.than : undefined,
    },
    nextUrl: (last, base) => nextUrl(request, `PA${last}`, base),
  };
}

/** Of an eSIM Profile that does not exist, or has no code to print; or of a search. */
export function toLabelError(error: unknown): unknown {
  if (!(error instanceof NoActivationCode)) return toSearchError(error);
  const { sid, row, message } = error;
  return row === undefined
    ? notFound(`/v1/ESimProfiles/${sid}`)
    : new ApiError('conflict', message);
}
