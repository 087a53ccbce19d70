import { useFetcher, useRevalidator } from '@remix-run/react';
import { Badge, Banner, BlockStack, Card, EmptyState, InlineStack, Page, ProgressBar, Text } from '@shopify/polaris';
import { useEffect } from 'react';

import { formatCount, formatMoment } from '#app/components/admin/format.ts';
import { GuardedButton } from '#app/components/admin/may.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import type { RolloutState } from '#app/domain/cards/rollout.ts';

export type ShownRollout = {
  rolloutId: string;
  designNumber: number;
  state: RolloutState;
  percent: number;
  problem: string | null;
  createdAt: Date;
  finishedAt: Date | null;
  /** All cards of the program; those redrawn with the design; of these, those seen on a phone. */
  cards: number;
  drawn: number;
  shown: number;
  nextStepAt: Date | null;
  nextPercent: number | null;
};

type Props = { rollout: ShownRollout | null; timeZone: string };

const pollMs = 2_000;

/** How far a design is. It goes on when the page is left, and is found again when it is opened. */
export function RolloutView({ rollout, timeZone }: Props) {
  const asking = useFetcher<ActionResult | null>();
  const isOpen = rollout?.state === 'running' || rollout?.state === 'paused';
  usePolling(rollout?.state === 'running');
  return (
    <Page
      title={rollout === null ? 'Roll-out' : `Design ${rollout.designNumber}`}
      subtitle="A new design on its way to the cards"
      backAction={{ content: 'Card', url: '/app/card' }}
    >
      <BlockStack gap="400">
        <ResultBanner result={asking.data} />
        {rollout === null ? (
          <Card>
            <EmptyState
              heading="No design is on its way"
              image=""
              action={{ content: 'Open the designer', url: '/app/card' }}
            >
              <p>Publish a design, and watch here how it reaches the cards.</p>
            </EmptyState>
          </Card>
        ) : (
          <>
            <Outcome rollout={rollout} />
            <Progress rollout={rollout} timeZone={timeZone} />
            {isOpen ? (
              <Steps
                rollout={rollout}
                isBusy={asking.state !== 'idle'}
                onAsk={(intent) =>
                  asking.submit(
                    { intent, rolloutId: rollout.rolloutId, percent: String(rollout.percent) },
                    { method: 'post' },
                  )
                }
              />
            ) : null}
          </>
        )}
      </BlockStack>
    </Page>
  );
}

/** The page asks again and again while there is something to wait for; a reload simply goes on. */
function usePolling(isUnderWay: boolean): void {
  const { state, revalidate } = useRevalidator();
  useEffect(() => {
    if (!isUnderWay || state !== 'idle') return undefined;
    const timer = setTimeout(revalidate, pollMs);
    return () => clearTimeout(timer);
  }, [isUnderWay, state, revalidate]);
}

function Outcome({ rollout: { state, problem } }: { rollout: ShownRollout }) {
  if (state === 'stopped')
    return (
      <Banner tone="critical" title="It stopped by itself: a card could not be made with this design">
        <p>All cards return to the design before. Nothing is lost; mend the draft and publish it again.</p>
        {problem === null ? null : <p>What was said: {problem}</p>}
      </Banner>
    );
  if (state === 'rolled-back')
    return (
      <Banner tone="info" title="It was taken back">
        <p>All cards return to the design before.</p>
      </Banner>
    );
  if (state === 'done')
    return (
      <Banner tone="success" title="It is on all cards">
        <p>Earlier designs are under History, should you want one back.</p>
      </Banner>
    );
  return null;
}

const stateNames: Record<RolloutState, string> = {
  running: 'Running',
  paused: 'Paused',
  done: 'Done',
  stopped: 'Stopped',
  'rolled-back': 'Taken back',
};

function Progress({ rollout, timeZone }: { rollout: ShownRollout; timeZone: string }) {
  const { cards, drawn, shown, percent, state, nextStepAt, nextPercent, createdAt } = rollout;
  const share = cards === 0 ? 0 : Math.round((100 * drawn) / cards);
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack gap="200" blockAlign="center">
          <Text as="h2" variant="headingMd">
            {percent} % of the cards
          </Text>
          <Badge tone={state === 'running' ? 'info' : state === 'done' ? 'success' : 'attention'}>
            {stateNames[state]}
          </Badge>
        </InlineStack>
        <span role="status">
          <Text as="span" id="rollout-progress">
            {formatCount(drawn)} of {formatCount(cards)} cards are redrawn; {formatCount(shown)} are on a phone already
          </Text>
        </span>
        <ProgressBar size="small" tone="primary" progress={share} ariaLabelledBy="rollout-progress" />
        <Text as="p" tone="subdued">
          Began {formatMoment(createdAt, timeZone)}.
          {nextStepAt === null
            ? ''
            : nextPercent === null
              ? ` It is watched until ${formatMoment(nextStepAt, timeZone)}, and is then the design of all new cards.`
              : ` Goes on to ${nextPercent} % at ${formatMoment(nextStepAt, timeZone)} by itself.`}
        </Text>
      </BlockStack>
    </Card>
  );
}

type Intent = 'step' | 'pause' | 'continue' | 'back';
type StepsProps = { rollout: ShownRollout; isBusy: boolean; onAsk: (intent: Intent) => void };

function Steps({ rollout: { state, nextPercent }, isBusy, onAsk }: StepsProps) {
  return (
    <Card>
      <BlockStack gap="300">
        <div className="buttons">
          {state === 'running' ? (
            <>
              <GuardedButton needs="card:publish" variant="primary" disabled={isBusy} onClick={() => onAsk('step')}>
                {nextPercent === null ? 'Finish now' : `Go on to ${nextPercent} % now`}
              </GuardedButton>
              <GuardedButton needs="card:publish" disabled={isBusy} onClick={() => onAsk('pause')}>
                Pause
              </GuardedButton>
            </>
          ) : (
            <GuardedButton needs="card:publish" variant="primary" disabled={isBusy} onClick={() => onAsk('continue')}>
              Continue
            </GuardedButton>
          )}
          <GuardedButton needs="card:publish" tone="critical" disabled={isBusy} onClick={() => onAsk('back')}>
            Take it back
          </GuardedButton>
        </div>
        <Text as="p" tone="subdued">
          You may leave this page: it goes on, and you find it here again. Taking it back gives every card the design
          before.
        </Text>
      </BlockStack>
    </Card>
  );
}
