import { Badge, BlockStack, Text } from '@shopify/polaris';

import type { CertificateRow } from '#app/components/admin/certificates/certificate-shapes.ts';
import { IntentButton } from '#app/components/admin/certificates/intent-button.tsx';
import { formatCount, formatDay } from '#app/components/admin/format.ts';

const stateNames = {
  staged: 'Waiting',
  active: 'New cards',
  retiring: 'Cards on phones',
  replaced: 'Replaced',
} as const;
const stateTones = { staged: 'attention', active: 'success', retiring: 'info', replaced: undefined } as const;

type Props = { row: CertificateRow; all: CertificateRow[]; timeZone: string };

/** One certificate of the shop, and what can be done with it. */
export function CertificateLine({ row, all, timeZone }: Props) {
  const { passTypeIdentifier, teamIdentifier, state, expiresAt, daysLeft, passes, issuerId } = row;
  const tone = stateTones[state];
  const end =
    daysLeft > 0 ? `valid until ${formatDay(expiresAt, timeZone)}` : `expired ${formatDay(expiresAt, timeZone)}`;
  return (
    <li>
      <BlockStack gap="200">
        <div className="row-line">
          <Text as="h3" variant="headingSm">
            {passTypeIdentifier}
          </Text>
          <Badge {...(tone === undefined ? {} : { tone })}>{stateNames[state]}</Badge>
        </div>
        <Text as="p" tone="subdued">
          Team {teamIdentifier}, {end}
          {passes > 0 ? `, ${formatCount(passes)} ${passes === 1 ? 'card is' : 'cards are'} out` : ''}
          {row.isRevoked ? ', revoked by Apple' : ''}
        </Text>
        <UseButton row={row} all={all} />
        {state === 'active' || passes > 0 ? null : (
          <IntentButton
            fields={{ intent: 'remove', issuerId }}
            name="Remove"
            of={passTypeIdentifier}
            tone="critical"
            question={`The certificate and its key are deleted here for good. No card needs ${passTypeIdentifier} at the moment.`}
          />
        )}
      </BlockStack>
    </li>
  );
}

function UseButton({ row, all }: Omit<Props, 'timeZone'>) {
  const { issuerId, passTypeIdentifier, state, daysLeft, isRevoked } = row;
  if (state === 'active' || daysLeft <= 0 || isRevoked) return null;
  const fields = { intent: 'use', issuerId };
  const isRenewal = all.some(
    (each) =>
      each.passTypeIdentifier === passTypeIdentifier &&
      each.issuerId !== issuerId &&
      (each.state === 'active' || each.state === 'retiring'),
  );
  if (isRenewal)
    return (
      <IntentButton
        fields={fields}
        name={state === 'replaced' ? 'Go back to this certificate' : 'Renew with this certificate'}
        of={passTypeIdentifier}
        question={`All cards of ${passTypeIdentifier}, new and on phones, are signed with this certificate from now on. Nobody has to do anything, and you can go back.`}
      />
    );
  return (
    <IntentButton
      fields={fields}
      name="Use for new cards"
      of={passTypeIdentifier}
      question={`New cards are issued as ${passTypeIdentifier} from now on. Cards on phones keep what they have, and you can go back.`}
    />
  );
}
