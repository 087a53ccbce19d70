import { BlockStack, Text } from '@shopify/polaris';

import type { PartProps } from '#app/components/admin/card/designer-parts.ts';
import { StripField } from '#app/components/admin/card/strip-field.tsx';
import { LookFields, readable } from '#app/components/admin/card/design-fields.tsx';
import { LogoField } from '#app/components/admin/card/logo-field.tsx';
import { StampStrip } from '#app/components/card/stamp-strip.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { cardTemplates, templateOf } from '#app/domain/cards/card-templates.ts';

/** A look to begin with, pictures of the shop's own, colours and the stamp. */
export function LookPart({ design, problems, onChange }: PartProps) {
  return (
    <BlockStack gap="400">
      <Templates design={design} onChange={onChange} />
      <LogoField design={readable(design)} onChange={(logoImage) => onChange({ ...design, logoImage })} />
      <StripField design={readable(design)} onChange={(stripImage) => onChange({ ...design, stripImage })} />
      <LookFields design={design} problems={problems} onChange={onChange} />
    </BlockStack>
  );
}

type TemplatesProps = { design: CardDesign; onChange: (design: CardDesign) => void };

/** Choosing one changes colours and stamp, and nothing the merchant wrote or uploaded. */
function Templates({ design, onChange }: TemplatesProps) {
  const chosen = templateOf(design);
  return (
    <BlockStack gap="200">
      <Text as="h2" variant="headingSm">
        Templates
      </Text>
      <ul className="template-grid" aria-label="Templates">
        {cardTemplates.map(({ key, name, look }) => (
          <li key={key}>
            <button
              type="button"
              className="template"
              aria-pressed={chosen?.key === key}
              onClick={() => onChange({ ...design, ...look })}
            >
              <StampStrip
                design={{ ...design, ...look, stripImage: null }}
                stamps={{ needed: 4, collected: 2 }}
                text=""
              />
              <span>{name}</span>
            </button>
          </li>
        ))}
      </ul>
    </BlockStack>
  );
}
