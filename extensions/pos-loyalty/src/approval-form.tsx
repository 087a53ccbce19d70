import { useState } from 'preact/hooks';
import { approveWaiting, giveUpWaiting, showUnexpected } from './desk.ts';
import type { Desk } from './desk.ts';
import { guarded } from './guarded.ts';
import type { Translate } from './till.ts';

interface ApprovalFormProps {
  desk: Desk;
  isBlocked: boolean;
  translate: Translate;
}

/** A manager comes to the till, says who they are by their number, and types their PIN where nobody sees it. */
export function ApprovalForm({ desk, isBlocked, translate }: ApprovalFormProps) {
  const [number, setNumber] = useState('');
  const onError = () => showUnexpected(desk);
  return (
    <s-section heading={translate('approval.heading')}>
      <s-stack direction="block" gap="base">
        <s-number-field
          label={translate('approval.number')}
          value={number}
          onInput={({ currentTarget }) => setNumber(currentTarget.value ?? '')}
        />
        <s-button
          variant="primary"
          disabled={isBlocked || !/^\d{1,6}$/.test(number)}
          onClick={guarded(() => approveWaiting(desk, Number(number)), onError)}
        >
          {translate('approval.approve')}
        </s-button>
        <s-button disabled={isBlocked} onClick={guarded(() => giveUpWaiting(desk), onError)}>
          {translate('approval.cancel')}
        </s-button>
      </s-stack>
    </s-section>
  );
}
