import { Type } from 'typebox';
import { NoActivationCode, qrLabels, USABLE_STATUSES } from '../operator/qr/qr-labels.ts';
import { qrSheet, SHEET_POLICY } from '../operator/qr/qr-sheet.ts';
import type { SheetEnd } from '../operator/qr/qr-sheet.ts';
import { createdBetween } from '../values/sid.ts';
import { EsimProfile } from './answer-schemas.ts';
import { ApiError, notFound } from './api-error.ts';
import { esimProfileFilter, parseEsimProfileFilter, toSearchError } from './esim-profile-filter.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { nextUrl, parsePageRequest } from './page.ts';

const PATH = '/v1/ESimProfiles/QrSheet';
const LABEL_LIMIT = 1000;
const EXAMPLE = '<!doctype html>\n<html lang="en">\n…\n</html>\n';

/** `GET /v1/ESimProfiles/QrSheet`: ours. Labels with QR codes, to print. */
export const fetchQrSheet = operation({
  operationId: 'FetchQrSheet',
  method: 'GET',
  path: PATH,
  tag: 'eSIM Profiles',
  summary: 'Fetch a sheet of QR codes',
  description:
    `Ours: an HTML page of labels to print on A4 or Letter, newest first, ${LABEL_LIMIT} at most; when there are ` +
    'more, it ends with a link to the next sheet, and `Link` (`rel="next"`) names that too. Each label has the QR ' +
    'code of an eSIM Profile, its ICCID, matching ID and profile type. Without Status or Sid: of the profiles that ' +
    'are available. A code that was downloaded serves only the eUICC that has done so; no code serves after that.',
  query: Type.Object({
    ...esimProfileFilter(USABLE_STATUSES),
    Sid: Type.Optional(
      Type.Array(EsimProfile.properties.sid, {
        maxItems: LABEL_LIMIT,
        description: 'Just these profiles, in this order; repeated or with commas between.',
      }),
    ),
    PageToken: Type.Optional(Type.String({ description: 'Provided by the API, in `Link`.' })),
  }),
  responses: {
    200: {
      description: 'The page.',
      content: { 'text/html': Type.String({ examples: [EXAMPLE] }) },
    },
  },
  answerHeaders: {
    Link: 'Where the next sheet is (`rel="next"`), when there are more labels.',
    'Cache-Control': 'A browser asks each time whether it has changed.',
    'Content-Security-Policy': 'The page needs nothing but itself.',
    'Referrer-Policy': 'Its address is told to nobody.',
    'X-Content-Type-Options': 'It is HTML and nothing else.',
  },
  errors: {
    409: 'An eSIM Profile of Sid has no activation code, none yet, or one that can no longer be used.',
  },
  async handle({ caller: { accountSid }, query }, { store, publicUrl }) {
    const { columns, search, after, before, filters } = parseEsimProfileFilter(query);
    const { status: statuses, ...narrowed } = columns;
    const request = parsePageRequest(PATH, 'HP', filters, query);
    const { position } = request;
    if (position.kind === 'newer') throw new ApiError('invalidPageToken', 'Invalid PageToken');
    const labels = qrLabels(
      {
        accountSid,
        sids: query.Sid,
        statuses,
        columns: narrowed,
        search,
        bounds: createdBetween('esimProfile', after, before),
        after: position.kind === 'older' ? position.than : undefined,
      },
      store,
    );
    const next = (last: string, base: string) => nextUrl(request, `PA${last}`, base);
    let end: SheetEnd | undefined;
    async function* sheet(): AsyncGenerator<string> {
      end = yield* qrSheet(labels, {
        limit: LABEL_LIMIT,
        // A browser stays at the address that it is signed in at.
        nextUrl: (last) => next(last, ''),
      });
    }
    const pieces = await Array.fromAsync(sheet()).catch((error: unknown) => {
      throw error instanceof NoActivationCode ? toApiError(error) : toSearchError(error);
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
        ...(end?.last === undefined ? {} : { Link: `<${next(end.last, publicUrl)}>; rel="next"` }),
      },
    };
  },
});

function toApiError({ sid, row, message }: NoActivationCode): ApiError {
  return row === undefined
    ? notFound(`/v1/ESimProfiles/${sid}`)
    : new ApiError('conflict', message);
}
