/** What the page of keys shows. There is no material of a key in it. */
export type KeyLine = {
  purpose: 'data' | 'links';
  version: number;
  state: 'current' | 'retiring' | 'retired';
  createdBy: string;
  createdAt: string | Date;
  validUntil: string | Date | null;
  retiredAt: string | Date | null;
};

export type RotationShown = {
  toVersion: number;
  state: 'announced' | 'sealing' | 'settling' | 'done';
  rowsTotal: number;
  rowsDone: number;
};

export type PlatformShown = {
  keys: { id: string; firstUsedAt: string | Date; state: 'newest' | 'in-use' | 'taken-away' }[];
  tokenKeyIds: string[];
  evidenceKeyIds: string[];
  shopifySecrets: number;
};

export type KeysViewProps = {
  keys: KeyLine[];
  rotation: RotationShown | null;
  wrapped: { kekId: string | null; wrappedAt: string | Date | null };
  platform: PlatformShown;
  timeZone: string;
  mayWrite: boolean;
};
