// Operators, who order over ES2+.

/** Who orders over ES2+ from the stock of an account. */
export interface OperatorRow {
  sid: string;
  account_sid: string;
  friendly_name: string;
  /** The only functionRequesterIdentifier that it may use; null: any. */
  requester_identifier: string | null;
  /** Base of the URL to which progress is reported, `https://HOST[:PORT]`; null: nowhere. */
  progress_url: string | null;
  /** PEM of the CAs of that server; null: those that Node trusts. */
  progress_ca: string | null;
  date_created: string;
  date_updated: string;
  date_revoked: string | null;
}

/** A client certificate by which an operator is known. */
export interface OperatorCertificateRow {
  /** SHA-256 of the certificate, upper-case hex. */
  fingerprint: string;
  operator_sid: string;
  /** base64 of DER */
  certificate: string;
  date_created: string;
  /** Since when, or until when, it is accepted: it was revoked, or another one replaces it. Null: as long as it is valid. */
  date_ends: string | null;
}

/** A CA whose certificates operators may use: imported, or our own for tests. */
export interface OperatorCaRow {
  /** SHA-256 of the certificate, upper-case hex. */
  fingerprint: string;
  /** base64 of DER */
  certificate: string;
  /** Of our own test CA: sealed PKCS #8 PEM. */
  private_key: string | null;
  /** Its last CRL, base64 of DER. */
  crl: string | null;
  date_created: string;
}

export interface OperatorTables {
  operators: OperatorRow;
  operator_certificates: OperatorCertificateRow;
  operator_cas: OperatorCaRow;
}
