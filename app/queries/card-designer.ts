/** The card of one program as its designer shows it: draft, live design, history, and a link to try it. */
import { designOfPass, type DesignState, listCardDesigns } from '#app/data/cards/card-designs.ts';
import { findCardDraft } from '#app/data/cards/card-drafts.ts';
import { newestRollout } from '#app/data/cards/rollouts.ts';
import { openTestLink, testCardUrl } from '#app/data/cards/test-links.ts';
import { readProgram } from '#app/data/programs/programs.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { designChanges } from '#app/domain/cards/design-changes.ts';
import { type PassContent } from '#app/domain/cards/pass-content.ts';
import { sampleContent } from '#app/domain/cards/sample-content.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import type { Language } from '#app/domain/members/languages.ts';
import { now } from '#app/lib/clock.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type CardDesigner = {
  design: CardDesign;
  /** 0 before the first draft. */
  revision: number;
  live: { number: number; design: CardDesign } | null;
  rollout: { designNumber: number; percent: number; isPaused: boolean } | null;
};

/** Draft, live design and what is on its way. Throws `NotFound`. */
export async function cardDesigner(shopId: ShopId, programId: ProgramId): Promise<CardDesigner> {
  return withShop(shopId, async (tx) => {
    await readProgram(tx, programId);
    const draft = await findCardDraft(tx, programId);
    const live = await designOfPass(tx, programId, null);
    const rollout = await newestRollout(tx, programId);
    const isOpen = rollout !== null && (rollout.state === 'running' || rollout.state === 'paused');
    return {
      design: draft?.design ?? live?.design ?? starterDesign((await readShop(tx)).name ?? ''),
      revision: draft?.revision ?? 0,
      live: live === null ? null : { number: live.number, design: live.design },
      rollout: isOpen
        ? { designNumber: rollout.designNumber, percent: rollout.percent, isPaused: rollout.state === 'paused' }
        : null,
    };
  });
}

export type DesignRow = {
  number: number;
  design: CardDesign;
  state: DesignState;
  /** Whether it is the one on the cards now. */
  isLive: boolean;
  publishedAt: Date;
  publishedBy: string | null;
  restores: number | null;
  /** Against the design that was live before it; empty for the first. */
  changes: string[];
};

const historyMax = 30;

/** The newest designs of a program, newest first. */
export async function cardHistory(shopId: ShopId, programId: ProgramId): Promise<DesignRow[]> {
  return withShop(shopId, async (tx) => {
    await readProgram(tx, programId);
    // One more, so that the last one shown can be compared, too.
    const designs = await listCardDesigns(tx, programId, { below: null, limit: historyMax + 1 });
    const live = designs.find(({ state }) => state === 'live');
    return designs.slice(0, historyMax).map((row, index) => {
      const before = designs.slice(index + 1).find(({ state }) => state === 'live');
      const changes = before === undefined ? [] : designChanges(before.design, row.design);
      return { ...row, isLive: row === live, changes };
    });
  });
}

/** A link that puts the draft on a phone; good for an hour. Making one changes nothing. Throws `NotFound`. */
export async function testLink(shopId: ShopId, programId: ProgramId): Promise<string> {
  return withShop(shopId, async (tx) => {
    await readProgram(tx, programId);
    return testCardUrl(tx, programId, now());
  });
}

/** What the test card shows. Throws `Forbidden` for a bad or expired link. */
export async function testCardPage(
  token: string,
  language: Language,
): Promise<{ content: PassContent; design: CardDesign }> {
  const { document, design, card } = await openTestLink(token, { language, at: now() });
  return { content: sampleContent(document, design, card), design };
}
