import { Badge, BlockStack, Card, EmptyState, InlineStack, Page } from '@shopify/polaris';
import { useFetcher } from '@remix-run/react';
import { useMemo } from 'react';

import type { SignUpPlace } from '#app/components/admin/form-shapes.ts';
import { formatMoment } from '#app/components/admin/format.ts';
import { useGuard } from '#app/components/admin/may.tsx';
import { LeaveGuard } from '#app/components/admin/program/leave-guard.tsx';
import { ProgramChoice } from '#app/components/admin/program/program-choice.tsx';
import { ProgramEditor } from '#app/components/admin/program/program-editor.tsx';
import { PublishQuestion } from '#app/components/admin/program/publish-question.tsx';
import { useDraft } from '#app/components/admin/program/use-draft.ts';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { isSameValue } from '#app/components/admin/same-value.ts';
import { useQuestion } from '#app/components/admin/use-question.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

export type ProgramViewProps = {
  programId: string;
  /** All programs of the shop. */
  programs: { programId: string; name: string }[];
  document: ProgramDocument;
  places: SignUpPlace[];
  draftRevision: number;
  published: { number: number; document: ProgramDocument; publishedAt: Date } | null;
  isLive: boolean;
  currency: string;
  timeZone: string;
  /** The shop's day of today, such as 2026-11-21. */
  today: string;
  joinUrl: string | null;
  joinCode: string | null;
  part: string | null;
};

/** A shop that has not been through the wizard has nothing to edit yet. */
export function NoProgram({ title }: { title: string }) {
  return (
    <Page title={title}>
      <Card>
        <EmptyState
          heading="There is no program yet"
          image=""
          action={{ content: 'Set it up', url: '/app/welcome/template' }}
        >
          <p>It takes six short screens. Nothing goes live before you say so.</p>
        </EmptyState>
      </Card>
    </Page>
  );
}

/** Beside the title, so that nothing jumps when the first change is made. */
function StateBadges({ isLive, isPublishable }: { isLive: boolean; isPublishable: boolean }) {
  return (
    <InlineStack gap="100">
      <Badge tone={isLive ? 'success' : 'attention'}>{isLive ? 'Live' : 'Draft'}</Badge>
      {isLive && isPublishable ? <Badge tone="info">Unpublished changes</Badge> : null}
    </InlineStack>
  );
}

/** The whole program: edited as a draft, tried, simulated, and published. */
export function ProgramView(props: ProgramViewProps) {
  const { document, places, draftRevision, programId, published, currency, timeZone, today } = props;
  const saved = useMemo(() => ({ document, places }), [document, places]);
  const guard = useGuard();
  const adding = useFetcher<ActionResult>();
  const editing = useDraft({ programId, saved, revision: draftRevision });
  const { draft, faults } = editing;
  const isPublishable = published === null || !isSameValue(published.document, draft.document);
  const question = useQuestion(editing.result, ({ tone }) => tone !== 'critical');
  const isSound = Object.keys(faults).length === 0;
  return (
    <Page
      title={draft.document.name}
      subtitle={
        published === null
          ? 'Never published yet: nothing counts before you publish.'
          : `Version ${published.number} is live since ${formatMoment(published.publishedAt, timeZone)}.`
      }
      titleMetadata={<StateBadges isLive={props.isLive} isPublishable={isPublishable} />}
      primaryAction={guard('program:publish', {
        content: 'Publish',
        disabled: !isPublishable,
        onAction: isSound ? question.open : editing.refuse,
      })}
      secondaryActions={[
        { content: 'Simulate', url: '/app/program/simulate' },
        { content: 'Versions', url: '/app/program/versions' },
        guard('program:write', {
          content: 'Add a program',
          onAction: () => adding.submit({ intent: 'add' }, { method: 'post' }),
        }),
      ]}
    >
      <BlockStack gap="400">
        <ResultBanner result={editing.result ?? adding.data} />
        <ProgramChoice page="/app/program" programId={programId} programs={props.programs} />
        <ProgramEditor
          editing={editing}
          scene={{ currency, today }}
          joinUrl={props.joinUrl}
          joinCode={props.joinCode}
          part={props.part}
        />
      </BlockStack>
      <LeaveGuard
        isChanged={editing.isChanged && !editing.isBusy}
        text="Your changes are not saved yet. This browser keeps them until you come back or close the tab."
      />
      {question.isOpen ? (
        <PublishQuestion
          isBusy={editing.isBusy}
          problem={problemOf(editing.result)}
          document={draft.document}
          published={published?.document ?? null}
          currency={currency}
          timeZone={timeZone}
          onClose={question.close}
          onPublish={() => editing.send('publish')}
        />
      ) : null}
    </Page>
  );
}

function problemOf(result: ActionResult | undefined): string | undefined {
  return result?.tone === 'critical' ? result.title : undefined;
}
