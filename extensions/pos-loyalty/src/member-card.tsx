import type { PosBalance, PosMember, PosPreview, PosReward } from '#app/contracts/pos.ts';
import { attachToSale, giveStamps, nextCard, redeemReward, showUnexpected, undoLast } from './desk.ts';
import type { Desk, DeskState } from './desk.ts';
import { ApprovalForm } from './approval-form.tsx';
import { guarded } from './guarded.ts';
import type { Translate } from './till.ts';

interface MemberCardProps {
  member: PosMember;
  desk: Desk;
  state: DeskState;
  /** False without a network, when nothing can be saved. */
  isOnline: boolean;
  translate: Translate;
}

/** Most visits earn one; three covers a small round. Larger amounts take further taps. */
const amounts = [1, 2, 3];

/** What staff see after a scan: standing first, then the actions in the order they are used. */
export function MemberCard(props: MemberCardProps) {
  const { member, translate, desk, state } = props;
  const isBlocked = state.isBusy || !props.isOnline;
  const isActive = member.status === 'active';
  return (
    <s-stack direction="block" gap="base">
      <s-section heading={member.displayName ?? translate('member')}>
        <s-stack direction="block" gap="small">
          {isActive ? null : <s-banner tone="warning" heading={translate('frozen')} />}
          {member.balances.map((balance) => (
            <Balance key={balance.unit} balance={balance} translate={translate} />
          ))}
          <Estimate preview={isActive ? state.preview : null} translate={translate} />
          {state.isOnSale ? <s-text tone="success">{translate('onSale')}</s-text> : null}
        </s-stack>
      </s-section>
      {state.waiting === null ? null : <ApprovalForm desk={desk} isBlocked={isBlocked} translate={translate} />}
      {isActive ? <Stamps {...props} isBlocked={isBlocked} /> : null}
      {isActive ? <Rewards {...props} isBlocked={isBlocked} /> : null}
      <Undo {...props} isBlocked={isBlocked} />
      {isActive && !state.isOnSale ? (
        <s-button
          disabled={isBlocked}
          onClick={guarded(
            () => attachToSale(desk),
            () => showUnexpected(desk),
          )}
        >
          {translate('useForSale')}
        </s-button>
      ) : null}
      <s-button
        disabled={state.isBusy}
        onClick={guarded(
          () => nextCard(desk),
          () => showUnexpected(desk),
        )}
      >
        {translate('nextCard')}
      </s-button>
    </s-stack>
  );
}

function Balance({ balance, translate }: { balance: PosBalance; translate: Translate }) {
  const { label, collected, available, needed } = balance;
  const standing = needed === null ? `${label}: ${collected}` : translate('progress', { label, collected, needed });
  return (
    <s-stack direction="block" gap="none">
      <s-text type="strong">{standing}</s-text>
      {available === collected ? null : <s-text color="subdued">{translate('available', { available })}</s-text>}
    </s-stack>
  );
}

/** What the sale brings once it is paid. */
function Estimate({ preview, translate }: { preview: PosPreview | null; translate: Translate }) {
  if (preview === null || preview.amounts.length === 0) return null;
  const estimate = preview.amounts.map(({ amount, label }) => `+${amount} ${label}`).join(', ');
  return <s-text tone="success">{translate('estimate', { estimate })}</s-text>;
}

const reasonKeys: Record<string, string> = {
  'not-enough': 'reason.not-enough',
  limit: 'reason.limit',
  stock: 'reason.stock',
  tier: 'reason.tier',
  'not-now': 'reason.not-now',
  channel: 'reason.channel',
  frozen: 'reason.frozen',
  paused: 'reason.paused',
  challenge: 'reason.challenge',
};

/** Whether a reward can be had at this till, and why not, as far as anybody said. */
function availabilityOf(
  reward: PosReward,
  preview: PosPreview | null,
): { isAvailable: boolean; reason: string | null } {
  const found = preview?.rewards.find(({ rewardId }) => rewardId === reward.rewardId);
  if (found === undefined) return { isAvailable: reward.affordable, reason: null };
  return { isAvailable: found.isAvailable, reason: found.reason === null ? null : (reasonKeys[found.reason] ?? null) };
}

type ActionProps = MemberCardProps & { isBlocked: boolean };

function Stamps({ member, desk, translate, isBlocked }: ActionProps) {
  const stampCards = member.balances.filter((balance) => balance.kind === 'stamp');
  return (
    <>
      {stampCards.map(({ unit, label }) => (
        <s-section key={unit} heading={translate('give', { label })}>
          <s-stack direction="inline" gap="base">
            {amounts.map((amount) => (
              <s-button
                key={amount}
                variant={amount === 1 ? 'primary' : 'secondary'}
                disabled={isBlocked}
                onClick={guarded(
                  () => giveStamps(desk, { unit, label, amount }),
                  () => showUnexpected(desk),
                )}
              >
                {translate('giveAmount', { amount, label })}
              </s-button>
            ))}
          </s-stack>
        </s-section>
      ))}
    </>
  );
}

function Rewards(props: ActionProps) {
  const { member, translate } = props;
  if (member.rewards.length === 0) return null;
  return (
    <s-section heading={translate('rewards')}>
      <s-stack direction="block" gap="base">
        {member.rewards.map((reward) => (
          <Reward key={reward.rewardId} {...props} reward={reward} />
        ))}
      </s-stack>
    </s-section>
  );
}

function Reward({ reward, member, desk, state, translate, isBlocked }: ActionProps & { reward: PosReward }) {
  const { isAvailable, reason } = availabilityOf(reward, state.preview);
  return (
    <s-stack direction="block" gap="small">
      <s-text>{rewardLine(reward, member, translate)}</s-text>
      {reason === null ? null : <s-text color="subdued">{translate(reason)}</s-text>}
      <s-button
        variant={isAvailable ? 'primary' : 'secondary'}
        disabled={isBlocked || !isAvailable}
        onClick={guarded(
          () => redeemReward(desk, reward),
          () => showUnexpected(desk),
        )}
      >
        {translate(isAvailable ? 'redeem' : 'notYet', { name: reward.name })}
      </s-button>
    </s-stack>
  );
}

function rewardLine(reward: PosReward, member: PosMember, translate: Translate): string {
  const label = member.balances.find((balance) => balance.unit === reward.unit)?.label ?? reward.unit;
  const price = translate('cost', { cost: reward.costLabel ?? `${reward.cost} ${label}` });
  return [reward.name, reward.discountLabel, price].filter((part) => part !== '').join(' · ');
}

function Undo({ member, desk, translate, isBlocked }: ActionProps) {
  const undoable = member.lastEntry;
  if (undoable === null) return null;
  return (
    <s-button
      tone="critical"
      disabled={isBlocked}
      onClick={guarded(
        () => undoLast(desk),
        () => showUnexpected(desk),
      )}
    >
      {translate('undo', { label: undoable.label })}
    </s-button>
  );
}
