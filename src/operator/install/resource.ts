// Renders what concerns installing as JSON for clients.
import type { BrandRow, EsimProfileRow, InstallLinkRow } from '../../store/schema.ts';
import { apiDate } from '../../values/date.ts';
import { activationOf } from './activation.ts';
import { logoUrl } from './brand.ts';
import { stateOf } from './install-link.ts';

export function renderInstall(profile: EsimProfileRow, activationCode: string, publicUrl: string) {
  const activation = activationOf(activationCode);
  const url = `${publicUrl}/v1/ESimProfiles/${profile.sid}`;
  return {
    esim_profile_sid: profile.sid,
    account_sid: profile.account_sid,
    status: profile.status,
    lpa: activation.lpa,
    smdp_plus_address: activation.smdpAddress,
    matching_id: activation.matchingId,
    confirmation_code_required: activation.confirmationCodeRequired,
    apple_url: activation.appleUrl,
    android_url: activation.androidUrl,
    url: `${url}/Install`,
    links: { qr_code: `${url}/QrCode`, install_links: `${url}/InstallLinks` },
  };
}

/** Without the URL of its page, which is shown only when the link is made. */
export function renderInstallLink(row: InstallLinkRow, now: Date, publicUrl: string) {
  return {
    sid: row.sid,
    account_sid: row.account_sid,
    esim_profile_sid: row.esim_profile_sid,
    state: stateOf(row, now),
    date_created: apiDate(new Date(row.date_created)),
    date_expires: apiDate(new Date(row.date_expires)),
    date_revoked: row.date_revoked === null ? null : apiDate(new Date(row.date_revoked)),
    url: `${publicUrl}/v1/ESimProfiles/${row.esim_profile_sid}/InstallLinks/${row.sid}`,
  };
}

/** @param row undefined: nothing has been set */
export function renderBrand(accountSid: string, row: BrandRow | undefined, publicUrl: string) {
  return {
    account_sid: accountSid,
    name: row?.name ?? null,
    accent_color: row?.accent_color ?? null,
    support_text: row?.support_text ?? null,
    support_url: row?.support_url ?? null,
    logo: (row && logoUrl(row)) ?? null,
    date_updated: row === undefined ? null : apiDate(new Date(row.date_updated)),
    url: `${publicUrl}/v1/Account/Brand`,
  };
}
