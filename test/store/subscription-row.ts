import type { SubscriptionRow } from '../../src/store/schema.ts';

/** A subscription in stock, as stored. */
export const subscriptionRow = (
  fields: Pick<SubscriptionRow, 'account_sid' | 'iccid'> & Partial<SubscriptionRow>,
): SubscriptionRow => ({
  imsi: '001010000000001',
  msisdn: null,
  profile_type: 'default',
  state: 'Available',
  eid: null,
  matching_id: null,
  ordered_by: null,
  smds: null,
  operator_sid: null,
  requests: null,
  date_released: null,
  ended_reason: null,
  known_absent: 0,
  held_since: null,
  order_number: 0,
  secrets: 'sealed',
  confirmation_code: null,
  confirmation_code_attempts: 0,
  download_attempts: 0,
  euicc_otpk: null,
  smdp_otsk: null,
  date_created: '2026-11-23T12:00:00.000Z',
  date_updated: '2026-11-23T12:00:00.000Z',
  ...fields,
});
