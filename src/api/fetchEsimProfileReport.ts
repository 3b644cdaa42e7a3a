import { Type } from 'typebox';
import { profileReport } from '../operator/report/profile-report.ts';
import { deviceReport } from '../smdp/report/device-report.ts';
import { VERSION } from '../version.ts';
import { ref } from './answer-schemas.ts';
import { notFound } from './api-error.ts';
import { fileHeaders } from './export-answer.ts';
import { operation } from './operation.ts';
import { SidParams } from './parameter-schemas.ts';

/** `GET /v1/ESimProfiles/{Sid}/Report`: ours. Everything about one profile, to send to the maker of a device. */
export const fetchEsimProfileReport = operation({
  operationId: 'FetchEsimProfileReport',
  method: 'GET',
  path: '/v1/ESimProfiles/:Sid/Report',
  tag: 'eSIM Profiles',
  summary: 'Fetch a report on an eSIM Profile',
  description:
    'Ours: the order, its events, the outcome of its callbacks, every ES9+ call with its messages, decoded and as bytes, ' +
    'and the certificates of both sides, as one file for the maker of a device. Without secrets; activation codes ' +
    'are replaced by asterisks unless asked for.',
  params: SidParams,
  query: Type.Object({
    ActivationCodes: Type.Optional(
      Type.Boolean({
        description:
          'Shows matching IDs and activation codes; the signatures over messages that contain them can then be verified.',
      }),
    ),
  }),
  responses: { 200: { description: 'The report.', schema: ref('ProfileReport') } },
  answerHeaders: {
    'Cache-Control': 'Keeps caches from storing the file.',
    'Content-Disposition': 'A file name with the time of the report.',
    'X-Content-Type-Options': 'Keeps browsers from guessing another type.',
  },
  async handle({ caller, params, query }, { store, pki, config, publicUrl, now }) {
    const { Sid } = params;
    const profile = await store.esimProfiles.find(caller.accountSid, Sid);
    if (profile === undefined) throw notFound(`/v1/ESimProfiles/${Sid}/Report`);
    const about = { accountSid: caller.accountSid, order: Sid };
    const report = await profileReport(
      profile,
      await deviceReport(about, pki.certificates, store),
      {
        activationCodes: query.ActivationCodes ?? false,
        publicUrl,
        now: now(),
        server: { version: VERSION, smdp_plus_address: config.smdpAddress },
      },
      store,
    );
    return {
      status: 200,
      body: `${JSON.stringify(report, null, 2)}\n`,
      headers: { ...fileHeaders(Sid, 'json', now()), 'Cache-Control': 'no-store' },
    };
  },
});
