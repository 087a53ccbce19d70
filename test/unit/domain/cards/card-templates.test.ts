import { describe, expect, it } from 'vitest';

import { cardTemplates, templateOf } from '#app/domain/cards/card-templates.ts';
import { cardDesignSchema } from '#app/domain/cards/card-design.ts';
import { contrastOf, largeTextContrastMin, parseHexColor, textContrastMin } from '#app/domain/cards/color.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';

describe('the templates', () => {
  it.each(cardTemplates)('$name can be read, and makes a sound design', ({ key, look }) => {
    const [background, text, label] = [look.backgroundColor, look.foregroundColor, look.labelColor].map(parseHexColor);
    if (!background || !text || !label) throw new Error('a template lacks a colour');
    expect(contrastOf(background, text)).toBeGreaterThanOrEqual(textContrastMin);
    expect(contrastOf(background, label)).toBeGreaterThanOrEqual(largeTextContrastMin);
    expect(cardDesignSchema.safeParse({ ...starterDesign('Shop'), ...look }).success).toBe(true);
    expect(templateOf(look)?.key).toBe(key);
  });

  it('include the look that every shop begins with', () => {
    expect(templateOf(starterDesign('Shop'))?.name).toBe('Forest');
    expect(templateOf({ ...starterDesign('Shop'), stampShape: 'paw' })).toBeNull();
  });
});
