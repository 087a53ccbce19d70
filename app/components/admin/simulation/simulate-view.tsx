import { useFetcher, useRevalidator } from '@remix-run/react';
import { Banner, BlockStack, Card, InlineStack, Page, Text } from '@shopify/polaris';
import { useEffect, useState } from 'react';

import { NumberField } from '#app/components/admin/fields.tsx';
import { GuardedButton, useGuard } from '#app/components/admin/may.tsx';
import { Changes, PublishQuestion } from '#app/components/admin/program/publish-question.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { SimulationFigures } from '#app/components/admin/simulation/simulation-figures.tsx';
import { SimulationProgress } from '#app/components/admin/simulation/simulation-progress.tsx';
import type { SimulationState } from '#app/components/admin/simulation/simulation-shapes.ts';
import { useQuestion } from '#app/components/admin/use-question.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

type Props = {
  document: ProgramDocument;
  published: ProgramDocument | null;
  draftRevision: number;
  /** What the draft would change, a sentence each. */
  changes: string[];
  simulation: SimulationState | null;
  currency: string;
  timeZone: string;
};

const ordersMax = 20_000;
const pollMs = 1_000;

/** What the draft would have given for past orders. Nothing of it is booked. */
export function SimulateView(props: Props) {
  const { document, published, draftRevision, changes, simulation } = props;
  const guard = useGuard();
  const asking = useFetcher<ActionResult>();
  const publishing = useFetcher<ActionResult>();
  const running = underWay(simulation);
  usePolling(running !== null);
  const question = useQuestion(publishing.data, ({ tone }) => tone !== 'critical');
  const ask = (fields: Record<string, string>) => asking.submit(fields, { method: 'post' });
  const isAsking = asking.state !== 'idle';
  return (
    <Page
      title="Simulate"
      subtitle="What the draft would have given for past orders"
      backAction={{ content: 'Program', url: '/app/program' }}
      primaryAction={guard('program:publish', {
        content: 'Publish',
        disabled: changes.length === 0 && published !== null,
        onAction: question.open,
      })}
    >
      <BlockStack gap="400">
        <ResultBanner result={publishing.data ?? asking.data} />
        <StartCard
          changes={changes}
          isFirst={published === null}
          isBusy={isAsking || running !== null}
          onStart={(orders) => ask({ intent: 'start', orders: String(orders) })}
        />
        {running === null ? null : (
          <SimulationProgress
            simulation={running}
            isBusy={isAsking}
            onCancel={() => ask({ intent: 'cancel', simulationId: running.simulationId })}
          />
        )}
        <Outcome simulation={simulation} isFresh={simulation?.draftRevision === draftRevision} document={document} />
      </BlockStack>
      {question.isOpen ? (
        <PublishQuestion
          isBusy={publishing.state !== 'idle'}
          problem={publishing.data?.tone === 'critical' ? publishing.data.title : undefined}
          document={document}
          published={published}
          currency={props.currency}
          timeZone={props.timeZone}
          onClose={question.close}
          onPublish={() =>
            publishing.submit({ intent: 'publish', revision: String(draftRevision) }, { method: 'post' })
          }
        />
      ) : null}
    </Page>
  );
}

function underWay(simulation: SimulationState | null): SimulationState | null {
  return simulation?.state === 'queued' || simulation?.state === 'running' ? simulation : null;
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

type StartProps = { changes: string[]; isFirst: boolean; isBusy: boolean; onStart: (orders: number) => void };

function StartCard({ changes, isFirst, isBusy, onStart }: StartProps) {
  const [orders, setOrders] = useState(1_000);
  const [isRevealed, setRevealed] = useState(false);
  const isSound = Number.isSafeInteger(orders) && orders >= 1 && orders <= ordersMax;
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          Replay orders by the draft
        </Text>
        <div className="sentence">
          <span className="word">Take the last</span>
          <div className="sentence-money">
            <NumberField
              label="How many orders"
              isLabelHidden
              min={1}
              max={ordersMax}
              value={orders}
              error={isRevealed && !isSound ? 'Enter a whole number from 1 to 20,000.' : undefined}
              onChange={setOrders}
            />
          </div>
          <span className="word">orders of members and count them once more.</span>
          <GuardedButton
            needs="program:write"
            disabled={isBusy}
            onClick={() => {
              setRevealed(!isSound);
              if (isSound) onStart(orders);
            }}
          >
            Start
          </GuardedButton>
        </div>
        <Text as="p" tone="subdued">
          Nothing is booked, and members notice nothing.
        </Text>
        {isFirst || changes.length > 0 ? (
          <Changes changes={changes} />
        ) : (
          <Text as="p" tone="subdued">
            The draft says the same as what is live: this shows what today’s rules would have given.
          </Text>
        )}
      </BlockStack>
    </Card>
  );
}

type OutcomeProps = { simulation: SimulationState | null; isFresh: boolean; document: ProgramDocument };

function Outcome({ simulation, isFresh, document }: OutcomeProps) {
  if (simulation?.state === 'failed')
    return (
      <Banner tone="critical" title="The simulation could not be finished">
        <p>{simulation.problem ?? 'Please start it again.'}</p>
      </Banner>
    );
  if (simulation?.state === 'cancelled')
    return (
      <Banner tone="info" title="The simulation was cancelled">
        <p>Start another one whenever you like.</p>
      </Banner>
    );
  if (simulation?.result == null) return null;
  return (
    <>
      {isFresh ? null : (
        <Banner tone="warning" title="The draft has changed since">
          <p>These figures are of an earlier draft. Start again to see what it says now.</p>
        </Banner>
      )}
      <SimulationFigures result={simulation.result} document={document} />
      <InlineStack align="end">
        <Text as="p" tone="subdued">
          Money is reckoned by the reward that gives most for each point or stamp.
        </Text>
      </InlineStack>
    </>
  );
}
