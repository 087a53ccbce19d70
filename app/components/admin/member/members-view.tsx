import { Form } from '@remix-run/react';
import {
  Badge,
  BlockStack,
  Box,
  Button,
  Card,
  EmptyState,
  IndexTable,
  InlineStack,
  Link,
  Page,
  Text,
  TextField,
} from '@shopify/polaris';
import { useState } from 'react';

import { formatCount, formatDay, formatMember } from '#app/components/admin/format.ts';
import { countedUnit } from '#app/domain/programs/unit-words.ts';

export type MemberRow = {
  memberId: string;
  nameMasked: string | null;
  emailMasked: string | null;
  phoneMasked: string | null;
  state: 'active' | 'frozen' | 'erased';
  enrolledAt: Date;
  via: string;
  balances: { unit: string; label: string; kind: 'point' | 'stamp'; amount: number; needed: number | null }[];
};

type Props = {
  members: MemberRow[];
  nextCursor: string | null;
  isFirstPage: boolean;
  search: string;
  timeZone: string;
  joinUrl: string | null;
  /** The embedded parameters, which a plain form would lose. */
  kept: [string, string][];
};

export function MembersView(props: Props) {
  const { members, nextCursor, isFirstPage, search, kept } = props;
  return (
    <Page title="Members" subtitle="Who collects, and what they have; newest first">
      <BlockStack gap="400">
        <Box paddingInline={{ xs: '400', sm: '0' }}>
          <SearchForm search={search} kept={kept} />
        </Box>
        <Card padding="0">{members.length === 0 ? <NoMembers {...props} /> : <MemberTable {...props} />}</Card>
        <Pages nextCursor={nextCursor} isFirstPage={isFirstPage} search={search} />
      </BlockStack>
    </Page>
  );
}

function SearchForm({ search, kept }: Pick<Props, 'search' | 'kept'>) {
  const [text, setText] = useState(search);
  return (
    <Form method="get" role="search">
      {kept.map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <TextField
        label="Find a member"
        name="search"
        type="search"
        autoComplete="off"
        value={text}
        onChange={setText}
        clearButton
        onClearButtonClick={() => setText('')}
        placeholder="Whole e-mail address, Shopify customer number or member id"
        connectedRight={<Button submit>Search</Button>}
      />
    </Form>
  );
}

function NoMembers({ search, joinUrl }: Props) {
  if (search !== '')
    return (
      <EmptyState heading="Nobody was found" image="" action={{ content: 'Show all members', url: '/app/members' }}>
        <p>
          E-mail addresses are stored encrypted, so only the whole address finds its member. Customer numbers work too.
        </p>
      </EmptyState>
    );
  return (
    <EmptyState
      heading="Nobody has joined yet"
      image=""
      {...(joinUrl === null ? {} : { action: { content: 'Open the join page', url: joinUrl, external: true } })}
    >
      <p>Share the join link, print the QR poster, or let staff add members at the till.</p>
    </EmptyState>
  );
}

function MemberTable({ members, timeZone }: Props) {
  return (
    <div className="members-table">
      <IndexTable
        selectable={false}
        itemCount={members.length}
        resourceName={{ singular: 'member', plural: 'members' }}
        headings={[{ title: 'Member' }, { title: 'Balance' }, { title: 'Joined' }, { title: 'State' }]}
      >
        {members.map((member, index) => (
          <IndexTable.Row id={member.memberId} key={member.memberId} position={index}>
            <IndexTable.Cell>
              <Link url={`/app/members/${member.memberId}`} dataPrimaryLink>
                {member.nameMasked ?? member.emailMasked ?? formatMember(member.memberId)}
              </Link>
              {member.nameMasked !== null && member.emailMasked !== null ? (
                <Text as="p" tone="subdued" variant="bodySm">
                  {member.emailMasked}
                </Text>
              ) : null}
            </IndexTable.Cell>
            <IndexTable.Cell>{member.balances.map(balanceText).join(' · ')}</IndexTable.Cell>
            <IndexTable.Cell>{formatDay(member.enrolledAt, timeZone)}</IndexTable.Cell>
            <IndexTable.Cell>
              <StateBadge state={member.state} />
            </IndexTable.Cell>
          </IndexTable.Row>
        ))}
      </IndexTable>
    </div>
  );
}

/** `7 of 10 stamps`, `1 of 10 stamps and 2 full`, or `80 points`. */
function balanceText({ amount, needed, ...unit }: MemberRow['balances'][number]): string {
  if (needed === null) return countedUnit(amount, unit);
  const full = Math.max(0, Math.floor(amount / needed));
  const begun = `${formatCount(amount - full * needed)} of ${countedUnit(needed, unit)}`;
  return full === 0 ? begun : `${begun} and ${formatCount(full)} full`;
}

const stateTones = { active: 'success', frozen: 'warning', erased: 'read-only' } as const;
const stateNames = { active: 'Active', frozen: 'Frozen', erased: 'Erased' } as const;

export function StateBadge({ state }: { state: MemberRow['state'] }) {
  return <Badge tone={stateTones[state]}>{stateNames[state]}</Badge>;
}

/** Keyset pages know only "next"; the way back is the browser's, and the start is one click away. */
function Pages({ nextCursor, isFirstPage, search }: Pick<Props, 'nextCursor' | 'isFirstPage' | 'search'>) {
  const address = (cursor: string | null) => {
    const query = new URLSearchParams();
    if (search !== '') query.set('search', search);
    if (cursor !== null) query.set('cursor', cursor);
    return `/app/members?${query.toString()}`;
  };
  if (isFirstPage && nextCursor === null) return null;
  return (
    <InlineStack align="center" gap="300">
      {isFirstPage ? null : <Button url={address(null)}>First page</Button>}
      {isFirstPage ? null : <Button onClick={() => history.back()}>Previous</Button>}
      {nextCursor === null ? null : <Button url={address(nextCursor)}>Next</Button>}
    </InlineStack>
  );
}
