/**
 * What one version of a program changed from another, in sentences a merchant can read: "Points for each $1.00: 1 → 2".
 * Every part of the document is compared: two documents that differ never compare as equal.
 */
import { formatMinor } from '#app/domain/money.ts';
import { type DiffWording, labelOf, writeListChange, writeValue } from '#app/domain/programs/diff-words.ts';
import type { EarnRule } from '#app/domain/programs/earn-rules.ts';
import { describeProgram } from '#app/domain/programs/program-sentences.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { ruleTitle } from '#app/domain/programs/rule-title.ts';

type Fields = Record<string, unknown>;
type Item = Fields & { id: string };
/** A list of the document whose things go by their ids. */
type Part = { title: string; one: string; many: string; itemsOf: (document: ProgramDocument) => readonly Item[] };

const parts: Part[] = [
  { title: 'Cards', one: 'Unit', many: 'The units', itemsOf: (document) => document.units },
  { title: 'Earning', one: 'Rule', many: 'The rules', itemsOf: (document) => document.earnRules },
  { title: 'Campaigns', one: 'Campaign', many: 'The campaigns', itemsOf: (document) => document.campaigns },
  { title: 'Tiers', one: 'Tier', many: 'The tiers', itemsOf: levelsOf },
  { title: 'Collections', one: 'Collection', many: 'The collections', itemsOf: (document) => document.collections },
  { title: 'Rewards', one: 'Reward', many: 'The rewards', itemsOf: (document) => document.rewards },
];

/** Thresholds of money are named so, and then read as money. */
function levelsOf({ tiers }: ProgramDocument): readonly Item[] {
  if (tiers?.qualifiesBy.kind !== 'spend') return tiers?.levels ?? [];
  return tiers.levels.map(({ threshold, ...level }) => ({ ...level, thresholdMinor: threshold }));
}

/** Sentences in the order of the document; empty exactly when both say the same. `currency` is the shop's. */
export function programDiff(before: ProgramDocument, after: ProgramDocument, currency: string): string[] {
  const wording: DiffWording = { currency, names: new Map([...namesOf(before), ...namesOf(after)]) };
  return [
    ...(before.name === after.name ? [] : [`Name: ${before.name} → ${after.name}`]),
    ...parts.flatMap((part) => partChanges(part, { before, after, wording })),
    ...settingChanges('Tiers', tierSettings(before), tierSettings(after), wording),
    ...settingChanges('Friends', before.referral, after.referral, wording),
    ...settingChanges('Settings', before.settings, after.settings, wording),
  ];
}

function namesOf(document: ProgramDocument): [string, string][] {
  return [
    ...document.units.map(({ id, label }): [string, string] => [id, label]),
    ...document.collections.map(({ id, name }): [string, string] => [id, `“${name}”`]),
    ...(document.tiers?.levels ?? []).map(({ id, name }): [string, string] => [id, name]),
    ...document.earnRules.map((rule): [string, string] => [rule.id, ruleTitle(rule, document)]),
  ];
}

function tierSettings({ tiers }: ProgramDocument): Fields | null {
  if (tiers === null) return null;
  const { levels: _levels, ...settings } = tiers;
  return settings;
}

type Comparison = { before: ProgramDocument; after: ProgramDocument; wording: DiffWording };

function partChanges(part: Part, { before, after, wording }: Comparison): string[] {
  const old = new Map(part.itemsOf(before).map((item) => [item.id, item]));
  const now = new Map(part.itemsOf(after).map((item) => [item.id, item]));
  const removed = [...old.keys()].filter((id) => !now.has(id));
  const added = [...now.keys()].filter((id) => !old.has(id));
  const oldWords = removed.length === 0 ? noWords : sentencesOf(before, part.title, wording.currency);
  const newWords = added.length === 0 ? noWords : sentencesOf(after, part.title, wording.currency);
  const kept = [...now.values()].flatMap((item) => {
    const known = old.get(item.id);
    return known === undefined ? [] : itemChanges(part, known, item, { before, after, wording });
  });
  const oldOrder = [...old.keys()].filter((id) => now.has(id));
  const newOrder = [...now.keys()].filter((id) => old.has(id));
  const isMoved = oldOrder.join() !== newOrder.join();
  return [
    ...removed.map((id) => `${part.one} removed: ${oldWords.get(id) ?? id}`),
    ...added.map((id) => `${part.one} added: ${newWords.get(id) ?? id}`),
    ...kept,
    ...(isMoved ? [`${part.many} stand in another order.`] : []),
  ];
}

const noWords = new Map<string, string>();

function sentencesOf(document: ProgramDocument, title: string, currency: string): Map<string, string> {
  const section = describeProgram(document, currency).find((candidate) => candidate.title === title);
  return new Map(section?.sentences.map(({ id, text }) => [id, text]));
}

function itemChanges(part: Part, before: Item, after: Item, comparison: Comparison): string[] {
  const { wording } = comparison;
  const subject = `${part.one} “${titleOf(after, wording)}”`;
  const { rates: oldRates, ...old } = before as Item & { rates?: unknown };
  const { rates: newRates, ...now } = after as Item & { rates?: unknown };
  const changes = settingChanges(subject, old, now, wording);
  if (oldRates === undefined && newRates === undefined) return changes;
  return [...rateChanges(before, after, { subject, wording }), ...changes];
}

function titleOf(item: Item, { names }: DiffWording): string {
  const { name, label, id } = item as { name?: string; label?: string; id: string };
  return name ?? label ?? names.get(id) ?? id;
}

type Rates = Extract<EarnRule, { kind: 'spend' }>['rates'];

/** Rates by currency: "Points for each $1.00: 1 → 2". */
function rateChanges(before: Item, after: Item, about: { subject: string; wording: DiffWording }): string[] {
  const { subject, wording } = about;
  const ratesOf = (item: Item) =>
    new Map((('rates' in item ? item['rates'] : []) as Rates).map((rate) => [rate.currency, rate]));
  const old = ratesOf(before);
  const now = ratesOf(after);
  const label = wording.names.get(String(after['unit'])) ?? String(after['unit']);
  const moneyOf = ({ perMinor, currency }: Rates[number]) => formatMinor({ minor: perMinor, currency, locale: 'en' });
  const changes = [...new Set([...old.keys(), ...now.keys()])].flatMap((currency) => {
    const [one, two] = [old.get(currency), now.get(currency)];
    if (one === undefined && two !== undefined)
      return [`${subject}: ${two.amount} ${label} for each ${moneyOf(two)} added`];
    if (two === undefined && one !== undefined)
      return [`${subject}: ${one.amount} ${label} for each ${moneyOf(one)} removed`];
    if (one === undefined || two === undefined) return [];
    if (one.perMinor === two.perMinor)
      return one.amount === two.amount ? [] : [`${label} for each ${moneyOf(two)}: ${one.amount} → ${two.amount}`];
    return [`${subject}: ${one.amount} ${label} for each ${moneyOf(one)} → ${two.amount} for each ${moneyOf(two)}`];
  });
  const isMoved = changes.length === 0 && [...old.keys()].join() !== [...now.keys()].join();
  return isMoved ? [`${subject}: the currencies stand in another order.`] : changes;
}

/** Groups whose fields are compared one by one; everything else is one value. */
const groups = new Set(['conditions', 'caps', 'limits']);

function settingChanges(subject: string, before: object | null, after: object | null, wording: DiffWording): string[] {
  if (before === null && after === null) return [];
  const old = flatten(before ?? {});
  const now = flatten(after ?? {});
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((path) => {
    const change = changeOf(path, old.get(path), now.get(path), wording);
    return change === null ? [] : [`${subject}, ${labelOf(path)}: ${change}`];
  });
}

function flatten(value: object): Map<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const [key, field] of Object.entries(value)) {
    if (!groups.has(key) || typeof field !== 'object' || field === null) fields.set(key, field);
    else for (const [inner, innerField] of Object.entries(field)) fields.set(`${key}.${inner}`, innerField);
  }
  return fields;
}

function changeOf(path: string, before: unknown, after: unknown, wording: DiffWording): string | null {
  if (isSame(before, after)) return null;
  // Lists of ids and words: what came and went; their order says something only in a sequence of stamps.
  if (isWords(before) && isWords(after)) {
    const say = (values: readonly string[]) => values.map((value) => wording.names.get(value) ?? value);
    const change = writeListChange(say(before), say(after));
    if (change !== null) return change;
  }
  const [old, now] = [writeValue(path, before, wording), writeValue(path, after, wording)];
  return old === now ? `changed (${JSON.stringify(before)} → ${JSON.stringify(after)})` : `${old} → ${now}`;
}

function isWords(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Key order does not matter; a field that is undefined is not there. */
function isSame(one: unknown, two: unknown): boolean {
  if (one === two) return true;
  if (typeof one !== 'object' || typeof two !== 'object' || one === null || two === null) return false;
  if (Array.isArray(one) !== Array.isArray(two)) return false;
  const keys = new Set([...Object.keys(one), ...Object.keys(two)]);
  return [...keys].every((key) => isSame((one as Fields)[key], (two as Fields)[key]));
}
