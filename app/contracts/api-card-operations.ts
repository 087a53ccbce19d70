/** What the API can be asked about a member's card. */
import { z } from 'zod';

import { noQuerySchema } from '#app/contracts/api.ts';
import type { ApiOperation } from '#app/contracts/api-operation.ts';

export type CardOperationId = 'freezeCard' | 'unfreezeCard' | 'reissueCard';

export const cardStateSchema = z.object({
  memberId: z.string(),
  status: z.enum(['active', 'frozen']),
  /** Where the member gets the card; another one after it was replaced. */
  cardUrl: z.url(),
});

export type CardState = z.infer<typeof cardStateSchema>;

const card = '/api/v1/members/{memberId}/card';

function change(
  id: CardOperationId,
  path: string,
  summary: string,
  description: string,
): ApiOperation<CardOperationId> {
  return {
    id,
    tag: 'Members',
    method: 'POST',
    path: `${card}/${path}`,
    summary,
    scope: 'members:write',
    query: noQuerySchema,
    body: null,
    answers: [{ status: 200, description, schema: cardStateSchema }],
  };
}

export const cardOperations: ApiOperation<CardOperationId>[] = [
  change('freezeCard', 'freeze', 'Freeze a card: the balance stays, nothing can be done by it', 'The card is frozen'),
  change('unfreezeCard', 'unfreeze', 'Unfreeze a card', 'The card is good'),
  change('reissueCard', 'reissue', 'Replace a lost card: new serial, code and link', 'The card was replaced'),
];
