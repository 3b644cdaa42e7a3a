import { Type } from 'typebox';
import { qrLabels } from '../operator/qr/qr-labels.ts';
import { qrSheet, SHEET_POLICY } from '../operator/qr/qr-sheet.ts';
import type { SheetEnd } from '../operator/qr/qr-sheet.ts';
import { etagOf } from './etag.ts';
import { LABEL_ERRORS, labelFilter, parseLabelFilter, toLabelError } from './label-filter.ts';
import { operation } from './operation.ts';

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
    `Ours: an HTML page of labels to print on A4 or Letter, newest first, ${LABEL_LIMIT} at most. If there are ` +
    'more, it ends with a link to the next sheet, which `Link` (`rel="next"`) also gives. Each label has the QR ' +
    'code of an eSIM Profile, its ICCID, matching ID and profile type. Without Status or Sid, it covers the ' +
    'profiles that are available. Once downloaded, a code works only for the eUICC that downloaded it; once ' +
    'installed, for none.',
  query: Type.Object(labelFilter),
  responses: {
    200: {
      description: 'The page.',
      content: { 'text/html': Type.String({ examples: [EXAMPLE] }) },
    },
  },
  answerHeaders: {
    Link: 'URL of the next sheet (`rel="next"`), if there are more labels.',
    'Cache-Control': 'Makes a browser revalidate each time.',
    'Content-Security-Policy': 'The page loads nothing else.',
    'Referrer-Policy': 'Keeps the address of the page from other sites.',
    'X-Content-Type-Options': 'Keeps browsers from guessing another type.',
  },
  errors: LABEL_ERRORS,
  async handle({ caller: { accountSid }, query }, { store, publicUrl }) {
    const { filter, nextUrl } = parseLabelFilter(query, PATH, accountSid);
    let end: SheetEnd | undefined;
    async function* sheet(): AsyncGenerator<string> {
      end = yield* qrSheet(qrLabels(filter, store), {
        limit: LABEL_LIMIT,
        // Relative: the browser stays at the origin where it is signed in.
        nextUrl: (last) => nextUrl(last, ''),
      });
    }
    const pieces = await Array.fromAsync(sheet()).catch((error: unknown) => {
      throw toLabelError(error);
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
        ...(end?.last === undefined
          ? {}
          : { Link: `<${nextUrl(end.last, publicUrl)}>; rel="next"` }),
      },
    };
  },
});
