// Certificates of the GSMA PKI, and CRLs.

/** A certificate of the GSMA PKI (§4.5), with its key if it is ours. */
export interface PkiCertificateRow {
  /** SHA-256 of the certificate, hex. */
  fingerprint: string;
  role: 'ci' | 'eum' | 'dpAuth' | 'dpPb' | 'dpTls';
  /** SubjectKeyIdentifier of the CI at the root, upper-case hex. */
  ci_pk_id: string;
  /** base64 of DER */
  certificate: string;
  /** Sealed PKCS #8 PEM. */
  private_key: string | null;
  /** Whether it belongs to the generated test PKI. */
  generated: 0 | 1;
  date_created: string;
}

export interface PkiCrlRow {
  ci_pk_id: string;
  /** Which part of the CI's list it covers, as in `CrlScope`; '' for all of it. */
  scope: string;
  /** base64 of DER */
  crl: string;
  date_created: string;
}

/** From where the CRL of a CA is fetched. */
export interface CrlPointRow {
  /** SubjectKeyIdentifier of a CI, or SHA-256 of the certificate of a CA of operators; upper-case hex. */
  issuer: string;
  url: string;
  kind: 'ci' | 'operatorCa';
  /** Whether a certificate of the CA names it, or somebody has added it. */
  added_by: 'certificate' | 'hand';
  next_fetch_at: string;
  /** Until then, somebody is fetching it. */
  locked_until: string | null;
  /** Since it was fetched last. */
  failures: number;
  /** The last one's. */
  error: string | null;
  date_failed: string | null;
  /** When a CRL was last there that we use, new or the same. */
  date_fetched: string | null;
  /** When the CA says that there will be another. */
  next_update: string | null;
  /** Of that answer, for asking whether there is a newer one. */
  etag: string | null;
  last_modified: string | null;
  date_created: string;
}

export interface PkiTables {
  pki_certificates: PkiCertificateRow;
  pki_crls: PkiCrlRow;
  crl_points: CrlPointRow;
}
