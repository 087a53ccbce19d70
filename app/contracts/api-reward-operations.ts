/** What the API can be asked about rewards. */
import type { ApiOperation } from '#app/contracts/api-operation.ts';
import * as rewards from '#app/contracts/api-rewards.ts';
import { noQuerySchema } from '#app/contracts/api.ts';

export type RewardOperationId =
  'listMemberRewards' | 'createReservation' | 'getReservation' | 'commitReservation' | 'releaseReservation';

const member = '/api/v1/members/{memberId}';
const reservation = `${member}/reservations/{reservationId}`;
const reading = { tag: 'Rewards', method: 'GET', scope: 'rewards:read', body: null } as const;
const writing = { tag: 'Rewards', method: 'POST', scope: 'redemptions:write', query: noQuerySchema } as const;

export const rewardOperations: ApiOperation<RewardOperationId>[] = [
  {
    ...reading,
    id: 'listMemberRewards',
    path: `${member}/rewards`,
    summary: 'The rewards of a member’s program: what can be had now, and why the rest cannot',
    query: rewards.rewardQuerySchema,
    answers: [{ status: 200, description: 'The rewards', schema: rewards.rewardListSchema }],
  },
  {
    ...writing,
    id: 'createReservation',
    path: `${member}/reservations`,
    summary: 'Hold a reward for one sale; what it costs can be spent on nothing else meanwhile',
    body: rewards.reservationCreateSchema,
    answers: [{ status: 201, description: 'Reserved', schema: rewards.reservationSchema }],
  },
  {
    ...reading,
    id: 'getReservation',
    path: reservation,
    summary: 'A reservation as it is by now',
    query: noQuerySchema,
    answers: [{ status: 200, description: 'The reservation', schema: rewards.reservationSchema }],
  },
  {
    ...writing,
    id: 'commitReservation',
    path: `${reservation}/commit`,
    summary: 'The sale is made: spend what is held',
    body: rewards.reservationCommitSchema,
    answers: [{ status: 200, description: 'Spent', schema: rewards.committedReservationSchema }],
  },
  {
    ...writing,
    id: 'releaseReservation',
    path: `${reservation}/release`,
    summary: 'The sale is not made: give up what is held',
    body: null,
    answers: [{ status: 200, description: 'Given up', schema: rewards.reservationSchema }],
  },
];
