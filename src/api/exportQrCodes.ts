import { Type } from 'typebox';
import { QR_FORMATS } from '../operator/qr/qr-code.ts';
import { qrLabels, surveyLabels } from '../operator/qr/qr-labels.ts';
import { qrZip, ZIP_LIMIT, ZIP_QR_SIZE } from '../operator/qr/qr-zip.ts';
import { EXPORT_HEADERS, fileHeaders } from './export-answer.ts';
import { LABEL_ERRORS, labelFilter, parseLabelFilter, toLabelError } from './label-filter.ts';
import { operation } from './operation.ts';

const PATH = '/v1/ESimProfiles/QrCodes';
const ZIP = 'application/zip';

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
    ...labelFilter,
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
  errors: LABEL_ERRORS,
  async handle({ caller: { accountSid }, query }, { store, publicUrl, now }) {
    const { Format: format = 'png', Size: size = ZIP_QR_SIZE.otherwise } = query;
    const form = { Format: query.Format, Size: query.Size?.toString() };
    const { filter, nextUrl } = parseLabelFilter(query, PATH, accountSid, form);
    const { last } = await surveyLabels(filter, ZIP_LIMIT, store).catch((error: unknown) => {
      throw toLabelError(error);
    });
    const next = last && `<${nextUrl(last, publicUrl)}>; rel="next"`;
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
