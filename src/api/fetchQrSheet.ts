import { Type } from 'typebox';
import { ESIM_PROFILE_STATUSES } from '../profile/esim-profile.ts';
import { NoActivationCode, qrLabels } from '../profile/qr-labels.ts';
import { qrSheet, SHEET_POLICY } from '../profile/qr-sheet.ts';
import { ApiError, notFound } from './api-error.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { EsimProfile } from './answer-schemas.ts';
import { statusFilter } from './status-filter.ts';

const LABEL_LIMIT = 1000;
const EXAMPLE = '<!doctype html>\n<html lang="en">\n…\n</html>\n';

/** `GET /v1/ESimProfiles/QrSheet`: ours. Labels with QR codes, to print. */
export const fetchQrSheet = operation({
  operationId: 'FetchQrSheet',
  method: 'GET',
  path: '/v1/ESimProfiles/QrSheet',
  tag: 'eSIM Profiles',
  summary: 'Fetch a sheet of QR codes',
  description:
    `Ours: an HTML page of labels to print on A4 or Letter, newest first, ${LABEL_LIMIT} at most. ` +
    'Each has the QR code of an eSIM Profile, its ICCID, matching ID and profile type. Without Status ' +
    'or Sid: of the profiles that are available.',
  query: Type.Object({
    Status: statusFilter(ESIM_PROFILE_STATUSES, 'profiles'),
    Eid: Type.Optional(Type.String({ description: 'Only profiles associated with this EID.' })),
    Sid: Type.Optional(
      Type.Array(EsimProfile.properties.sid, {
        maxItems: LABEL_LIMIT,
        description: 'Just these profiles, in this order; repeated or with commas between.',
      }),
    ),
  }),
  responses: {
    200: {
      description: 'The page.',
      content: { 'text/html': Type.String({ examples: [EXAMPLE] }) },
    },
  },
  errors: { 409: 'An eSIM Profile of Sid has no activation code, or none yet.' },
  async handle({ caller, query }, { store }) {
    const { Status: statuses, Eid: eid, Sid: sids } = query;
    const labels = qrLabels(caller.accountSid, { statuses, eid, sids }, store);
    const pieces = await Array.fromAsync(qrSheet(labels, LABEL_LIMIT)).catch((error: unknown) => {
      throw error instanceof NoActivationCode ? toApiError(error) : error;
    });
    const body = pieces.join('');
    return {
      status: 200,
      body,
      etag: etagOf(body),
      contentType: 'text/html; charset=utf-8',
      headers: {
        'Cache-Control': 'private, max-age=0, must-revalidate',
        'Content-Security-Policy': SHEET_POLICY,
        'Referrer-Policy': 'no-referrer',
        'X-Content-Type-Options': 'nosniff',
      },
    };
  },
});

function toApiError({ sid, row, message }: NoActivationCode): ApiError {
  return row === undefined
    ? notFound(`/v1/ESimProfiles/${sid}`)
    : new ApiError('conflict', message);
}
