import { Type } from 'typebox';
import { ESIM_PROFILE_COLUMNS } from '../operator/export/export-columns.ts';
import { EXPORT_FORMATS } from '../operator/export/export-file.ts';
import { walk } from '../operator/export/walk.ts';
import { findEsimProfiles } from '../operator/find-esim-profiles.ts';
import { withBaseUrl } from '../operator/resource.ts';
import { createdBetween } from '../values/sid.ts';
import { EXAMPLES } from './answer-examples.ts';
import { esimProfileFilter, parseEsimProfileFilter, toSearchError } from './esim-profile-filter.ts';
import {
  EXPORT_HEADERS,
  exportAnswer,
  exportParameters,
  exportResponse,
  FORMAT_DESCRIPTION,
  formatParameter,
} from './export-answer.ts';
import { operation } from './operation.ts';

/** `GET /v1/ESimProfiles/Export`: ours. A filtered list of any length as a file. */
export const exportEsimProfile = operation({
  operationId: 'ExportEsimProfile',
  method: 'GET',
  path: '/v1/ESimProfiles/Export',
  tag: 'eSIM Profiles',
  summary: 'Export eSIM Profiles',
  description:
    'Ours: the eSIM Profiles that ListEsimProfile lists with the same filters, as one file of any length, newest ' +
    'first. None that is created meanwhile is in it, and each is as it was when its part of the list was read. Counted ' +
    'apart from other requests.',
  streams: 'exports',
  query: Type.Object({
    Format: formatParameter(EXPORT_FORMATS, FORMAT_DESCRIPTION),
    ...exportParameters(ESIM_PROFILE_COLUMNS),
    ...esimProfileFilter(),
  }),
  responses: { 200: exportResponse(ESIM_PROFILE_COLUMNS, EXAMPLES.EsimProfile) },
  answerHeaders: EXPORT_HEADERS,
  async handle({ caller: { accountSid }, query }, { store, publicUrl, now }) {
    const { columns, search, after, before } = parseEsimProfileFilter(query);
    const bounds = createdBetween('esimProfile', after, before);
    const filter = { accountSid, columns, search };
    async function* pages(signal: AbortSignal): AsyncGenerator<string[]> {
      const found = walk(
        (position, size) => findEsimProfiles(filter, position, size, bounds, store),
        { signal },
      );
      try {
        for await (const rows of found) {
          yield rows.map(({ resource }) => withBaseUrl(resource, publicUrl));
        }
      } catch (error) {
        throw toSearchError(error);
      }
    }
    const list = { name: 'esim-profiles', columns: ESIM_PROFILE_COLUMNS, pages };
    return exportAnswer(query, list, { now });
  },
});
