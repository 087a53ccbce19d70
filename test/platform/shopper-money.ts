/** Orders of shoppers who see another currency than the shop's. */
import { decimalOf, minorOf, type OrderBody } from '#test/platform/order-body.ts';

/** A rate as a ratio of whole numbers, from the shop's minor units to the shopper's. */
export type ShopperCurrency = { currency: string; times: number; over: number };

type Money = { amount: string; currency_code: string };

function isMoneySet(value: object): value is { shop_money: Money; presentment_money: Money } {
  return 'shop_money' in value && 'presentment_money' in value;
}

/** The same order with every amount told in the shopper's money too, each rounded by itself as Shopify does. */
export function inShoppersMoney(order: OrderBody, shopper: ShopperCurrency): OrderBody {
  const convert = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(convert);
    if (typeof value !== 'object' || value === null) return value;
    if (isMoneySet(value)) return { ...value, presentment_money: exchange(value.shop_money, shopper) };
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, convert(item)]));
  };
  return { ...(convert(order) as OrderBody), presentment_currency: shopper.currency };
}

function exchange(money: Money, { currency, times, over }: ShopperCurrency): Money {
  const amountMinor = minorOf(money.amount, money.currency_code);
  const sign = amountMinor < 0 ? -1 : 1;
  const shoppersMinor = sign * Math.floor((Math.abs(amountMinor) * times * 2 + over) / (over * 2));
  return { amount: decimalOf(shoppersMinor, currency), currency_code: currency };
}
