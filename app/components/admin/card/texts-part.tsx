import { BlockStack, Text } from '@shopify/polaris';

import type { PartProps } from '#app/components/admin/card/designer-parts.ts';
import { TranslationFields } from '#app/components/admin/card/translation-fields.tsx';
import { WordsField } from '#app/components/admin/fields.tsx';
import { SectionTabs, TabPanel } from '#app/components/admin/program/section-tabs.tsx';
import { cardDesignLimits as limits } from '#app/domain/cards/card-design-limits.ts';
import { languageNames } from '#app/domain/cards/design-changes.ts';
import { type Language, languages } from '#app/domain/members/languages.ts';

/** As the merchant wrote it first, or in one of the members' languages. */
export type TextLanguage = 'own' | Language;

type Props = PartProps & { language: TextLanguage; onLanguage: (language: TextLanguage) => void };

/** The merchant's own words: as they are written first, and in other languages. */
export function TextsPart({ design, problems, onChange, language, onLanguage }: Props) {
  const countIn = (one: TextLanguage) =>
    Object.keys(problems).filter((path) =>
      one === 'own' ? !path.startsWith('translations.') : path.startsWith(`translations.${one}.`),
    ).length;
  const tabs = [
    { key: 'own' as const, label: 'As written', problems: countIn('own') },
    ...languages.map((key) => ({ key, label: languageNames[key], problems: countIn(key) })),
  ];
  return (
    <BlockStack gap="400">
      <Text as="p" tone="subdued">
        The card’s own words are translated already. Yours are shown as written, except where you say them in a member’s
        language.
      </Text>
      <SectionTabs label="Languages" tabs={tabs} selected={language} onSelect={onLanguage} />
      <TabPanel selected={language}>
        {language === 'own' ? (
          <OwnTexts design={design} problems={problems} onChange={onChange} />
        ) : (
          <TranslationFields design={design} problems={problems} onChange={onChange} language={language} />
        )}
      </TabPanel>
    </BlockStack>
  );
}

function OwnTexts({ design, problems, onChange }: PartProps) {
  return (
    <BlockStack gap="400">
      <WordsField
        label="Shop name on the card"
        value={design.organizationName}
        lengthMax={limits.organizationNameMax}
        isCounted
        error={problems['organizationName']}
        onChange={(organizationName) => onChange({ ...design, organizationName })}
      />
      <WordsField
        label="Text beside the logo"
        helpText="Short, or empty. Apple Wallet shows it in the top left corner."
        value={design.logoText}
        lengthMax={limits.logoTextMax}
        isCounted
        error={problems['logoText']}
        onChange={(logoText) => onChange({ ...design, logoText })}
      />
      <WordsField
        label="Terms on the back of the card"
        value={design.terms}
        lengthMax={limits.termsMax}
        isCounted
        lines={4}
        error={problems['terms']}
        onChange={(terms) => onChange({ ...design, terms })}
      />
    </BlockStack>
  );
}
