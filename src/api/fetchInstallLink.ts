import { renderInstallLink } from '../operator/install/resource.ts';
import { ref } from './answer-schemas.ts';
import { notFound } from './api-error.ts';
import { etagOf } from './etag.ts';
import { LINK_PATH, LinkParams, linksPathOf } from './install-link-paths.ts';
import { operation } from './operation.ts';

/** `GET /v1/ESimProfiles/{Sid}/InstallLinks/{LinkSid}`: ours. */
export const fetchInstallLink = operation({
  operationId: 'FetchInstallLink',
  method: 'GET',
  path: LINK_PATH,
  tag: 'Installing',
  summary: 'Fetch an install link',
  description: 'Ours: an install link, without the URL of its page.',
  params: LinkParams,
  responses: { 200: { description: 'The link.', schema: ref('InstallLink') } },
  async handle({ caller, params: { Sid, LinkSid } }, { store, now, publicUrl }) {
    const link = await store.installLinks.find(caller.accountSid, Sid, LinkSid);
    if (link === undefined) throw notFound(`${linksPathOf(Sid)}/${LinkSid}`);
    const body = JSON.stringify(renderInstallLink(link, now(), publicUrl));
    return { status: 200, body, etag: etagOf(body) };
  },
});
