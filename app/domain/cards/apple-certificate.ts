/** A pass certificate with all that signing under it needs. */
export type AppleCertificate = {
  /** SHA-256 of the certificate, lower-case hex: equal means the same certificate and so the same key. */
  fingerprint: string;
  certificatePem: string;
  /** Apple's intermediate that issued it. */
  intermediatePem: string;
  /** Never leaves the process. */
  keyPem: string;
};
