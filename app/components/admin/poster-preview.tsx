import { BlockStack, Button, Card, InlineStack, Text } from '@shopify/polaris';

import { emptyContent } from '#app/components/card/empty-content.ts';
import { CardMark, StampStrip } from '#app/components/card/stamp-strip.tsx';
import { shopperPhrases } from '#app/components/shopper/phrases.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

type Sheet = { document: ProgramDocument; design: CardDesign; joinCode: string };

/** The poster as it comes out of the printer, small. It says nothing that the page around it does not. */
export function PosterPreview({ document, design, joinCode }: Sheet) {
  const { colors, stamps, organizationName, programName } = emptyContent(document, design, 'en');
  return (
    <div className="poster-sheet" aria-hidden="true">
      <div className="poster-card" style={{ background: colors.background, color: colors.foreground }}>
        <div className="poster-card-top">
          <CardMark design={design} side={16} />
          <span>{organizationName}</span>
        </div>
        <StampStrip className="poster-strip" design={design} stamps={stamps} text="" />
      </div>
      <strong>{programName}</strong>
      <span>{shopperPhrases.en.posterLead}</span>
      {/* The drawing comes from our own encoder, which writes nothing but paths. */}
      <div className="poster-sheet-code" dangerouslySetInnerHTML={{ __html: joinCode }} />
    </div>
  );
}

/** What brings people in: the link, and the poster beside the till. */
export function BringPeopleIn({ joinUrl, sheet }: { joinUrl: string; sheet: Sheet | null }) {
  return (
    <Card>
      <div className="bring-in">
        {sheet === null ? null : <PosterPreview {...sheet} />}
        <BlockStack gap="300" inlineAlign="start">
          <Text as="h2" variant="headingSm">
            Bring people in
          </Text>
          <Text as="p">Print the poster for the counter, or put the link into your newsletter and onto your site.</Text>
          <Text as="p">
            <span className="mono">{joinUrl}</span>
          </Text>
          <InlineStack gap="200">
            <Button url={`${joinUrl}/poster`} external>
              Open the poster to print
            </Button>
            <Button url={joinUrl} external variant="plain">
              Open the join page
            </Button>
          </InlineStack>
        </BlockStack>
      </div>
    </Card>
  );
}
