/* What happened to one order, action by action, with the time of each step. */
import { make } from './pieces.js';

const kindWords = {
  paid: 'Paid',
  refunded: 'Refunded',
  cancelled: 'Cancelled',
  'sent again': 'Sent again (duplicate)',
};
const causes = { paid: 'the sale', refunded: 'the refund', cancelled: 'the cancellation' };

/** The story of an order, the newest action first; an invitation when there is none. */
export function drawStory(order, hasCard) {
  if (!order)
    return [make('p', { class: 'empty' }, 'Every webhook, push and fetch of an order appears here with its time.')];
  const seen = order.actions.findLast((action) => action.phoneMs !== null);
  const figure =
    seen === undefined
      ? null
      : make(
          'div',
          { class: 'figure' },
          make('strong', {}, `${seen.phoneMs} ms`),
          make('span', {}, `from ${causes[seen.kind] ?? 'the message'} to the new card on the phone`),
        );
  const acts = order.actions.toReversed().map((action) => {
    const steps = action.steps.map((step) =>
      make(
        'li',
        { class: step.isGood ? '' : 'bad' },
        make('span', {}, step.label),
        make('time', {}, `+${step.atMs} ms`),
        step.detail ? make('small', {}, step.detail) : null,
      ),
    );
    if (action.isWaiting && action.kind !== 'sent again')
      steps.push(
        make('li', { class: 'wait' }, make('span', {}, hasCard ? 'Waiting for the phone' : 'No card to update')),
      );
    if (action.kind === 'sent again')
      steps.push(make('li', {}, make('span', {}, 'Already known: nothing booked twice')));
    return make(
      'div',
      { class: 'act' },
      make('h3', {}, kindWords[action.kind], ' ', make('small', {}, `${order.items} ${order.name}`)),
      make('ol', { class: 'steps' }, ...steps),
    );
  });
  return figure ? [figure, ...acts] : acts;
}
