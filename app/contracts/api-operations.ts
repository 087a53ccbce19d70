/** What the API can be asked, as data: the router, the scopes it demands and the OpenAPI document are all read from here. */
import { cardOperations, type CardOperationId } from '#app/contracts/api-card-operations.ts';
import { ledgerOperations, type LedgerOperationId } from '#app/contracts/api-ledger-operations.ts';
import { memberOperations, type MemberOperationId } from '#app/contracts/api-member-operations.ts';
import type { ApiOperation } from '#app/contracts/api-operation.ts';
import { orderOperations, type OrderOperationId } from '#app/contracts/api-order-operations.ts';
import { privacyOperations, type PrivacyOperationId } from '#app/contracts/api-privacy-operations.ts';
import { programOperations, type ProgramOperationId } from '#app/contracts/api-program-operations.ts';
import { rewardOperations, type RewardOperationId } from '#app/contracts/api-reward-operations.ts';

export type ApiOperationId =
  | MemberOperationId
  | PrivacyOperationId
  | CardOperationId
  | LedgerOperationId
  | RewardOperationId
  | OrderOperationId
  | ProgramOperationId;

export const apiOperations: ApiOperation<ApiOperationId>[] = [
  ...memberOperations,
  ...privacyOperations,
  ...cardOperations,
  ...ledgerOperations,
  ...rewardOperations,
  ...orderOperations,
  ...programOperations,
];
