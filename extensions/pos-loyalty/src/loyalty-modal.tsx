import { useEffect, useState } from 'preact/hooks';
import type { ShownCart } from '#app/contracts/shown-estimate.ts';
import { handleScan, previewSale, showUnexpected, watchDesk } from './desk.ts';
import type { Desk, Notice, Scan } from './desk.ts';
import { guarded } from './guarded.ts';
import { MemberCard } from './member-card.tsx';
import type { Translate } from './till.ts';

export interface LoyaltyModalProps {
  desk: Desk;
  scan: Scan | undefined;
  isOnline: boolean;
  /** The open sale; null without one. */
  cart: ShownCart | null;
}

/** Scan → member → stamp or redeem → undo: one tap each. */
export function LoyaltyModal({ desk, scan, isOnline, cart }: LoyaltyModalProps) {
  const [state, setState] = useState(desk.state);
  const { translate } = desk.till;
  const onError = () => showUnexpected(desk);

  useEffect(() => watchDesk(desk, setState), [desk]);

  useEffect(() => {
    if (scan === undefined || !isOnline) return;
    guarded(
      () => handleScan(desk, scan),
      () => showUnexpected(desk),
    )();
  }, [desk, scan, isOnline, state.isBusy]);

  // The cart is a new object with every drawing; the member with every answer, when figures may have changed.
  const sale = JSON.stringify(cart);
  const { member } = state;
  useEffect(() => {
    if (member === null || !isOnline) return;
    const asked: ShownCart | null = JSON.parse(sale);
    guarded(
      () => previewSale(desk, asked),
      () => undefined,
    )();
  }, [desk, sale, member, isOnline]);

  return (
    <s-page heading={translate('title')}>
      <s-scroll-box>
        <s-stack direction="block" gap="base" padding="base">
          {isOnline ? null : <s-banner tone="warning" heading={translate('offline')} />}
          <NoticeBanner notice={state.notice} translate={translate} onError={onError} />
          {state.isBusy ? <s-text color="subdued">{translate('busy')}</s-text> : null}
          {state.member === null ? (
            <s-section heading={translate('scanHeading')}>
              <s-stack direction="block" gap="base">
                <s-text>{translate('scanHint')}</s-text>
                <s-button
                  variant="primary"
                  disabled={!isOnline || state.isBusy}
                  onClick={guarded(desk.till.showCamera, onError)}
                >
                  {translate('scanWithCamera')}
                </s-button>
              </s-stack>
            </s-section>
          ) : (
            <MemberCard member={state.member} desk={desk} state={state} isOnline={isOnline} translate={translate} />
          )}
        </s-stack>
      </s-scroll-box>
    </s-page>
  );
}

interface NoticeBannerProps {
  notice: Notice | null;
  translate: Translate;
  onError: () => void;
}

function NoticeBanner({ notice, translate, onError }: NoticeBannerProps) {
  if (notice === null) return null;
  return (
    <s-stack direction="block" gap="small">
      <s-banner tone={notice.tone} heading={notice.text} />
      {notice.retry === null ? null : (
        <s-button onClick={guarded(notice.retry, onError)}>{translate('tryAgain')}</s-button>
      )}
    </s-stack>
  );
}
