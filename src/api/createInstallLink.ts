import { Type } from 'typebox';
import {
  createInstallLink as createLink,
  InstallLinkRefused,
  installPageUrl,
  LINK_LIFETIME,
  LINKS_PER_PROFILE,
} from '../operator/install/install-link.ts';
import type { LinkEnd } from '../operator/install/install-link.ts';
import { renderInstallLink } from '../operator/install/resource.ts';
import { NoActivationCode } from '../operator/qr/qr-labels.ts';
import { parseDate } from '../values/date.ts';
import { ref } from './answer-schemas.ts';
import { ApiError, notFound } from './api-error.ts';
import { LINKS_PATH, linksPathOf } from './install-link-paths.ts';
import { operation } from './operation.ts';
import { SidParams } from './parameter-schemas.ts';

const { leastMs, mostMs, otherwiseMs } = LINK_LIFETIME;

/**
 * `POST /v1/ESimProfiles/{Sid}/InstallLinks`: ours. No Idempotency-Key: replaying the response would require storing the
 * token.
 */
export const createInstallLink = operation({
  operationId: 'CreateInstallLink',
  method: 'POST',
  path: LINKS_PATH,
  tag: 'Installing',
  need: 'orders',
  summary: 'Create an install link',
  description:
    'Ours: a link to a page with which a person installs the eSIM Profile, without signing in. Whoever has the link can ' +
    'install the profile; its URL is shown only once. It may be made as soon as the profile is ordered with a matching ' +
    `ID. A profile has at most ${LINKS_PER_PROFILE}; expired and revoked ones make room.`,
  params: SidParams,
  body: Type.Object({
    ExpiresAt: Type.Optional(
      Type.String({
        format: 'date-or-date-time',
        title: 'a date such as 2026-11-23 or a date-time such as 2026-11-23T12:00:00Z',
        description: 'When the link ends, at most 90 days from now.',
      }),
    ),
    ExpiresIn: Type.Optional(
      Type.Integer({
        minimum: leastMs / 1000,
        maximum: mostMs / 1000,
        default: otherwiseMs / 1000,
        description: 'Instead of ExpiresAt: after how many seconds it ends.',
      }),
    ),
  }),
  answerHeaders: { 'Cache-Control': 'Keeps caches from storing the URL.' },
  responses: {
    201: { description: 'The link, with the URL of its page.', schema: ref('NewInstallLink') },
  },
  errors: {
    409: 'The eSIM Profile has no activation code that can be used, now or later, or too many links.',
  },
  async handle({ caller, params: { Sid }, body }, { transact, now, publicUrl }) {
    const end = endOf(body);
    const { link, token } = await transact((unit) =>
      createLink(caller.accountSid, Sid, end, unit),
    ).catch((error: unknown) => {
      throw toApiError(error, Sid);
    });
    return {
      status: 201,
      body: JSON.stringify({
        ...renderInstallLink(link, now(), publicUrl),
        page_url: installPageUrl(publicUrl, token),
      }),
      headers: { 'Cache-Control': 'no-store' },
    };
  },
});

/** Throws `ApiError` 400. */
function endOf({
  ExpiresAt,
  ExpiresIn,
}: {
  ExpiresAt?: string;
  ExpiresIn?: number;
}): LinkEnd | undefined {
  if (ExpiresAt !== undefined && ExpiresIn !== undefined) {
    throw new ApiError('invalidParameter', 'Expected ExpiresAt or ExpiresIn; got both');
  }
  if (ExpiresAt !== undefined) return { at: parseDate(ExpiresAt)! };
  return ExpiresIn === undefined ? undefined : { inMs: ExpiresIn * 1000 };
}

function toApiError(error: unknown, sid: string): unknown {
  if (error instanceof NoActivationCode) {
    if (error.row === undefined) return notFound(linksPathOf(sid));
    return new ApiError('conflict', error.message);
  }
  if (!(error instanceof InstallLinkRefused)) return error;
  return error.what === 'count'
    ? new ApiError('conflict', error.message)
    : new ApiError('invalidParameter', `Invalid parameter ExpiresAt: ${error.message}`);
}
