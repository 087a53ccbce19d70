/** Calls of integrators: who, from which address, what for, and how it went. Kept for twelve months, by the month. */
import type { Tx } from '#app/data/tenancy.ts';
import { newId } from '#app/lib/ids.ts';

export type ApiCallRecord = {
  clientId: string;
  operation: string;
  status: number;
  /** The caller's IP address, of a server of the integrator's; empty when the network tells none. */
  address: string;
  calledAt: Date;
};

/** Notes a call. Each is noted once more when it is repeated. */
export async function insertApiCall(tx: Tx, call: ApiCallRecord): Promise<void> {
  await tx.query(
    `insert into api_call (shop_id, id, client_id, operation, status, address, called_at) values ($1, $2, $3, $4, $5, $6, $7)`,
    [tx.shopId, newId(), call.clientId, call.operation, call.status, call.address, call.calledAt],
  );
}
