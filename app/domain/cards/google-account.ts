/** A service account that may issue cards for an issuer at Google. */
export type GoogleAccount = {
  /** Google's number of the issuer. */
  issuerId: string;
  clientEmail: string;
  /** Never leaves the process. */
  privateKeyPem: string;
};
