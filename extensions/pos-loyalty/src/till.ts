import type { PosCaller } from './pos-client.ts';

export type Translate = (key: string, replacements?: Record<string, string | number>) => string;

/** The till as the extension needs it, in our words. */
export interface Till extends PosCaller {
  /** Where the till stands and who uses it, as it says itself. */
  place: () => { locationId: string; staffMemberId?: string; deviceId?: string };
  isSaleOpen: () => boolean;
  /** Lets the open sale earn on the card, and names the customer when Shopify knows them. */
  attachCard: (card: { code: string; shopifyCustomerId: string | null }) => Promise<void>;
  applyCode: (code: string) => Promise<void>;
  /** Answers false when the code has to be taken off by hand. */
  removeCode: (code: string) => Promise<boolean>;
  showCamera: () => void;
  hideCamera: () => void;
  /** Shows the keys for a PIN, hidden while it is typed, until `check` answers null; anything else is why it was refused. */
  askPin: (check: (pin: string) => Promise<string | null>) => void;
  toast: (text: string) => void;
  translate: Translate;
}
