import { Banner, BlockStack } from '@shopify/polaris';
import { useEffect, useRef, useState } from 'react';
import type { ComponentType, RefObject } from 'react';

import type { SignUpPlace } from '#app/components/admin/form-shapes.ts';
import { GuardedFields } from '#app/components/admin/may.tsx';
import { AgingSection } from '#app/components/admin/program/aging-section.tsx';
import { CampaignSection } from '#app/components/admin/program/campaign-section.tsx';
import { CardSection } from '#app/components/admin/program/card-section.tsx';
import { EarningSection } from '#app/components/admin/program/earning-section.tsx';
import type { SectionProps } from '#app/components/admin/program/editing.ts';
import { FriendSection } from '#app/components/admin/program/friend-section.tsx';
import { JoinSection } from '#app/components/admin/program/join-section.tsx';
import {
  problemsByPart,
  type ProgramPart,
  programPartOf,
  programParts,
} from '#app/components/admin/program/program-parts.ts';
import { RewardSection } from '#app/components/admin/program/reward-section.tsx';
import { SaveBar } from '#app/components/admin/program/save-bar.tsx';
import { SectionTabs, TabPanel } from '#app/components/admin/program/section-tabs.tsx';
import { TierSection } from '#app/components/admin/program/tier-section.tsx';
import { TryOrder } from '#app/components/admin/program/try-order.tsx';
import type { DraftEditing } from '#app/components/admin/program/use-draft.ts';
import { type ExampleScene, soundParts } from '#app/domain/earning/examples.ts';

type Props = {
  editing: DraftEditing;
  scene: ExampleScene;
  joinUrl: string | null;
  joinCode: string | null;
  /** The part that the address asks for. */
  part: string | null;
};

/** The draft's parts as tabs; beside them the bar that saves, and an order to try. */
export function ProgramEditor({ editing, scene, joinUrl, joinCode, part }: Props) {
  const { draft, faults, problems, change, dispatch } = editing;
  const [selected, setSelected] = useState(() => programPartOf(part));
  const counts = problemsByPart(problems);
  const select = (key: ProgramPart) => {
    setSelected(key);
    rememberPart(key);
  };
  const panel = useFocusOnProblem(editing, selected, select);
  const isSound = Object.keys(faults).length === 0;
  const sound = soundParts(draft.document, faults);
  const section: SectionProps = {
    document: draft.document,
    problems,
    sound,
    scene,
    onChange: (document) => change({ document }),
  };
  return (
    <BlockStack gap="400">
      {editing.wasRestored ? (
        <Banner tone="info" title="Your unsaved changes are still here">
          <p>They were kept in this browser. Save them, or discard them.</p>
        </Banner>
      ) : null}
      <SectionTabs
        label="Parts of the program"
        tabs={programParts.map(({ key, label }) => ({ key, label, problems: counts.get(key) ?? 0 }))}
        selected={selected}
        onSelect={select}
      />
      <div className="program-columns">
        <div ref={panel}>
          <TabPanel selected={selected}>
            <GuardedFields needs="program:write">
              <Section
                part={selected}
                section={section}
                places={draft.places}
                joinUrl={joinUrl}
                joinCode={joinCode}
                onPlaces={(places) => change({ places })}
              />
            </GuardedFields>
          </TabPanel>
        </div>
        <div className="side-column">
          <SaveBar
            isChanged={editing.isChanged}
            isSaving={editing.isBusy}
            problems={Object.keys(problems).length}
            canUndo={editing.canUndo}
            canRedo={editing.canRedo}
            onUndo={() => dispatch({ kind: 'undo' })}
            onRedo={() => dispatch({ kind: 'redo' })}
            onDiscard={() => dispatch({ kind: 'discard' })}
            onSave={() => (isSound ? editing.send('save') : editing.refuse())}
          />
          <TryOrder sound={sound} scene={scene} />
        </div>
      </div>
    </BlockStack>
  );
}

/** A reload comes back to the same part; nothing is loaded for it. */
function rememberPart(part: ProgramPart): void {
  const url = new URL(location.href);
  url.searchParams.set('part', part);
  history.replaceState(history.state, '', url);
}

/** When saving is refused: the part with the first problem opens, and once it is drawn its field has the focus. */
function useFocusOnProblem(
  { attempts, faults }: Pick<DraftEditing, 'attempts' | 'faults'>,
  selected: ProgramPart,
  select: (part: ProgramPart) => void,
): RefObject<HTMLDivElement> {
  const panel = useRef<HTMLDivElement>(null);
  const told = useRef(0);
  const isDue = useRef(false);
  // After every drawing: the part may only open in the next one.
  useEffect(() => {
    if (attempts > told.current) {
      isDue.current = true;
      const wrong = problemsByPart(faults);
      const first = programParts.find(({ key }) => wrong.has(key))?.key;
      if (first !== undefined && !wrong.has(selected)) select(first);
    }
    told.current = attempts;
    const field = isDue.current
      ? panel.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-problem]')
      : null;
    if (field == null) return;
    isDue.current = false;
    field.focus();
  });
  return panel;
}

type PartProps = {
  part: ProgramPart;
  section: SectionProps;
  places: SignUpPlace[];
  joinUrl: string | null;
  joinCode: string | null;
  onPlaces: (places: SignUpPlace[]) => void;
};

const sections: Record<Exclude<ProgramPart, 'joining'>, ComponentType<SectionProps>> = {
  earning: EarningSection,
  campaigns: CampaignSection,
  tiers: TierSection,
  cards: CardSection,
  rewards: RewardSection,
  friends: FriendSection,
  aging: AgingSection,
};

function Section({ part, section, ...joining }: PartProps) {
  if (part === 'joining') return <JoinSection {...section} {...joining} />;
  const Chosen = sections[part];
  return <Chosen {...section} />;
}
