import { BlockStack, Button, Checkbox, Text } from '@shopify/polaris';

import { freeId, type PartProps, withItem, withMoved } from '#app/components/admin/card/designer-parts.ts';
import { withoutText } from '#app/components/admin/card/without-text.ts';
import { WordsField } from '#app/components/admin/fields.tsx';
import { PartFrame } from '#app/components/admin/program/part-frame.tsx';
import { cardDesignLimits as limits } from '#app/domain/cards/card-design-limits.ts';

/** Links on the back of the card. */
export function LinksList({ design, problems, onChange }: PartProps) {
  const { links } = design;
  return (
    <BlockStack gap="400">
      <Text as="h2" variant="headingSm">
        Links on the back
      </Text>
      {links.map((link, index) => (
        <PartFrame
          key={link.id}
          id={link.id}
          kind="link"
          title={link.label || `Link ${index + 1}`}
          isFirst={index === 0}
          isLast={index === links.length - 1}
          onMove={(by) => onChange({ ...design, links: withMoved(links, index, by) })}
          onRemove={() => onChange(withoutText({ ...design, links: links.toSpliced(index, 1) }, link.id))}
        >
          <div className="field-pair">
            <WordsField
              label="Words"
              value={link.label}
              lengthMax={limits.linkLabelMax}
              isCounted
              error={problems[`links.${index}.label`]}
              onChange={(label) => onChange({ ...design, links: withItem(links, index, { ...link, label }) })}
            />
            <WordsField
              label="Web address"
              value={link.url}
              lengthMax={500}
              type="url"
              placeholder="https://"
              error={problems[`links.${index}.url`]}
              onChange={(url) => onChange({ ...design, links: withItem(links, index, { ...link, url: url.trim() }) })}
            />
          </div>
          <Checkbox
            label="Show it on the join page, too"
            helpText="For your terms and your privacy policy."
            checked={link.isForJoining === true}
            onChange={(isForJoining) =>
              onChange({ ...design, links: withItem(links, index, { ...link, isForJoining }) })
            }
          />
        </PartFrame>
      ))}
      <div>
        <Button
          disabled={links.length >= limits.linksMax}
          onClick={() => onChange({ ...design, links: [...links, { id: freeId('link', links), label: '', url: '' }] })}
        >
          Add a link
        </Button>
      </div>
    </BlockStack>
  );
}
