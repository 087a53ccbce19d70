/** A program as shoppers read it before they join: what earns, and what it buys. One short sentence each. */
import type { Language } from '#app/domain/members/languages.ts';
import { formatMinor } from '#app/domain/money.ts';
import type { EarnRule, EventRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { countedIn } from '#app/domain/programs/unit-words.ts';

type Words = {
  visit: (what: string) => string;
  item: (what: string) => string;
  product: (what: string) => string;
  spend: (what: string, money: string) => string;
  occasion: Record<EventRule['event'], (what: string) => string>;
  reward: (name: string, price: string) => string;
};

const words: Record<Language, Words> = {
  en: {
    visit: (what) => `${what} for every visit`,
    item: (what) => `${what} for every item`,
    product: (what) => `${what} for every item that takes part`,
    spend: (what, money) => `${what} for every ${money}`,
    occasion: {
      'sign-up': (what) => `${what} for joining`,
      birthday: (what) => `${what} on your birthday`,
      review: (what) => `${what} for a review`,
      custom: (what) => what,
    },
    reward: (name, price) => `${name} for ${price}`,
  },
  de: {
    visit: (what) => `${what} für jeden Besuch`,
    item: (what) => `${what} für jeden Artikel`,
    product: (what) => `${what} für jeden teilnehmenden Artikel`,
    spend: (what, money) => `${what} je ${money}`,
    occasion: {
      'sign-up': (what) => `${what} fürs Mitmachen`,
      birthday: (what) => `${what} zum Geburtstag`,
      review: (what) => `${what} für eine Bewertung`,
      custom: (what) => what,
    },
    reward: (name, price) => `${name} für ${price}`,
  },
  fr: {
    visit: (what) => `${what} à chaque visite`,
    item: (what) => `${what} par article`,
    product: (what) => `${what} par article participant`,
    spend: (what, money) => `${what} par tranche de ${money}`,
    occasion: {
      'sign-up': (what) => `${what} à l’inscription`,
      birthday: (what) => `${what} pour votre anniversaire`,
      review: (what) => `${what} pour un avis`,
      custom: (what) => what,
    },
    reward: (name, price) => `${name} pour ${price}`,
  },
  es: {
    visit: (what) => `${what} por cada visita`,
    item: (what) => `${what} por cada artículo`,
    product: (what) => `${what} por cada artículo participante`,
    spend: (what, money) => `${what} por cada ${money}`,
    occasion: {
      'sign-up': (what) => `${what} por unirte`,
      birthday: (what) => `${what} por tu cumpleaños`,
      review: (what) => `${what} por una reseña`,
      custom: (what) => what,
    },
    reward: (name, price) => `${name} por ${price}`,
  },
  nl: {
    visit: (what) => `${what} bij elk bezoek`,
    item: (what) => `${what} bij elk artikel`,
    product: (what) => `${what} bij elk deelnemend artikel`,
    spend: (what, money) => `${what} per ${money}`,
    occasion: {
      'sign-up': (what) => `${what} als je meedoet`,
      birthday: (what) => `${what} op je verjaardag`,
      review: (what) => `${what} voor een review`,
      custom: (what) => what,
    },
    reward: (name, price) => `${name} voor ${price}`,
  },
};

/** So many of a unit in words, such as `2 stamps`. A merchant's own word for the unit stays as it is. */
export function describeAmount(of: {
  document: ProgramDocument;
  unit: string;
  amount: number;
  language: Language;
}): string {
  const unit = of.document.units.find((candidate) => candidate.id === of.unit);
  return countedIn(of.language, of.amount, unit ?? { kind: 'point', label: of.unit });
}

/** Every rule and every reward; `currency` chooses among the rates of a rule. The units keep the merchant's words. */
export function describeOffer(offer: { document: ProgramDocument; currency: string; language: Language }): {
  earning: string[];
  rewards: string[];
} {
  const { document, currency, language } = offer;
  const amountOf = (amount: number, unit: string) => describeAmount({ document, unit, amount, language });
  const describe = (rule: EarnRule): string => {
    const { visit, item, product, spend } = words[language];
    if (rule.kind === 'visit') return visit(amountOf(rule.amount, rule.unit));
    if (rule.kind === 'item') return (rule.conditions.productIds ? product : item)(amountOf(rule.amount, rule.unit));
    if (rule.kind === 'event') return words[language].occasion[rule.event](amountOf(rule.amount, rule.unit));
    const rate = rule.rates.find((candidate) => candidate.currency === currency) ?? rule.rates[0];
    if (!rate) return amountOf(0, rule.unit);
    return spend(
      amountOf(rate.amount, rule.unit),
      formatMinor({ minor: rate.perMinor, currency: rate.currency, locale: language }),
    );
  };
  return {
    earning: document.earnRules.map(describe),
    rewards: document.rewards.map((reward) => words[language].reward(reward.name, amountOf(reward.cost, reward.unit))),
  };
}
