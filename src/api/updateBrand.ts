import type { Static } from 'typebox';
import { Type } from 'typebox';
import {
  BRAND_TEXT_LIMIT,
  BrandRefused,
  changeBrand,
  logoOf,
  SUPPORT_URL_LIMIT,
} from '../operator/install/brand.ts';
import type { BrandChange } from '../operator/install/brand.ts';
import { LOGO_LIMIT, LOGO_SIDE_LIMIT } from '../operator/install/logo.ts';
import { renderBrand } from '../operator/install/resource.ts';
import { ref } from './answer-schemas.ts';
import { ApiError } from './api-error.ts';
import { BRAND_PATH } from './fetchBrand.ts';
import { operation } from './operation.ts';

const Body = Type.Object({
  Name: Type.Optional(
    Type.String({
      description: `Shown in the head of the page, unless there is a logo; at most ${BRAND_TEXT_LIMIT} characters.`,
    }),
  ),
  AccentColor: Type.Optional(
    Type.String({
      description: 'Of the buttons, as `#rrggbb`. The text on them is black or white accordingly.',
    }),
  ),
  SupportText: Type.Optional(
    Type.String({
      description: `Whom to ask, in the foot of the page; at most ${BRAND_TEXT_LIMIT} characters.`,
    }),
  ),
  SupportUrl: Type.Optional(
    Type.String({
      description: `Where SupportText leads: https, mailto or tel; at most ${SUPPORT_URL_LIMIT} characters.`,
    }),
  ),
  Logo: Type.Optional(
    Type.String({
      description:
        `A PNG or JPEG image in base64, or as a data URL; at most ${LOGO_LIMIT / 1024} KiB and ${LOGO_SIDE_LIMIT} pixels ` +
        'per side.',
    }),
  ),
});

type Part = keyof Static<typeof Body>;

/** `POST /v1/Account/Brand`: ours. */
export const updateBrand = operation({
  operationId: 'UpdateBrand',
  method: 'POST',
  path: BRAND_PATH,
  tag: 'Installing',
  summary: 'Set the brand of the account',
  description:
    'Ours: how the install pages of the account look. What is not given stays as it is; empty removes it.',
  body: Body,
  mayBeEmpty: ['Name', 'AccentColor', 'SupportText', 'SupportUrl', 'Logo'],
  responses: { 200: { description: 'The brand.', schema: ref('Brand') } },
  async handle({ caller: { accountSid }, body }, { transact, publicUrl }) {
    const row = await transact((unit) => changeBrand(accountSid, changeOf(body), unit)).catch(
      (error: unknown) => {
        throw toApiError(error);
      },
    );
    return { status: 200, body: JSON.stringify(renderBrand(accountSid, row, publicUrl)) };
  },
});

/** An empty text removes a value. */
function changeOf(body: Static<typeof Body>): BrandChange {
  const text = (name: Part) => (body[name] === undefined ? undefined : body[name] || null);
  const logo = text('Logo');
  return {
    name: text('Name'),
    accentColor: text('AccentColor'),
    supportText: text('SupportText'),
    supportUrl: text('SupportUrl'),
    logo: typeof logo === 'string' ? logoOf(logo) : logo,
  };
}

const PARAMETERS: Record<keyof BrandChange, Part> = {
  name: 'Name',
  accentColor: 'AccentColor',
  supportText: 'SupportText',
  supportUrl: 'SupportUrl',
  logo: 'Logo',
};

function toApiError(error: unknown): unknown {
  if (!(error instanceof BrandRefused)) return error;
  const message = `Invalid parameter ${PARAMETERS[error.what]}: ${error.message}`;
  return new ApiError('invalidParameter', message);
}
