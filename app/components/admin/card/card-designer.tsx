import { BlockStack, Card } from '@shopify/polaris';
import { type RefObject, useEffect, useRef, useState } from 'react';

import {
  type DesignerPart,
  designerParts,
  partOfProblem,
  type PartProps,
} from '#app/components/admin/card/designer-parts.ts';
import { ExtrasPart } from '#app/components/admin/card/extras-part.tsx';
import { FieldsPart } from '#app/components/admin/card/fields-part.tsx';
import { LookPart } from '#app/components/admin/card/look-part.tsx';
import { PlacesPart } from '#app/components/admin/card/places-part.tsx';
import { PreviewPanel } from '#app/components/admin/card/preview-panel.tsx';
import { type TextLanguage, TextsPart } from '#app/components/admin/card/texts-part.tsx';
import { SectionTabs, TabPanel } from '#app/components/admin/program/section-tabs.tsx';
import { GuardedFields } from '#app/components/admin/may.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { emptyWords } from '#app/domain/cards/design-problems.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

type Props = {
  document: ProgramDocument;
  design: CardDesign;
  /** The last design that could be drawn. */
  sound: CardDesign;
  problems: Record<string, string>;
  /**
   * How often publishing was asked for while something had to be mended first. From the first time on, what is merely empty is
   * marked, too: before, a field that was just added is not wrong yet.
   */
  attempts: number;
  onChange: (design: CardDesign) => void;
};

/** The parts of a design as tabs, and beside them both wallets. */
export function CardDesigner({ document, design, sound, problems, attempts, onChange }: Props) {
  const [part, setPart] = useState<DesignerPart>('look');
  const [language, setLanguage] = useState<TextLanguage>('own');
  const shown = Object.fromEntries(
    Object.entries(problems).filter(([, words]) => attempts > 0 || !emptyWords.includes(words)),
  );
  const countOf = (key: DesignerPart) => Object.keys(shown).filter((path) => partOfProblem(path) === key).length;
  const panel = useFocusOnProblem({ attempts, problems, part, onPart: setPart });
  const props: PartProps = { design, problems: shown, onChange };
  return (
    <div className="designer-columns">
      <BlockStack gap="400">
        <SectionTabs
          label="Parts of the card"
          tabs={designerParts.map(({ key, label }) => ({ key, label, problems: countOf(key) }))}
          selected={part}
          onSelect={setPart}
        />
        <Card>
          <div ref={panel}>
            <TabPanel selected={part}>
              <GuardedFields needs="card:write">
                {part === 'texts' ? (
                  <TextsPart {...props} language={language} onLanguage={setLanguage} />
                ) : (
                  <Part part={part} {...props} />
                )}
              </GuardedFields>
            </TabPanel>
          </div>
        </Card>
      </BlockStack>
      <div className="previews-beside">
        <PreviewPanel document={document} design={sound} language={language} onLanguage={setLanguage} />
      </div>
    </div>
  );
}

type Focus = {
  attempts: number;
  problems: Record<string, string>;
  part: DesignerPart;
  onPart: (part: DesignerPart) => void;
};

/** When publishing is refused: the part with the first problem opens, and once it is drawn its field has the focus. */
function useFocusOnProblem({ attempts, problems, part, onPart }: Focus): RefObject<HTMLDivElement> {
  const panel = useRef<HTMLDivElement>(null);
  const told = useRef(0);
  const isDue = useRef(false);
  // After every drawing: the part may only open in the next one.
  useEffect(() => {
    if (attempts > told.current) {
      isDue.current = true;
      const wrong = Object.keys(problems).map(partOfProblem);
      const [first] = wrong;
      if (first !== undefined && !wrong.includes(part)) onPart(first);
    }
    told.current = attempts;
    const field = isDue.current ? panel.current?.querySelector<HTMLElement>('[aria-invalid="true"]') : null;
    if (field == null) return;
    isDue.current = false;
    field.focus();
  });
  return panel;
}

const parts = { look: LookPart, fields: FieldsPart, places: PlacesPart, extras: ExtrasPart };

function Part({ part, ...props }: PartProps & { part: Exclude<DesignerPart, 'texts'> }) {
  const Chosen = parts[part];
  return <Chosen {...props} />;
}
