// What the processes of a server share.

export interface SettingRow {
  name: string;
  value: string;
}

/**
 * Where tables are spread by account: an account in which there may be something with a value. It stays when that is gone.
 */
export interface WhereaboutsRow {
  kind: 'matching ID' | 'EID' | 'ICCID' | 'install link' | 'RSP transaction';
  value: string;
  /** Empty where only one account can have the value, otherwise the account; of an RSP transaction, the EID. */
  holder: string;
  account_sid: string;
  date_created: string;
}

/** A process that has the database open and serves, and which master keys it has. */
export interface KeyHolderRow {
  id: string;
  /** For people: host and process id. */
  process: string;
  /** Separated by spaces. */
  key_ids: string;
  seals_with: string;
  date_seen: string;
}

export interface ServerTables {
  key_holders: KeyHolderRow;
  whereabouts: WhereaboutsRow;
  settings: SettingRow;
}
