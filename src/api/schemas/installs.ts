// Schemas of what leads people to the installation of a profile.
import { USABLE_STATUSES } from '../../operator/qr/qr-labels.ts';
import { Type } from 'typebox';
import { date, nullable, oneOf, sid, url } from './values.ts';

export const Install = Type.Object(
  {
    esim_profile_sid: sid('HP'),
    account_sid: sid('AC'),
    status: oneOf(USABLE_STATUSES, '`downloaded`: only for the device that has downloaded it.'),
    lpa: Type.String({ description: '`LPA:` and the activation code, as in the QR code.' }),
    smdp_plus_address: Type.String({ description: 'To be entered by hand.' }),
    matching_id: Type.String({
      description: 'To be entered by hand: phones call it activation code.',
    }),
    confirmation_code_required: Type.Boolean({
      description: 'Whether the device will ask for the confirmation code.',
    }),
    apple_url: Type.String({
      format: 'uri',
      description: 'Tapped on an iPhone or iPad, from iOS 17.4, it begins the installation.',
    }),
    android_url: Type.String({
      format: 'uri',
      description: 'The same for Android, by convention: not all devices follow it.',
    }),
    url: url(),
    links: Type.Object({ qr_code: url(), install_links: url() }),
  },
  { $id: 'Install', title: 'How an eSIM Profile is installed' },
);

const installLinkFields = {
  sid: sid('IL'),
  account_sid: sid('AC'),
  esim_profile_sid: sid('HP'),
  state: oneOf(['active', 'expired', 'revoked'], 'Only an active link has a page.'),
  date_created: date(),
  date_expires: date(),
  date_revoked: nullable(date()),
  url: url(),
};

export const InstallLink = Type.Object(installLinkFields, {
  $id: 'InstallLink',
  title: 'Install link',
});

export const NewInstallLink = Type.Object(
  {
    ...installLinkFields,
    page_url: Type.String({ format: 'uri', description: 'The page to send. Shown only once.' }),
  },
  { $id: 'NewInstallLink', title: 'Install link with the URL of its page' },
);

export const Brand = Type.Object(
  {
    account_sid: sid('AC'),
    name: nullable(Type.String()),
    accent_color: nullable(Type.String({ pattern: '^#[0-9a-f]{6}$' })),
    support_text: nullable(Type.String()),
    support_url: nullable(Type.String()),
    logo: nullable(Type.String({ description: 'A `data:` URL of the image.' })),
    date_updated: nullable(date()),
    url: url(),
  },
  { $id: 'Brand', title: 'Brand of the account' },
);
