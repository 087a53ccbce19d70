/**
 * The product without its own checks: every condition on a shop is taken out of what it sends to PostgreSQL, so that nothing
 * but row-level security keeps shops apart. The statements are the product's, on its own connections and in its own role.
 */
import pg from 'pg';

/** `shop_id = $1`, with a table's name before it and in quotes or not. Values that are written are no conditions. */
const condition = /(?<!\bset\s)((?:"?\w+"?\.)*"?\bshop_id"?) = (\$\d+(?:::uuid)?)/gi;

/** A statement whose conditions on a shop hold for every shop. The parameter stays, since others are counted after it. */
export function withoutShopChecks(text: string): string {
  return text.replace(
    condition,
    (_, _column: string, value: string) => `(${value.replace('::uuid', '')}::uuid is not null)`,
  );
}

/** How many conditions on a shop a statement has that are not taken out. */
export const checksLeft = (text: string): number =>
  text.match(/\bshop_id"? ?(=|in|<>) ?(\$|\(|any|current_shop)/gi)?.length ?? 0;

type Statement = string | { text: string; name?: string };
type Query = (this: pg.Client, statement: Statement, ...rest: unknown[]) => unknown;

export type BareStatements = {
  /** How many different statements lost a condition. */
  changed: () => number;
  /** Statements that still name a shop in a condition. */
  left: () => string[];
  end: () => void;
};

const rolesOfProduct = /\brole=stampwell_/;

function isProducts(client: pg.Client): boolean {
  const { connectionParameters } = client as unknown as { connectionParameters?: { options?: string } };
  return rolesOfProduct.test(connectionParameters?.options ?? '');
}

/** From now on every statement of the product goes without its checks, until it is ended. */
export function removeShopChecks(): BareStatements {
  const prototype = pg.Client.prototype as unknown as { query: Query };
  const whole = prototype.query;
  const changed = new Set<string>();
  const left = new Set<string>();
  prototype.query = function query(statement, ...rest) {
    const text = typeof statement === 'string' ? statement : statement.text;
    if (typeof text !== 'string' || !isProducts(this)) return whole.call(this, statement, ...rest);
    const bare = withoutShopChecks(text);
    if (bare !== text) changed.add(text);
    if (checksLeft(bare) > 0) left.add(bare);
    // A prepared statement goes by its name: the other one needs another.
    const sent =
      typeof statement === 'string'
        ? bare
        : { ...statement, text: bare, ...(statement.name !== undefined && { name: `${statement.name}-bare` }) };
    return whole.call(this, sent, ...rest);
  };
  return {
    changed: () => changed.size,
    left: () => [...left],
    end: () => {
      prototype.query = whole;
    },
  };
}
