/** Rewards' limits, collections and referrals as plain English. */
import { formatMinor } from '#app/domain/money.ts';
import { counted, describeWallTime, listed, type Wording } from '#app/domain/programs/condition-sentences.ts';
import type { ProgramDocument, Unit } from '#app/domain/programs/program.ts';
import type { Collection, Reward } from '#app/domain/programs/rewards.ts';
import { countedUnit } from '#app/domain/programs/unit-words.ts';

type Units = ReadonlyMap<string, Unit>;

/** `, at most 1 for each member, only online`; empty when anybody may have it at any time. */
export function describeRewardLimits(reward: Reward, { tierNames }: Wording): string {
  const { limits, tierIds, channels, locationIds, validFrom, validTo } = reward;
  const { perMember, perPeriod, stock } = limits ?? {};
  const names = { online: 'online', pos: 'at the till', api: 'through the API' } as const;
  const levels = tierIds?.map((tierId) => tierNames.get(tierId) ?? tierId);
  const places = channels?.map((channel) => names[channel]);
  const parts = [
    ...(perMember === undefined ? [] : [`at most ${perMember} for each member`]),
    ...(perPeriod ? [`at most ${perPeriod.count} in ${counted(perPeriod.days, 'day', 'days')}`] : []),
    ...(stock === undefined ? [] : [`${new Intl.NumberFormat('en').format(stock)} in all`]),
    ...(levels ? [`only for ${listed(levels, 'or')}`] : []),
    ...(places ? [`only ${listed(places, 'or')}`] : []),
    ...(locationIds ? [`at ${counted(locationIds.length, 'location', 'locations')}`] : []),
    ...(validFrom === undefined ? [] : [`from ${describeWallTime(validFrom)}`]),
    ...(validTo === undefined ? [] : [`until ${describeWallTime(validTo)}`]),
  ];
  return parts.map((part) => `, ${part}`).join('');
}

/** `“Breakfast”: one each of Coffee and Cake.` */
export function describeCollection(collection: Collection, units: Units): string {
  const labels = collection.units.map((id) => units.get(id)?.label ?? id);
  const how = {
    all: () => `one each of ${listed(labels, 'and')}`,
    any: () => `any ${collection.kind === 'any' ? collection.needed : ''} of ${listed(labels, 'or')}`,
    sequence: () => labels.join(', then '),
  };
  return `“${collection.name}”: ${how[collection.kind]()}.`;
}

type Referral = NonNullable<ProgramDocument['referral']>;

/** What friends and those who brought them get, and when. */
export function describeReferral(referral: Referral, units: Units, currency: string): string {
  const { friend, referrer, pendingDays, minimumMinor, friendsMax } = referral;
  const side = (who: string, gift: Referral['friend']) =>
    gift ? [`${who} gets ${countedUnit(gift.amount, units.get(gift.unit))}`] : [];
  const gifts = [...side('a friend', friend), ...side('the member who brought them', referrer)];
  const least =
    minimumMinor === 0 ? '' : ` of at least ${formatMinor({ minor: minimumMinor, currency, locale: 'en' })}`;
  const after = pendingDays === 0 ? 'is paid' : `has stood for ${counted(pendingDays, 'day', 'days')}`;
  const text = gifts.length === 0 ? 'nobody gets anything' : listed(gifts, 'and');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)} once the first order${least} ${after}; for at most ${counted(friendsMax, 'friend', 'friends')}.`;
}
