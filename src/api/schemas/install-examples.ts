// Examples of what leads people to the installation of a profile.
import { ACCOUNT_SID, BASE, LINK_SID, PROFILE_SID } from './example-values.ts';

const installLink = {
  sid: LINK_SID,
  account_sid: ACCOUNT_SID,
  esim_profile_sid: PROFILE_SID,
  state: 'active',
  date_created: '2026-11-23T15:07:59Z',
  date_expires: '2026-11-30T15:07:59Z',
  date_revoked: null,
  url: `${BASE}/v1/ESimProfiles/${PROFILE_SID}/InstallLinks/${LINK_SID}`,
};

export const INSTALL_EXAMPLES = {
  Install: {
    esim_profile_sid: PROFILE_SID,
    account_sid: ACCOUNT_SID,
    status: 'available',
    lpa: 'LPA:1$localhost:8443$7EXRN-B8TR2-PWL7L-93BJU-AXSWY',
    smdp_plus_address: 'localhost:8443',
    matching_id: '7EXRN-B8TR2-PWL7L-93BJU-AXSWY',
    confirmation_code_required: false,
    apple_url:
      'https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=LPA%3A1%24localhost%3A8443%247EXRN-B8TR2-PWL7L-93BJU-AXSWY',
    android_url:
      'https://esimsetup.android.com/esim_qrcode_provisioning?carddata=LPA%3A1%24localhost%3A8443%247EXRN-B8TR2-PWL7L-93BJU-AXSWY',
    url: `${BASE}/v1/ESimProfiles/${PROFILE_SID}/Install`,
    links: {
      qr_code: `${BASE}/v1/ESimProfiles/${PROFILE_SID}/QrCode`,
      install_links: `${BASE}/v1/ESimProfiles/${PROFILE_SID}/InstallLinks`,
    },
  },
  InstallLink: installLink,
  NewInstallLink: { ...installLink, page_url: `${BASE}/i/jfv7qd8m2xkp5wzb9ct4hn6rya` },
  Brand: {
    account_sid: ACCOUNT_SID,
    name: 'Example Mobile',
    accent_color: '#0b6e4f',
    support_text: 'Questions? Ask us',
    support_url: 'mailto:help@example.com',
    logo: null,
    date_updated: '2026-11-23T15:07:59Z',
    url: `${BASE}/v1/Account/Brand`,
  },
};
