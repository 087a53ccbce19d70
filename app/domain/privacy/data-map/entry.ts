/** The words of the data map: how delicate a column is, what a table is for, and what allows us to keep it. */

/**
 * public: anybody may read it. internal: the shop's business, no person and no secret. restricted: secrets, and ids that
 * stand for a person. regulated: what a person is, says or gets; readable only through their shop, most of it sealed.
 */
export type DataClass = 'public' | 'internal' | 'restricted' | 'regulated';

export type Purpose =
  | 'running the loyalty program'
  | 'wallet cards'
  | 'messages'
  | 'consent and rights of members'
  | 'accounts and access of staff'
  | 'security and abuse'
  | 'billing'
  | 'running the service';

/** GDPR Art. 6; where nobody is concerned there is nothing to allow. */
export type LegalBasis = 'contract' | 'consent' | 'legal obligation' | 'legitimate interest' | 'no person concerned';

export type TableEntry = {
  /** What the table holds, in words for people. */
  holds: string;
  purpose: Purpose;
  basis: LegalBasis;
  /** Column names by class, each list separated by spaces. */
  columns: Partial<Record<DataClass, string>>;
};

export type DataMapPart = Record<string, TableEntry>;
