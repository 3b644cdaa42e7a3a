import { Type } from 'typebox';
import { renderInstallLink } from '../operator/install/resource.ts';
import { listOf } from './answer-schemas.ts';
import { notFound } from './api-error.ts';
import { etagOf } from './etag.ts';
import { LINKS_PATH, linksPathOf } from './install-link-paths.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { paging, SidParams } from './parameter-schemas.ts';

/** `GET /v1/ESimProfiles/{Sid}/InstallLinks`: ours. */
export const listInstallLink = operation({
  operationId: 'ListInstallLink',
  method: 'GET',
  path: LINKS_PATH,
  tag: 'Installing',
  summary: 'List the install links of an eSIM Profile',
  description:
    'Ours: newest first, including revoked ones, and expired ones for a month, without the URLs of their pages.',
  params: SidParams,
  query: Type.Object(paging),
  responses: { 200: { description: 'A page.', schema: listOf('install_links', 'InstallLink') } },
  async handle({ caller, params: { Sid }, query }, { store, now, publicUrl }) {
    const path = linksPathOf(Sid);
    const { accountSid } = caller;
    const request = parsePageRequest(path, 'IL', {}, query);
    const profile = await store.esimProfiles.find(accountSid, Sid);
    if (profile === undefined) throw notFound(path);
    const page = await store.installLinkPages(
      { account_sid: accountSid, esim_profile_sid: Sid },
      request.position,
      request.size,
    );
    const records = page.rows.map((row) =>
      JSON.stringify(renderInstallLink(row, now(), publicUrl)),
    );
    const body = renderPage('install_links', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
