import { Button, Card } from '@shopify/polaris';

import { GuardedButton } from '#app/components/admin/may.tsx';

type Props = {
  isChanged: boolean;
  isSaving: boolean;
  problems: number;
  canUndo: boolean;
  canRedo: boolean;
  onUndo: () => void;
  onRedo: () => void;
  onDiscard: () => void;
  onSave: () => void;
};

function statusOf({ isChanged, isSaving, problems }: Props): string {
  if (isSaving) return 'Saving…';
  if (problems > 0) return problems === 1 ? 'One field needs you' : `${problems} fields need you`;
  return isChanged ? 'Not saved yet' : 'Saved';
}

/** Always there, so that nothing jumps: what state the draft is in, and the way back and forth. */
export function SaveBar(props: Props) {
  const { isChanged, isSaving, canUndo, canRedo } = props;
  return (
    <Card>
      <div className="save-bar" role="region" aria-label="The draft">
        <span className={isChanged ? 'save-state save-open' : 'save-state'} role="status">
          {statusOf(props)}
        </span>
        <div className="buttons">
          <Button variant="tertiary" disabled={!canUndo} onClick={props.onUndo}>
            Undo
          </Button>
          <Button variant="tertiary" disabled={!canRedo} onClick={props.onRedo}>
            Redo
          </Button>
          <Button variant="tertiary" disabled={!isChanged || isSaving} onClick={props.onDiscard}>
            Discard
          </Button>
        </div>
        <GuardedButton needs="program:write" fullWidth disabled={!isChanged} loading={isSaving} onClick={props.onSave}>
          Save draft
        </GuardedButton>
      </div>
    </Card>
  );
}
