import { Banner, BlockStack, Text } from '@shopify/polaris';

import { CardMark } from '#app/components/card/stamp-strip.tsx';
import { ChoiceCards } from '#app/components/admin/choice-cards.tsx';
import { WordsField } from '#app/components/admin/fields.tsx';
import { LogoField } from '#app/components/admin/card/logo-field.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { contrastOf, parseHexColor, textContrastMin } from '#app/domain/cards/color.ts';

const shapeNames: Record<CardDesign['stampShape'], string> = {
  cup: 'Cup',
  star: 'Star',
  heart: 'Heart',
  flower: 'Flower',
  paw: 'Paw',
  scissors: 'Scissors',
  bag: 'Bag',
  check: 'Tick',
};

const shapes = [
  'cup',
  'star',
  'heart',
  'flower',
  'paw',
  'scissors',
  'bag',
  'check',
] as const satisfies CardDesign['stampShape'][];

const hexColor = /^#[0-9a-f]{6}$/;

type Props = { design: CardDesign; problems: Record<string, string>; onChange: (design: CardDesign) => void };

/** Logo, text, colours and stamp of the card. Colours that could not be read are said at once. */
export function DesignFields({ design, problems, onChange }: Props) {
  const change = (part: Partial<CardDesign>) => onChange({ ...design, ...part });
  return (
    <BlockStack gap="400">
      <WordsField
        label="Shop name on the card"
        value={design.organizationName}
        lengthMax={40}
        error={problems['organizationName']}
        onChange={(organizationName) => change({ organizationName })}
      />
      <LogoField design={readable(design)} onChange={(logoImage) => change({ logoImage })} />
      <WordsField
        label="Text beside the logo"
        helpText="Short, or empty. Apple Wallet shows it in the top left corner."
        value={design.logoText}
        lengthMax={24}
        error={problems['logoText']}
        onChange={(logoText) => change({ logoText })}
      />
      <LookFields design={design} problems={problems} onChange={onChange} />
      <WordsField
        label="Terms on the back of the card"
        value={design.terms}
        lengthMax={2000}
        lines={3}
        error={problems['terms']}
        onChange={(terms) => change({ terms })}
      />
    </BlockStack>
  );
}

/** The three colours, how well they can be read, and the stamp. */
export function LookFields({ design, problems, onChange }: Props) {
  const change = (part: Partial<CardDesign>) => onChange({ ...design, ...part });
  return (
    <>
      <ColorField
        label="Card colour"
        value={design.backgroundColor}
        error={problems['backgroundColor']}
        onChange={(backgroundColor) => change({ backgroundColor })}
      />
      <ColorField
        label="Text colour"
        value={design.foregroundColor}
        error={problems['foregroundColor']}
        onChange={(foregroundColor) => change({ foregroundColor })}
      />
      <ColorField
        label="Label and stamp colour"
        value={design.labelColor}
        error={problems['labelColor']}
        onChange={(labelColor) => change({ labelColor })}
      />
      <div aria-live="polite">
        <ContrastNote design={design} />
      </div>
      <BlockStack gap="200">
        <Text as="p">Stamp</Text>
        <ChoiceCards
          legend="Stamp"
          name="stampShape"
          className="shape-grid"
          value={design.stampShape}
          onChange={(stampShape) => change({ stampShape })}
          choices={shapes.map((shape) => ({
            value: shape,
            title: shapeNames[shape],
            picture: <CardMark design={{ ...readable(design), stampShape: shape, logoImage: null }} side={32} />,
          }))}
        />
      </BlockStack>
    </>
  );
}

function wholeColor(color: string, fallback: string): string {
  return hexColor.test(color) ? color : fallback;
}

/** The same design with any half-typed colour replaced, so that a preview can always be drawn. */
export function readable(design: CardDesign): CardDesign {
  return {
    ...design,
    backgroundColor: wholeColor(design.backgroundColor, '#333333'),
    foregroundColor: wholeColor(design.foregroundColor, '#ffffff'),
    labelColor: wholeColor(design.labelColor, '#ffffff'),
  };
}

type ColorProps = { label: string; value: string; error: string | undefined; onChange: (value: string) => void };

function ColorField({ label, value, error, onChange }: ColorProps) {
  const isColor = hexColor.test(value);
  return (
    <div className="color-field">
      <input
        type="color"
        aria-label={`${label}, picker`}
        value={isColor ? value : '#000000'}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <div>
        <WordsField
          label={label}
          value={value}
          lengthMax={7}
          error={isColor ? error : 'Enter a colour like #4b2e1e.'}
          onChange={(text) => onChange(text.trim().toLowerCase())}
        />
      </div>
    </div>
  );
}

function ContrastNote({ design }: { design: CardDesign }) {
  const { backgroundColor, foregroundColor } = readable(design);
  const contrast = contrastOf(parseHexColor(backgroundColor), parseHexColor(foregroundColor));
  const shown = `${(Math.floor(contrast * 10) / 10).toFixed(1)} : 1`;
  if (contrast >= textContrastMin)
    return (
      <Text as="p" tone="subdued">
        Contrast {shown}: easy to read.
      </Text>
    );
  return (
    <Banner tone="warning" title={`The text is hard to read (contrast ${shown})`}>
      <p>
        People need at least {textContrastMin} : 1. Until you choose a lighter or darker colour, the card shows black or
        white text instead.
      </p>
    </Banner>
  );
}
