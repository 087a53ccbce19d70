import { BlockStack, Card, Select, Text } from '@shopify/polaris';
import { useState } from 'react';

import { languageNames } from '#app/components/admin/campaign/campaign-shapes.ts';
import { AppleBack, GoogleDetails } from '#app/components/card/card-preview.tsx';
import { CardMark } from '#app/components/card/stamp-strip.tsx';
import { toApplePass } from '#app/domain/cards/apple-pass.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';
import { plainSample, sampleContent } from '#app/domain/cards/sample-content.ts';
import { type CampaignContent, textFor } from '#app/domain/campaigns/campaign.ts';
import { type Language, languages } from '#app/domain/members/languages.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

type Props = { content: CampaignContent; document: ProgramDocument; design: CardDesign };

/** Newer than anything on the sample's card. */
const sampleAt = new Date('2099-01-01T00:00:00Z');
const nobody = {
  passTypeIdentifier: '',
  teamIdentifier: '',
  serialNumber: '',
  authenticationToken: '',
  webServiceURL: '',
};

/** What the lock screen says: the value of the one field that is announced, in the words around it. */
function noticeOf(content: PassContent): string {
  const fields = Object.values(toApplePass(content, nobody).storeCard).flat();
  const announcing = fields.find(({ changeMessage }) => changeMessage !== undefined);
  return announcing?.changeMessage?.replace('%@', String(announcing.value)) ?? '';
}

/** The message in both wallets, from the very content that is issued. */
export function MessagePreview({ content, document, design }: Props) {
  const [language, setLanguage] = useState<Language>('en');
  const text = textFor(content, language).trim();
  const card = sampleContent(document, design, {
    ...plainSample,
    language,
    ...(text === '' ? {} : { news: { text, at: sampleAt } }),
  });
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          Preview
        </Text>
        <Select
          label="A member who speaks"
          options={languages.map((value) => ({ value, label: languageNames[value] }))}
          value={language}
          onChange={(chosen) => setLanguage(languages.find((one) => one === chosen) ?? 'en')}
        />
        <div className="lock-screen">
          <div className="lock-clock" aria-hidden="true">
            9:41
          </div>
          <section aria-label="On the lock screen" className="notice-preview" lang={language}>
            <span className="notice-mark" style={{ background: card.colors.background }}>
              <CardMark design={design} side={26} />
            </span>
            <div>
              <strong dir="auto">{card.organizationName}</strong>
              <p dir="auto">{noticeOf(card)}</p>
            </div>
          </section>
        </div>
        <Text as="h3" variant="headingSm">
          Back of the card in Apple Wallet
        </Text>
        <AppleBack content={card} />
        <Text as="h3" variant="headingSm">
          Details in Google Wallet
        </Text>
        <GoogleDetails content={card} />
      </BlockStack>
    </Card>
  );
}
