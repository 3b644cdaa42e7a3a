// The audit log.

/** What was done by one caller in one transaction. Rows are only ever added. */
export interface AuditEntryRow {
  /** Empty: of the server, and of no account. */
  account_sid: string;
  sid: string;
  /** Of the API or the command line, by its own name. */
  operation: string;
  /** Who: SID of an account, key or operator, `USER@HOST`, or `server`. */
  actor: string;
  /** SID, ICCID or name of what was changed; null: several. */
  subject: string | null;
  /** JSON of the whole entry, these columns included: what is sealed. */
  entry: string;
  /** HMAC of `entry`, hex, with the key that it names. */
  mac: string;
}

/** Seals the entries since the seal before it, and so all of them. */
export interface AuditSealRow {
  /** From 1, without gaps. */
  number: number;
  /** SID of the last entry that it seals. */
  last_sid: string;
  /** JSON: what is sealed, with the hash of the seal before. */
  seal: string;
  /** HMAC of `seal`, hex, with the key that it names. */
  mac: string;
}

/** Up to which seal entries were deleted, because their time was over. The newest counts. */
export interface AuditCheckpointRow {
  /** Of the seal. */
  number: number;
  last_sid: string;
  /** JSON, with the hash of the seal. */
  checkpoint: string;
  /** HMAC of `checkpoint`, hex, with the key that it names. */
  mac: string;
}

export interface AuditTables {
  audit_entries: AuditEntryRow;
  audit_seals: AuditSealRow;
  audit_checkpoints: AuditCheckpointRow;
}
