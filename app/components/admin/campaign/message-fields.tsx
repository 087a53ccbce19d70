import { BlockStack, Card, Text, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { type EditorProps, languageNames } from '#app/components/admin/campaign/campaign-shapes.ts';
import { ChoiceField, WordsField } from '#app/components/admin/fields.tsx';
import { SectionTabs, TabPanel } from '#app/components/admin/program/section-tabs.tsx';
import { campaignLimits } from '#app/domain/campaigns/campaign.ts';
import { languages, type Language } from '#app/domain/members/languages.ts';

const everybody = 'everybody';
type TextTab = typeof everybody | Language;

/** What is said, in which languages, and what it is for. */
export function MessageFields({ content, onChange, problems }: EditorProps) {
  const [tab, setTab] = useState<TextTab>(everybody);
  const problemsOf = (key: TextTab) =>
    problems[key === everybody ? 'text' : `translations.${key}`] === undefined ? 0 : 1;
  const keys: TextTab[] = [everybody, ...languages];
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          Message
        </Text>
        <WordsField
          label="Name"
          helpText="Only you see it."
          value={content.name}
          lengthMax={campaignLimits.nameMax}
          error={problems['name']}
          onChange={(name) => onChange({ ...content, name })}
        />
        <ChoiceField
          label="Kind of message"
          helpText="Only members who agreed to this kind of message on their card get it."
          options={[
            { value: 'program', label: 'News of the program itself' },
            { value: 'marketing', label: 'Advertising' },
          ]}
          value={content.purpose}
          onChange={(purpose) => onChange({ ...content, purpose })}
        />
        <SectionTabs
          label="Languages"
          tabs={keys.map((key) => ({
            key,
            label: key === everybody ? 'Everybody' : languageNames[key],
            problems: problemsOf(key),
          }))}
          selected={tab}
          onSelect={setTab}
        />
        <TabPanel selected={tab}>
          <MessageText key={tab} tab={tab} content={content} onChange={onChange} problems={problems} />
        </TabPanel>
      </BlockStack>
    </Card>
  );
}

function MessageText({ tab, content, onChange, problems }: EditorProps & { tab: TextTab }) {
  const isEverybody = tab === everybody;
  const value = isEverybody ? content.text : (content.translations[tab] ?? '');
  const error = problems[isEverybody ? 'text' : `translations.${tab}`];
  const write = (text: string) => {
    if (isEverybody) return onChange({ ...content, text });
    const { [tab]: _old, ...others } = content.translations;
    onChange({ ...content, translations: text === '' ? others : { ...others, [tab]: text } });
  };
  return (
    <TextField
      label={isEverybody ? 'Text' : `Text in ${languageNames[tab]}`}
      helpText={
        isEverybody
          ? 'Shown on the lock screen and on the back of the card.'
          : 'Empty: they get the text for everybody.'
      }
      autoComplete="off"
      multiline={3}
      showCharacterCount
      maxLength={campaignLimits.textMax}
      value={value}
      onChange={write}
      {...(error === undefined ? {} : { error })}
    />
  );
}
