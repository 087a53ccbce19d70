import { BlockStack, Button, Card, InlineStack, Text } from '@shopify/polaris';
import type { ReactNode } from 'react';

import { DownIcon, RemoveIcon, UpIcon } from '#app/components/admin/program/icons.tsx';

type Props = {
  id: string;
  title: string;
  /** What it is, for the names of its buttons: `Remove the rule “Points”`. */
  kind: string;
  children: ReactNode;
  onRemove?: () => void;
  /** Absent where order says nothing. */
  onMove?: (by: -1 | 1) => void;
  isFirst?: boolean;
  isLast?: boolean;
};

/** One rule, campaign, tier or reward: its name, the buttons that move and remove it, and its form. */
export function PartFrame({ id, title, kind, children, onRemove, onMove, isFirst = true, isLast = true }: Props) {
  const name = `${kind} “${title}”`;
  return (
    <Card>
      <section data-part={id} aria-label={`${kind.charAt(0).toUpperCase()}${kind.slice(1)}: ${title}`}>
        <BlockStack gap="300">
          <InlineStack align="space-between" blockAlign="center" wrap={false} gap="200">
            <Text as="h3" variant="headingSm">
              {title}
            </Text>
            <div className="part-tools">
              {onMove === undefined || (isFirst && isLast) ? null : (
                <>
                  <Button
                    variant="tertiary"
                    icon={UpIcon}
                    disabled={isFirst}
                    onClick={() => onMove(-1)}
                    accessibilityLabel={`Move the ${name} up`}
                  />
                  <Button
                    variant="tertiary"
                    icon={DownIcon}
                    disabled={isLast}
                    onClick={() => onMove(1)}
                    accessibilityLabel={`Move the ${name} down`}
                  />
                </>
              )}
              {onRemove === undefined ? null : (
                <Button
                  variant="tertiary"
                  icon={RemoveIcon}
                  onClick={onRemove}
                  accessibilityLabel={`Remove the ${name}`}
                />
              )}
            </div>
          </InlineStack>
          {children}
        </BlockStack>
      </section>
    </Card>
  );
}
