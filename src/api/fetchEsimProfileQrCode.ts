import { Type } from 'typebox';
import { QR_FORMATS, QR_SIZE, qrModules, qrPng, qrSpan, qrSvg } from '../operator/qr/qr-code.ts';
import type { QrFormat } from '../operator/qr/qr-code.ts';
import { NoActivationCode } from '../operator/qr/qr-labels.ts';
import { EXAMPLES } from './answer-examples.ts';
import { preferredType } from './accept.ts';
import { ApiError, notFound } from './api-error.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { SidParams } from './parameter-schemas.ts';

const MEDIA_TYPES = { svg: 'image/svg+xml', png: 'image/png' } as const;

const EXAMPLE = qrSvg(qrModules(EXAMPLES.EsimProfile.activation_code), QR_SIZE.otherwise);

/** `GET /v1/ESimProfiles/{Sid}/QrCode`: ours. The activation code as an image for a phone's camera. */
export const fetchEsimProfileQrCode = operation({
  operationId: 'FetchEsimProfileQrCode',
  method: 'GET',
  path: '/v1/ESimProfiles/:Sid/QrCode',
  tag: 'eSIM Profiles',
  summary: 'Fetch the QR code of an eSIM Profile',
  description:
    'Ours: `LPA:` and the activation code as a QR code, error correction level M, black on white with ' +
    'its quiet zone. Format chooses SVG or PNG, otherwise the Accept header; SVG if both are acceptable.',
  params: SidParams,
  query: Type.Object({
    Format: Type.Optional(
      Type.Enum([...QR_FORMATS], {
        type: 'string',
        description: 'The image format; overrides Accept.',
      }),
    ),
    Size: Type.Optional(
      Type.Integer({
        minimum: QR_SIZE.least,
        maximum: QR_SIZE.most,
        default: QR_SIZE.otherwise,
        description: 'Pixels per side. In a PNG, each module is as many whole pixels as fit.',
      }),
    ),
  }),
  responses: {
    200: {
      description: 'The image.',
      content: {
        [MEDIA_TYPES.svg]: Type.String({ examples: [EXAMPLE] }),
        [MEDIA_TYPES.png]: Type.String({ format: 'binary', contentMediaType: MEDIA_TYPES.png }),
      },
    },
  },
  answerHeaders: {
    Vary: 'The format depends on Accept.',
    'Cache-Control': 'Makes a browser revalidate each time.',
    'Content-Disposition': 'A file name.',
    'X-Content-Type-Options': 'Keeps browsers from guessing another type.',
  },
  errors: {
    406: 'Accept allows neither SVG nor PNG.',
    409: 'The eSIM Profile has no activation code, or not yet.',
  },
  async handle({ caller, params, query, accept }, { store }) {
    const { Sid } = params;
    const profile = await store.esimProfiles.find(caller.accountSid, Sid);
    if (profile === undefined) throw notFound(`/v1/ESimProfiles/${Sid}/QrCode`);
    const format = query.Format ?? formatFor(accept);
    if (profile.activation_code === null) {
      throw new ApiError('conflict', new NoActivationCode(Sid, profile).message);
    }
    const body = render(profile.activation_code, format, query.Size ?? QR_SIZE.otherwise);
    return {
      status: 200,
      body,
      etag: etagOf(body),
      contentType: MEDIA_TYPES[format],
      headers: {
        Vary: 'Accept',
        'Cache-Control': 'private, max-age=0, must-revalidate',
        'Content-Disposition': `inline; filename="${profile.sid}.${format}"`,
        'X-Content-Type-Options': 'nosniff',
      },
    };
  },
});

/** Throws `ApiError` 406. */
function formatFor(accept: string | undefined): QrFormat {
  const types = QR_FORMATS.map((format) => MEDIA_TYPES[format]);
  const type = preferredType(accept, types);
  const format = QR_FORMATS.find((candidate) => MEDIA_TYPES[candidate] === type);
  if (format !== undefined) return format;
  throw new ApiError('notAcceptable', `Expected Accept to allow ${types.join(' or ')}`);
}

/** Throws `ApiError` 400. */
function render(activationCode: string, format: QrFormat, size: number): string | Buffer {
  const modules = qrModules(activationCode);
  if (format === 'svg') return qrSvg(modules, size);
  const least = qrSpan(modules);
  if (size >= least) return qrPng(modules, size);
  throw new ApiError(
    'invalidParameter',
    `Invalid parameter Size: expected at least ${least} for this code as PNG; got ${size}`,
  );
}
