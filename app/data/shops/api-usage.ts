/** What API clients asked for, by the day: figures, no contents. */
import type { ClientUse } from '#app/domain/security/judge-signals.ts';
import type { Tx } from '#app/data/tenancy.ts';

export type ApiUsage = {
  requests: number;
  /** Answered with 4xx, 429 apart. */
  refused: number;
  /** Answered with 429. */
  limited: number;
  /** Answered with 5xx. */
  failed: number;
  bytesOut: number;
};

/** Adds to a client's day. Answers what the day comes to. */
export async function addApiUsage(
  tx: Tx,
  clientId: string,
  { day, usage }: { day: Date; usage: ApiUsage },
): Promise<Pick<ClientUse, 'calls' | 'bytesOut'>> {
  const [total] = await tx.query<Pick<ClientUse, 'calls' | 'bytesOut'>>(
    `insert into api_client_usage (shop_id, client_id, day, requests, refused, limited, failed, bytes_out)
     values ($1, $2, ($3::timestamptz at time zone 'UTC')::date, $4, $5, $6, $7, $8)
     on conflict (shop_id, client_id, day) do update set requests = api_client_usage.requests + excluded.requests,
       refused = api_client_usage.refused + excluded.refused, limited = api_client_usage.limited + excluded.limited,
       failed = api_client_usage.failed + excluded.failed, bytes_out = api_client_usage.bytes_out + excluded.bytes_out
     returning requests::float8 as calls, bytes_out::float8 as "bytesOut"`,
    [tx.shopId, clientId, day, usage.requests, usage.refused, usage.limited, usage.failed, usage.bytesOut],
  );
  return total ?? { calls: 0, bytesOut: 0 };
}

/** What each client asked for on the day of `at`, beside its average day of the two weeks before. At most 500. */
export async function readClientUses(tx: Tx, at: Date): Promise<ClientUse[]> {
  return tx.query<ClientUse>(
    `select today.client_id as "clientId", today.day::timestamp at time zone 'UTC' as day, today.requests::float8 as calls,
       today.bytes_out::float8 as "bytesOut", count(b.day)::int as "usualDays",
       coalesce(round(avg(b.requests)), 0)::float8 as "usualCalls", coalesce(round(avg(b.bytes_out)), 0)::float8 as "usualBytesOut"
     from api_client_usage today
       left join api_client_usage b on b.shop_id = today.shop_id and b.client_id = today.client_id
         and b.day < today.day and b.day >= today.day - 14
     where today.shop_id = $1 and today.day = ($2::timestamptz at time zone 'UTC')::date
     group by today.client_id, today.day, today.requests, today.bytes_out
     order by today.bytes_out desc, today.client_id limit 500`,
    [tx.shopId, at],
  );
}

/** Each client's figures since a day, by client id. */
export async function readApiUsage(tx: Tx, since: Date): Promise<Map<string, ApiUsage>> {
  const rows = await tx.query<{ client_id: string } & Record<string, string>>(
    `select client_id, sum(requests) as requests, sum(refused) as refused, sum(limited) as limited, sum(failed) as failed,
       sum(bytes_out) as bytes_out
     from api_client_usage where shop_id = $1 and day >= ($2::timestamptz at time zone 'UTC')::date group by client_id limit 500`,
    [tx.shopId, since],
  );
  return new Map(
    rows.map((row) => [
      row.client_id,
      {
        requests: Number(row['requests']),
        refused: Number(row['refused']),
        limited: Number(row['limited']),
        failed: Number(row['failed']),
        bytesOut: Number(row['bytes_out']),
      },
    ]),
  );
}
