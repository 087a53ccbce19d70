/**
 * Customers' tags, kept only while some program of the shop has rules about them. Shopify tells that tags changed, not in
 * which order: what is not sure to be the newest is forgotten, and asked for when it is needed.
 */
import type { Tx } from '#app/data/tenancy.ts';

/** Keeps what a customer's tags were at `at`, unless something newer is known. Safe to repeat. */
export async function keepMemberTags(tx: Tx, customerId: string, told: { tags: string[]; at: Date }): Promise<void> {
  await tx.query(
    `update member set tags = $3, tags_at = $4
     where shop_id = $1 and shopify_customer_id = $2 and state <> 'erased' and (tags_at is null or tags_at <= $4)
       and exists (select from rule_version where shop_id = $1 and document::text ~ '"(excludedM|m)emberTags"')`,
    [tx.shopId, customerId, told.tags, told.at],
  );
}

/** Forgets a customer's tags, which changed at `at`. Safe to repeat. */
export async function forgetMemberTags(tx: Tx, customerId: string, at: Date): Promise<void> {
  await tx.query(
    `update member set tags = null, tags_at = $3
     where shop_id = $1 and shopify_customer_id = $2 and state <> 'erased' and (tags_at is null or tags_at <= $3)`,
    [tx.shopId, customerId, at],
  );
}
