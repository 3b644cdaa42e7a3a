// The columns of exported files: the fields of the API's resources. New ones are added at the end, so that whoever reads
// by position is not surprised.

/** `metadata` is JSON. */
export const ESIM_PROFILE_COLUMNS = [
  'sid',
  'account_sid',
  'iccid',
  'sim_sid',
  'status',
  'eid',
  'smdp_plus_address',
  'matching_id',
  'activation_code',
  'error_code',
  'error_message',
  'date_created',
  'date_updated',
  'url',
  'expires_at',
  'replaces_sid',
  'replaced_by_sid',
  'profile_type',
  'friendly_name',
  'metadata',
  'batch_sid',
] as const;

export const SIM_COLUMNS = [
  'sid',
  'account_sid',
  'unique_name',
  'status',
  'fleet_sid',
  'iccid',
  'date_created',
  'date_updated',
  'url',
] as const;

/** `parameters` and `attempts` are JSON. */
export const CALLBACK_COLUMNS = [
  'sid',
  'account_sid',
  'esim_profile_sid',
  'sim_sid',
  'callback_url',
  'callback_method',
  'parameters',
  'state',
  'attempts',
  'next_attempt_at',
  'date_created',
  'date_settled',
  'url',
  'batch_sid',
  'stock_threshold_sid',
  'euicc_sid',
  'bulk_operation_sid',
] as const;
