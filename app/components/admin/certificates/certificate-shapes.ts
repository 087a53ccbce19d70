/** What the page about certificates is given. */
export type CertificateRow = {
  issuerId: string;
  passTypeIdentifier: string;
  teamIdentifier: string;
  state: 'staged' | 'active' | 'retiring' | 'replaced';
  isRevoked: boolean;
  expiresAt: Date | string;
  daysLeft: number;
  endsSoon: boolean;
  passes: number;
};

export type RequestRow = { requestId: string; request: string; createdAt: Date | string };

export type GoogleRow = {
  id: string;
  issuerId: string;
  clientEmail: string;
  state: 'staged' | 'active' | 'retiring';
  access: 'demo' | 'requested' | 'live';
  passes: number;
};

export type Delegated = { plan: string; passesMax: number | null; passes: number };

export type CertificatesViewProps = {
  apple: CertificateRow[];
  requests: RequestRow[];
  google: GoogleRow[];
  delegated: { apple: Delegated; google: Delegated };
  timeZone: string;
};
