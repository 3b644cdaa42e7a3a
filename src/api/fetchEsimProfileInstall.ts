import { renderInstall } from '../operator/install/resource.ts';
import { NoActivationCode, usableActivationCode } from '../operator/qr/qr-labels.ts';
import { ref } from './answer-schemas.ts';
import { ApiError, notFound } from './api-error.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { SidParams } from './parameter-schemas.ts';

/** `GET /v1/ESimProfiles/{Sid}/Install`: ours. Not part of the eSIM Profile, whose list is the hot path. */
export const fetchEsimProfileInstall = operation({
  operationId: 'FetchEsimProfileInstall',
  method: 'GET',
  path: '/v1/ESimProfiles/:Sid/Install',
  tag: 'Installing',
  summary: 'Fetch what a person needs to install an eSIM Profile',
  description:
    'Ours: the parts of the activation code, and links that open the installer of the phone on which they are ' +
    'tapped. `apple_url` works from iOS 17.4. `android_url` is a convention that many phones follow and Google does not ' +
    'document: always offer the QR code beside it. Windows opens `lpa` as a link from 11 24H2.',
  params: SidParams,
  responses: {
    200: { description: 'What to show or send to the person.', schema: ref('Install') },
  },
  answerHeaders: { 'Cache-Control': 'Makes a browser revalidate each time.' },
  errors: {
    409: 'The eSIM Profile has no activation code, not yet, or one that can no longer be used.',
  },
  async handle({ caller, params: { Sid } }, { store, publicUrl }) {
    const profile = await store.esimProfiles.find(caller.accountSid, Sid);
    if (profile === undefined) throw notFound(`/v1/ESimProfiles/${Sid}/Install`);
    const body = JSON.stringify(renderInstall(profile, codeOf(Sid, profile), publicUrl));
    const headers = { 'Cache-Control': 'private, max-age=0, must-revalidate' };
    return { status: 200, body, etag: etagOf(body), headers };
  },
});

/** Throws `ApiError` 409. */
function codeOf(...[sid, profile]: Parameters<typeof usableActivationCode>): string {
  try {
    return usableActivationCode(sid, profile);
  } catch (error) {
    if (error instanceof NoActivationCode) throw new ApiError('conflict', error.message);
    throw error;
  }
}
