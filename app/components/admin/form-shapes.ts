import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { ProgramOutline } from '#app/domain/programs/program-outline.ts';

export type SignUpPlace = 'checkout' | 'link' | 'pos';

/** What the wizard works on: the draft as a form shows it, and what stands around it. */
export type Setup = {
  currency: string;
  outline: ProgramOutline;
  document: ProgramDocument;
  design: CardDesign;
  places: SignUpPlace[];
  joinUrl: string | null;
  /** The join address as a QR code, as SVG. */
  joinCode: string | null;
  isLive: boolean;
  /** The version of the data processing agreement that waits for the merchant's word; null when none does. */
  pendingAgreement: number | null;
};
