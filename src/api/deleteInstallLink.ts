import { revokeInstallLink } from '../operator/install/install-link.ts';
import { notFound } from './api-error.ts';
import { LINK_PATH, LinkParams, linksPathOf } from './install-link-paths.ts';
import { operation } from './operation.ts';

/** `DELETE /v1/ESimProfiles/{Sid}/InstallLinks/{LinkSid}`: ours. */
export const deleteInstallLink = operation({
  operationId: 'DeleteInstallLink',
  method: 'DELETE',
  path: LINK_PATH,
  tag: 'Installing',
  need: 'orders',
  summary: 'Revoke an install link',
  description:
    'Ours: its page is gone at once, permanently; the profile and its activation code stay as they are. The link stays in ' +
    'the list. Revoking it again has no effect.',
  params: LinkParams,
  responses: { 204: { description: 'The link is revoked.', empty: true } },
  async handle({ caller, params: { Sid, LinkSid } }, { transact }) {
    const revoked = await transact((unit) =>
      revokeInstallLink(caller.accountSid, Sid, LinkSid, unit),
    );
    if (revoked === undefined) throw notFound(`${linksPathOf(Sid)}/${LinkSid}`);
    return { status: 204, body: '' };
  },
});
