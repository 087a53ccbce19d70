import { useEffect, useRef } from 'preact/hooks';
import { guarded } from './guarded.ts';
import { MemberCard } from './member-card.tsx';
import type { Notice, Till, Translate } from './till.ts';
import { useTill } from './till.ts';

/** One reading of the scanner. A second scan of the same card is a new object. */
export interface Scan {
  data?: string;
  source?: string;
}

export interface LoyaltyModalProps {
  till: Till;
  scan: Scan | undefined;
  isOnline: boolean;
  showCamera: () => void;
  hideCamera: () => void;
}

/** Scan → member → stamp or redeem → undo: one tap each. */
export function LoyaltyModal({ till, scan, isOnline, showCamera, hideCamera }: LoyaltyModalProps) {
  const { state, actions } = useTill(till);
  const { translate } = till;
  const handledScan = useRef<Scan | undefined>(undefined);

  useEffect(() => {
    const code = scan?.data;
    if (code === undefined || code === '' || !isOnline || state.isBusy || handledScan.current === scan) return;
    handledScan.current = scan;
    guarded(async () => {
      if (scan?.source === 'camera') hideCamera();
      await actions.find(code);
    }, actions.fail)();
  }, [scan, isOnline, state.isBusy]);

  return (
    <s-page heading={translate('title')}>
      <s-scroll-box>
        <s-stack direction="block" gap="base" padding="base">
          {isOnline ? null : <s-banner tone="warning" heading={translate('offline')} />}
          <NoticeBanner notice={state.notice} translate={translate} onError={actions.fail} />
          {state.isBusy ? <s-text color="subdued">{translate('busy')}</s-text> : null}
          {state.member === null ? (
            <s-section heading={translate('scanHeading')}>
              <s-stack direction="block" gap="base">
                <s-text>{translate('scanHint')}</s-text>
                <s-button variant="primary" disabled={!isOnline || state.isBusy} onClick={guarded(showCamera, actions.fail)}>
                  {translate('scanWithCamera')}
                </s-button>
              </s-stack>
            </s-section>
          ) : (
            <MemberCard
              member={state.member}
              state={state}
              actions={actions}
              isOnline={isOnline}
              translate={translate}
            />
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
