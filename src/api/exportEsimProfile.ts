import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { ESIM_PROFILE_COLUMNS } from '../operator/export/export-columns.ts';
import { EXPORT_FORMATS } from '../operator/export/export-file.ts';
import {
  INTUNE_LIMIT,
  INTUNE_STATUS,
  intuneFile,
  intuneFilter,
  NotForIntune,
} from '../operator/export/intune.ts';
import type { IntuneFile } from '../operator/export/intune.ts';
import { walk } from '../operator/export/walk.ts';
import type { Walk } from '../operator/export/walk.ts';
import { findEsimProfiles } from '../operator/find-esim-profiles.ts';
import type { EsimProfileFilter } from '../operator/find-esim-profiles.ts';
import { withBaseUrl } from '../operator/resource.ts';
import { createdBetween } from '../values/sid.ts';
import { EXAMPLES } from './answer-examples.ts';
import { ApiError } from './api-error.ts';
import {
  esimProfileFilter,
  parseEsimProfileFilter,
  sidFilter,
  toSearchError,
} from './esim-profile-filter.ts';
import {
  EXPORT_HEADERS,
  exportAnswer,
  exportParameters,
  exportResponse,
  fileHeaders,
  FORMAT_DESCRIPTION,
  formatParameter,
} from './export-answer.ts';
import { operation } from './operation.ts';
import type { Answer } from './operation.ts';
import { nextUrl, parsePageRequest } from './page.ts';
import type { PageRequest } from './page.ts';

const PATH = '/v1/ESimProfiles/Export';
const INTUNE_DESCRIPTION =
  ' `intune`: what Microsoft Intune imports, the host of the SM-DP+ and then ICCID and matching ID, of the profiles that ' +
  `are ${INTUNE_STATUS} and need no confirmation code; ${INTUNE_LIMIT} per file.`;

/** `GET /v1/ESimProfiles/Export`: ours. A filtered list of any length as a file. */
export const exportEsimProfile = operation({
  operationId: 'ExportEsimProfile',
  method: 'GET',
  path: PATH,
  tag: 'eSIM Profiles',
  summary: 'Export eSIM Profiles',
  description:
    'Ours: the eSIM Profiles that ListEsimProfile lists with the same filters, as one file of any length, newest ' +
    'first. None that is created meanwhile is in it, and each is as it was when its part of the list was read. Counted ' +
    'apart from other requests.',
  streams: 'exports',
  query: Type.Object({
    Format: formatParameter([...EXPORT_FORMATS, 'intune'], FORMAT_DESCRIPTION + INTUNE_DESCRIPTION),
    ...exportParameters(ESIM_PROFILE_COLUMNS),
    ...esimProfileFilter(),
    Sid: sidFilter('Only these profiles; repeated or separated by commas.'),
    SmdpPlusAddress: Type.Optional(
      Type.String({ description: 'With `intune`: only profiles of this SM-DP+.' }),
    ),
    PageToken: Type.Optional(
      Type.String({ description: 'With `intune`: provided by the API, in `Link`.' }),
    ),
  }),
  responses: { 200: exportResponse(ESIM_PROFILE_COLUMNS, EXAMPLES.EsimProfile) },
  answerHeaders: {
    ...EXPORT_HEADERS,
    Link: 'With `intune`: URL of the next file (`rel="next"`), if there are more profiles.',
    'Left-Out': 'With `intune`: how many profiles it cannot use.',
  },
  errors: { 409: 'The profiles cannot be in one file for Intune.' },
  async handle({ caller: { accountSid }, query }, { store, publicUrl, now }) {
    const { columns, conditions, after, before, filters } = parseEsimProfileFilter(query);
    const bounds = createdBetween('esimProfile', after, before);
    const given: EsimProfileFilter = { accountSid, columns, ...conditions, sids: query.Sid };
    async function* pages(from: Walk, filter = given): AsyncGenerator<string[]> {
      const found = walk(
        (position, size) => findEsimProfiles(filter, position, size, bounds, store),
        from,
      );
      try {
        for await (const rows of found) {
          yield rows.map(({ resource }) => withBaseUrl(resource, publicUrl));
        }
      } catch (error) {
        throw toSearchError(error);
      }
    }
    const { Format, SmdpPlusAddress, ...others } = query;
    if (Format === 'intune') {
      const request = parsePageRequest(PATH, 'HP', { Format, ...filters, SmdpPlusAddress }, query);
      const from = parseStart(request);
      const file = await makeIntuneFile(() =>
        intuneFile(pages({ after: from }, intuneFilter(given)), SmdpPlusAddress),
      );
      return intuneAnswer(file, request, { now, publicUrl });
    }
    return exportAnswer(
      { ...others, ...(Format === undefined ? {} : { Format }) },
      {
        name: 'esim-profiles',
        columns: ESIM_PROFILE_COLUMNS,
        pages: (signal) => pages({ signal }),
      },
      { now },
    );
  },
});

/** The SID after which a file begins. Throws `ApiError`. */
function parseStart({ position }: PageRequest): string | undefined {
  if (position.kind === 'newer') throw new ApiError('invalidPageToken', 'Invalid PageToken');
  return position.kind === 'older' ? position.than : undefined;
}

async function makeIntuneFile(make: () => Promise<IntuneFile>): Promise<IntuneFile> {
  try {
    return await make();
  } catch (error) {
    throw error instanceof NotForIntune ? new ApiError('conflict', error.message) : error;
  }
}

function intuneAnswer(
  { text, leftOut, last }: IntuneFile,
  request: PageRequest,
  { now, publicUrl }: Pick<Context, 'now' | 'publicUrl'>,
): Answer {
  const next = last && `<${nextUrl(request, `PA${last}`, publicUrl)}>; rel="next"`;
  return {
    status: 200,
    body: text,
    contentType: 'text/csv; charset=utf-8; header=absent',
    headers: {
      ...fileHeaders('intune', 'csv', now()),
      'Cache-Control': 'no-store',
      'Left-Out': String(leftOut),
      ...(next === undefined ? {} : { Link: next }),
    },
  };
}
