import { Type } from 'typebox';
import { QR_FORMATS } from '../operator/qr/qr-code.ts';
import {
  NoActivationCode,
  qrLabels,
  surveyLabels,
  USABLE_STATUSES,
} from '../operator/qr/qr-labels.ts';
import { qrZip, ZIP_LIMIT, ZIP_QR_SIZE } from '../operator/qr/qr-zip.ts';
import { createdBetween } from '../values/sid.ts';
import { EsimProfile } from './answer-schemas.ts';
import { ApiError } from './api-error.ts';
import { esimProfileFilter, parseEsimProfileFilter, toSearchError } from './esim-profile-filter.ts';
import { EXPORT_HEADERS, fileHeaders } from './export-answer.ts';
import { toLabelError } from './label-error.ts';
import { operation } from './operation.ts';
import { nextUrl, parsePageRequest } from './page.ts';

const PATH = '/v1/ESimProfiles/QrCodes';
const ZIP = 'application/zip';
const SID_LIMIT = 1000;

/** `GET /v1/ESimProfiles/QrCodes`: ours. QR codes as files. */
export const exportQrCodes = operation({
  operationId: 'ExportQrCodes',
  method: 'GET',
  path: PATH,
  tag: 'eSIM Profiles',
  summary: 'Export QR codes',
  description:
    'Ours: a ZIP archive with the QR code of each eSIM Profile as a file named by its ICCID, newest first, and a table ' +
    `of them, \`index.csv\`; ${ZIP_LIMIT} codes at most. If there are more, \`Link\` (\`rel="next"\`) leads to the ` +
    'next archive. Without Status or Sid, it covers the profiles that are available. Counted as an export.',
  streams: 'exports',
  query: Type.Object({
    Format: Type.Optional(
      Type.Enum([...QR_FORMATS], {
        type: 'string',
        default: 'png',
        description: 'The image format.',
      }),
    ),
    Size: Type.Optional(
      Type.Integer({
        minimum: ZIP_QR_SIZE.least,
        maximum: ZIP_QR_SIZE.most,
        default: ZIP_QR_SIZE.otherwise,
        description: 'Pixels per side.',
      }),
    ),
    ...esimProfileFilter(USABLE_STATUSES),
    Sid: Type.Optional(
      Type.Array(EsimProfile.properties.sid, {
        maxItems: SID_LIMIT,
        description: 'Only these profiles, in this order; repeated or separated by commas.',
      }),
    ),
    PageToken: Type.Optional(Type.String({ description: 'Provided by the API, in `Link`.' })),
  }),
  responses: {
    200: {
      description: 'The archive. If the connection breaks before the last chunk, it is incomplete.',
      content: { [ZIP]: Type.String({ format: 'binary', contentMediaType: ZIP }) },
    },
  },
  answerHeaders: {
    ...EXPORT_HEADERS,
    Link: 'URL of the next archive (`rel="next"`), if there are more codes.',
  },
  errors: {
    409: 'A profile of Sid has no activation code, not yet, or one that can no longer be used.',
  },
  async handle({ caller: { accountSid }, query }, { store, publicUrl, now }) {
    const { Format: format = 'png', Size: size = ZIP_QR_SIZE.otherwise } = query;
    const { columns, search, after, before, filters } = parseEsimProfileFilter(query);
    const { status: statuses, ...narrowed } = columns;
    const form = { Format: query.Format, Size: query.Size?.toString() };
    const request = parsePageRequest(PATH, 'HP', { ...form, ...filters }, query);
    const { position } = request;
    if (position.kind === 'newer') throw new ApiError('invalidPageToken', 'Invalid PageToken');
    const filter = {
      accountSid,
      sids: query.Sid,
      statuses,
      columns: narrowed,
      search,
      bounds: createdBetween('esimProfile', after, before),
      after: position.kind === 'older' ? position.than : undefined,
    };
    const { last } = await surveyLabels(filter, ZIP_LIMIT, store).catch((error: unknown) => {
      throw error instanceof NoActivationCode ? toLabelError(error) : toSearchError(error);
    });
    const next = last && `<${nextUrl(request, `PA${last}`, publicUrl)}>; rel="next"`;
    return {
      contentType: ZIP,
      headers: {
        ...fileHeaders('qr-codes', 'zip', now()),
        ...(next === undefined ? {} : { Link: next }),
      },
      isFile: true,
      pieces: (signal) => {
        async function* labels() {
          for await (const label of qrLabels(filter, store)) {
            signal.throwIfAborted();
            yield label;
          }
        }
        return qrZip(labels(), { format, size, modified: now() });
      },
    };
  },
});
