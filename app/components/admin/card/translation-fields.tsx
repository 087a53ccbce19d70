import { BlockStack } from '@shopify/polaris';

import type { PartProps } from '#app/components/admin/card/designer-parts.ts';
import { WordsField } from '#app/components/admin/fields.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { cardDesignLimits as limits } from '#app/domain/cards/card-design-limits.ts';
import { languageNames } from '#app/domain/cards/design-changes.ts';
import type { Language } from '#app/domain/members/languages.ts';

type Translation = NonNullable<CardDesign['translations'][Language]>;

type Props = PartProps & { language: Language };

/** The merchant's words in one language. An empty field reads as it was first written. */
export function TranslationFields({ design, problems, onChange, language }: Props) {
  const own: Translation = design.translations[language] ?? {};
  const problemOf = (path: string) => problems[`translations.${language}.${path}`];
  const change = (part: Partial<Translation>) =>
    onChange({ ...design, translations: withLanguage(design.translations, language, { ...own, ...part }) });
  const inLanguage = (name: string) => `${name} in ${languageNames[language]}`;
  return (
    <BlockStack gap="400">
      <WordsField
        label={inLanguage('Text beside the logo')}
        value={own.logoText ?? ''}
        placeholder={design.logoText}
        lengthMax={limits.logoTextMax}
        isCounted
        error={problemOf('logoText')}
        onChange={(logoText) => change({ logoText })}
      />
      {design.fields.map(({ id, side, label, value }) => (
        <FieldTranslation
          key={id}
          valueMax={side === 'front' ? limits.frontFieldValueMax : limits.fieldValueMax}
          name={inLanguage(`“${label || 'Unnamed field'}”`)}
          written={{ label, value }}
          own={own.fields?.[id]}
          problem={problemOf(`fields.${id}.label`) ?? problemOf(`fields.${id}.value`)}
          onChange={(text) => change({ fields: withText(own.fields, id, text) })}
        />
      ))}
      {design.links.map(({ id, label }) => (
        <WordsField
          key={id}
          label={inLanguage(`Link “${label || 'Unnamed link'}”`)}
          value={own.links?.[id] ?? ''}
          placeholder={label}
          lengthMax={limits.linkLabelMax}
          isCounted
          error={problemOf(`links.${id}`)}
          onChange={(text) => change({ links: withText(own.links, id, text === '' ? undefined : text) })}
        />
      ))}
      <WordsField
        label={inLanguage('Terms')}
        value={own.terms ?? ''}
        placeholder={design.terms}
        lengthMax={limits.termsMax}
        isCounted
        lines={4}
        error={problemOf('terms')}
        onChange={(terms) => change({ terms })}
      />
    </BlockStack>
  );
}

type FieldText = { label: string; value: string };

type FieldProps = {
  name: string;
  valueMax: number;
  written: FieldText;
  own: FieldText | undefined;
  problem: string | undefined;
  onChange: (text: FieldText | undefined) => void;
};

/** Label and text go together: the one without the other is filled with what was first written. */
function FieldTranslation({ name, valueMax, written, own, problem, onChange }: FieldProps) {
  const change = (part: Partial<FieldText>) => {
    const text = { label: own?.label ?? '', value: own?.value ?? '', ...part };
    onChange(text.label === '' && text.value === '' ? undefined : withWritten(text, written));
  };
  return (
    <div className="field-pair">
      <WordsField
        label={`Label of ${name}`}
        value={own?.label ?? ''}
        placeholder={written.label}
        lengthMax={limits.fieldLabelMax}
        isCounted
        error={problem}
        onChange={(label) => change({ label })}
      />
      <WordsField
        label={`Text of ${name}`}
        value={own?.value ?? ''}
        placeholder={written.value}
        lengthMax={valueMax}
        isCounted
        onChange={(value) => change({ value })}
      />
    </div>
  );
}

function withWritten(text: FieldText, written: FieldText): FieldText {
  return { label: text.label || written.label, value: text.value || written.value };
}

/** A map with one of its texts set, or taken out. */
function withText<Text>(texts: Record<string, Text> | undefined, id: string, text: Text | undefined) {
  const others = Object.entries(texts ?? {}).filter(([key]) => key !== id);
  return Object.fromEntries(text === undefined ? others : [...others, [id, text]]);
}

/** Empty texts say nothing, and a language without a text is none. */
function withLanguage(
  translations: CardDesign['translations'],
  language: Language,
  { logoText = '', terms = '', fields = {}, links = {} }: Translation,
): CardDesign['translations'] {
  const others = Object.fromEntries(Object.entries(translations).filter(([key]) => key !== language));
  const said: Translation = {
    ...(logoText === '' ? {} : { logoText }),
    ...(terms === '' ? {} : { terms }),
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
    ...(Object.keys(links).length === 0 ? {} : { links }),
  };
  return Object.keys(said).length === 0 ? others : { ...others, [language]: said };
}
