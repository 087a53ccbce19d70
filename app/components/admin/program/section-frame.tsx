import { BlockStack, Box, Text } from '@shopify/polaris';
import type { ReactNode } from 'react';

import { FieldProblem } from '#app/components/admin/program/field-problem.tsx';
import { usePartFocus } from '#app/components/admin/program/use-part-focus.ts';

/** Cards reach the edges of a small screen; what stands outside of them must not. */
const gutter = { xs: '400', sm: '0' } as const;

type Props = { title: string; intro: string; problem?: string | undefined; children: ReactNode };

/** A part of the program page: what it is for, what is wrong with it as a whole, and its forms. */
export function SectionFrame({ title, intro, problem, children }: Props) {
  const place = usePartFocus();
  return (
    <div ref={place} className="section">
      <Box paddingInline={gutter}>
        <BlockStack gap="100">
          <div data-heading tabIndex={-1}>
            <Text as="h2" variant="headingMd">
              {title}
            </Text>
          </div>
          <Text as="p" tone="subdued">
            {intro}
          </Text>
          <FieldProblem message={problem} />
        </BlockStack>
      </Box>
      {children}
    </div>
  );
}

/** What stands below the cards, such as the buttons that add one. */
export function SectionFoot({ children }: { children: ReactNode }) {
  return <Box paddingInline={gutter}>{children}</Box>;
}

/** What something gives, by the engine; takes its line before there is anything to say, so that nothing jumps. */
export function Example({ sentences }: { sentences: readonly string[] }) {
  const [first = 'Once the fields are filled in, an example stands here.', ...more] = sentences;
  return (
    <div className="example" aria-live="polite">
      <p>{first}</p>
      {more.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </div>
  );
}
