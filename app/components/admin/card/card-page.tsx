import { useFetcher } from '@remix-run/react';
import { Banner, BlockStack, Button, Page } from '@shopify/polaris';
import { useState } from 'react';

import { CardDesigner } from '#app/components/admin/card/card-designer.tsx';
import { PublishCardQuestion } from '#app/components/admin/card/publish-card-question.tsx';
import { useIsUploadingStrip } from '#app/components/admin/card/strip-field.tsx';
import { TestCardQuestion, type TestLink } from '#app/components/admin/card/test-card-question.tsx';
import { type CardDraftEditing, type SaveState, useCardDraft } from '#app/components/admin/card/use-card-draft.ts';
import { useGuard } from '#app/components/admin/may.tsx';
import { LeaveGuard } from '#app/components/admin/program/leave-guard.tsx';
import { ProgramChoice } from '#app/components/admin/program/program-choice.tsx';
import { useIsUploadingLogo } from '#app/components/admin/card/logo-field.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { isSameValue } from '#app/components/admin/same-value.ts';
import { useQuestion } from '#app/components/admin/use-question.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

export type CardPageProps = {
  programId: string;
  /** All programs of the shop. */
  programs: { programId: string; name: string }[];
  document: ProgramDocument;
  /** The draft, or what is live where there is none. */
  design: CardDesign;
  /** 0 before the first draft. */
  revision: number;
  live: { number: number; design: CardDesign } | null;
  /** The design on its way to the cards. */
  rollout: { designNumber: number; percent: number; isPaused: boolean } | null;
};

/** The designer: saved by itself, tried on a phone, published in steps. */
export function CardPage(props: CardPageProps) {
  const { document, design, revision, live, rollout } = props;
  const guard = useGuard();
  const draft = useCardDraft({ saved: design, revision });
  const publishing = usePublishing();
  const question = useQuestion(publishing.result, ({ tone }) => tone !== 'critical');
  const [attempts, setAttempts] = useState(0);
  const test = useTestLink();
  const isUploading = [useIsUploadingLogo(), useIsUploadingStrip()].some(Boolean);
  const isSettled = draft.state === 'saved' && !isUploading;
  const isNew = live === null || !isSameValue(live.design, draft.design);
  return (
    <Page
      fullWidth
      title="Card"
      subtitle={subtitleOf(live)}
      primaryAction={guard('card:publish', {
        content: 'Publish',
        disabled: rollout !== null || (draft.isSound && (!isNew || !isSettled)),
        onAction: () => (draft.isSound ? question.open() : setAttempts(attempts + 1)),
      })}
      secondaryActions={[
        guard('card:write', {
          content: 'Try it on your phone',
          disabled: !isSettled,
          onAction: () => test.ask(draft.revision),
        }),
        { content: 'History', url: '/app/card/history' },
      ]}
    >
      <BlockStack gap="400">
        <ResultBanner result={publishing.result} />
        <ProgramChoice page="/app/card" programId={props.programId} programs={props.programs} />
        <RolloutNote rollout={rollout} />
        <Overtaken draft={draft} theirs={{ saved: design, revision }} />
        <span className="save-state designer-state" role="status">
          {isUploading ? 'Uploading…' : wordsFor(draft)}
        </span>
        <CardDesigner
          document={document}
          design={draft.design}
          sound={draft.sound}
          problems={draft.problems}
          attempts={attempts}
          onChange={draft.change}
        />
      </BlockStack>
      {question.isOpen ? (
        <PublishCardQuestion
          isBusy={publishing.isBusy}
          problem={publishing.problem}
          design={draft.design}
          live={live?.design ?? null}
          onClose={question.close}
          onPublish={(isStaged) => publishing.publish(draft.revision, isStaged)}
        />
      ) : null}
      <LeaveGuard
        isChanged={draft.state !== 'saved' && draft.state !== 'saving'}
        text="Your last changes are not saved. They are lost when you leave."
      />
      {test.isOpen ? <TestCardQuestion link={test.link} problem={test.problem} onClose={test.close} /> : null}
    </Page>
  );
}

function subtitleOf(live: CardPageProps['live']): string {
  return live === null ? 'Not published yet' : `Design ${live.number} is on the cards`;
}

const stateWords: Record<Exclude<SaveState, 'unsound'>, string> = {
  saved: 'Saved as a draft',
  waiting: 'Not saved yet',
  saving: 'Saving…',
  overtaken: 'Not saved',
  refused: 'Not saved',
};

function wordsFor({ state, problems }: CardDraftEditing): string {
  if (state !== 'unsound') return stateWords[state];
  const count = Object.keys(problems).length;
  return count === 1 ? 'Not saved: one field needs you' : `Not saved: ${count} fields need you`;
}

function RolloutNote({ rollout }: Pick<CardPageProps, 'rollout'>) {
  if (rollout === null) return null;
  const { designNumber, percent, isPaused } = rollout;
  return (
    <Banner
      tone={isPaused ? 'warning' : 'info'}
      title={`Design ${designNumber} is on its way: ${percent} % of the cards${isPaused ? ', paused' : ''}`}
      action={{ content: 'Watch it', url: '/app/card/rollout' }}
    >
      <p>What you change here is a draft. It can be published once that design is on all cards, or taken back.</p>
    </Banner>
  );
}

type OvertakenProps = { draft: CardDraftEditing; theirs: { saved: CardDesign; revision: number } };

function Overtaken({ draft, theirs }: OvertakenProps) {
  if (draft.refusal !== null)
    return (
      <Banner tone="critical" title={draft.refusal}>
        <p>Your changes are still here.</p>
      </Banner>
    );
  if (draft.state !== 'overtaken') return null;
  return (
    <Banner tone="critical" title="Somebody else saved this card meanwhile">
      <BlockStack gap="200" inlineAlign="start">
        <p>Yours is still here. Keep it and replace theirs, or look at theirs and lose yours.</p>
        <div className="buttons">
          <Button onClick={draft.keepMine}>Keep mine</Button>
          <Button onClick={() => draft.takeTheirs(theirs)}>Take theirs</Button>
        </div>
      </BlockStack>
    </Banner>
  );
}

function usePublishing() {
  const { data, state, submit } = useFetcher<ActionResult>();
  return {
    result: data,
    isBusy: state !== 'idle',
    /** Why the last attempt failed. */
    problem: data?.tone === 'critical' ? data.title : undefined,
    publish: (revision: number, isStaged: boolean) =>
      submit(
        { intent: 'publish', revision: String(revision), pace: isStaged ? 'staged' : 'at-once' },
        { method: 'post' },
      ),
  };
}

type TestAnswer = TestLink | ActionResult;

/** Asks for a link whenever the dialog opens: an old one may be over. */
function useTestLink() {
  const fetcher = useFetcher<TestAnswer>();
  const [isOpen, setOpen] = useState(false);
  const answer = fetcher.state === 'idle' ? fetcher.data : undefined;
  return {
    isOpen,
    link: answer !== undefined && 'url' in answer ? answer : null,
    problem: answer !== undefined && 'tone' in answer ? answer.title : undefined,
    ask: (revision: number) => {
      setOpen(true);
      fetcher.submit({ intent: 'test', revision: String(revision) }, { method: 'post' });
    },
    close: () => setOpen(false),
  };
}
