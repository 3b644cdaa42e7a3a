// A subscription: the identity and the keys in a profile. Secrets are stored sealed.
import type { MasterKey } from '../../process/keys.ts';
import type { OtaAlgorithm } from '../../saip/subscription.ts';
import type { SubscriptionRow } from '../../store/schema.ts';
import { apiDate } from '../../values/date.ts';
import { NO_ORDER } from '../profile-state.ts';
import type { OtaKeyName } from './stock-fields.ts';

/** The subscription's OTA keys for the security domain (TS 102 225), by set. */
type OtaKeys = Partial<Record<OtaKeyName, string>>;

/** Keys as upper-case hex; codes as decimal digits. */
export interface SubscriptionSecrets extends OtaKeys {
  ki: string;
  /** For Milenage; absent with TUAK. */
  opc?: string;
  /** TS 35.231: for TUAK, 32 bytes. */
  topc?: string;
  pin1?: string;
  puk1?: string;
  pin2?: string;
  puk2?: string;
  adm1?: string;
}

export interface Subscription {
  iccid: string;
  imsi: string;
  msisdn?: string;
  /** Access control class (TS 31.102 EF.ACC), 4 hexadecimal digits; by default, from the last digit of the IMSI. */
  acc?: string;
  /** Length of the MNC in the IMSI; by default, by the MCC, see mnc-length.ts. */
  mncLength?: 2 | 3;
  /** Algorithm of its OTA keys; by default, that of the template. */
  otaAlgorithm?: OtaAlgorithm;
  profileType: string;
  secrets: SubscriptionSecrets;
}

export const DEFAULT_PROFILE_TYPE = 'default';

export const secretsPlace = (accountSid: string, iccid: string) =>
  `subscriptions.secrets ${accountSid} ${iccid}`;

export function toRow(
  subscription: Subscription,
  accountSid: string,
  masterKey: MasterKey,
  now: Date,
): SubscriptionRow {
  const { iccid, acc, mncLength, otaAlgorithm, secrets } = subscription;
  return {
    account_sid: accountSid,
    iccid,
    imsi: subscription.imsi,
    msisdn: subscription.msisdn ?? null,
    profile_type: subscription.profileType,
    state: 'Available',
    order_number: 0,
    ...NO_ORDER,
    requests: null,
    held_since: null,
    secrets: masterKey.seal(
      JSON.stringify({ ...secrets, acc, mncLength, otaAlgorithm }),
      secretsPlace(accountSid, iccid),
    ),
    date_created: apiDate(now),
    date_updated: apiDate(now),
  };
}

/** Throws `SealError` if the row was sealed with another master key. */
export function fromRow(row: SubscriptionRow, masterKey: MasterKey): Subscription {
  const { acc, mncLength, otaAlgorithm, ...secrets } = JSON.parse(
    masterKey.open(row.secrets, secretsPlace(row.account_sid, row.iccid)),
  ) as SubscriptionSecrets & Pick<Subscription, 'acc' | 'mncLength' | 'otaAlgorithm'>;
  return {
    iccid: row.iccid,
    imsi: row.imsi,
    ...(row.msisdn === null ? {} : { msisdn: row.msisdn }),
    ...(acc === undefined ? {} : { acc }),
    ...(mncLength === undefined ? {} : { mncLength }),
    ...(otaAlgorithm === undefined ? {} : { otaAlgorithm }),
    profileType: row.profile_type,
    secrets,
  };
}
