/**
 * What a person has to mend in a card before it can be saved: one sentence for each field, saying what would be right. The
 * same check in the browser and on the server; it refuses whatever the schema of a design refuses.
 */
import { cardDesignLimits as limits } from '#app/domain/cards/card-design-limits.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { type Claims, collectClaims, type Problems } from '#app/domain/programs/problem-claims.ts';

const writeSomething = 'Write something here.';
const fillIn = 'Fill in this field.';

/** What is said of fields that are merely empty: a field that was just added is not wrong yet. */
export const emptyWords: readonly string[] = [writeSomething, fillIn];

const colors = { backgroundColor: '#4b2e1e', foregroundColor: '#ffffff', labelColor: '#f4d9a0' } as const;
const webAddressMax = 500;

/** Advice by the path of the field, such as `fields.0.label`. Empty when the design is sound. */
export function designProblems(design: CardDesign): Problems {
  const claims = collectClaims();
  for (const key of ['backgroundColor', 'foregroundColor', 'labelColor'] as const)
    claims.claim(key, !/^#[0-9a-f]{6}$/.test(design[key]), `Enter a colour like ${colors[key]}.`);
  claimText(claims, 'organizationName', design.organizationName, limits.organizationNameMax);
  claimLength(claims, 'logoText', design.logoText, limits.logoTextMax);
  claimLength(claims, 'terms', design.terms, limits.termsMax);
  design.fields.forEach((field, index) => claimField(claims, `fields.${index}`, field));
  design.links.forEach(({ label, url }, index) => {
    claimText(claims, `links.${index}.label`, label, limits.linkLabelMax);
    claimAddress(claims, `links.${index}.url`, url);
  });
  design.places.forEach((place, index) => claimPlace(claims, `places.${index}`, place));
  design.poster.actions.forEach(({ title, url }, index) => {
    claimText(claims, `poster.actions.${index}.title`, title, limits.linkLabelMax);
    claimAddress(claims, `poster.actions.${index}.url`, url ?? '');
  });
  for (const [language, said] of Object.entries(design.translations))
    claimTranslation(claims, `translations.${language}`, { said, fields: design.fields });
  claimCounts(claims, design);
  return claims.problems;
}

function claimText(claims: Claims, path: string, text: string, max: number): void {
  claims.claim(path, text.trim() === '', writeSomething);
  claimLength(claims, path, text, max);
}

function claimLength({ claim }: Claims, path: string, text: string, max: number): void {
  claim(path, text.trim().length > max, `At most ${max} characters.`);
}

function claimAddress({ claim }: Claims, path: string, address: string): void {
  claim(path, address === '', fillIn);
  claim(path, address.length > webAddressMax, `At most ${webAddressMax} characters.`);
  claim(path, !isWebAddress(address), 'Enter a whole web address that begins with https://.');
}

const domainPattern = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/i;

function isWebAddress(address: string): boolean {
  if (!/^https:\/\/\S+$/.test(address) || !URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' && domainPattern.test(hostname);
}

function claimField(claims: Claims, path: string, { side, label, value }: CardDesign['fields'][number]): void {
  const isFront = side === 'front';
  claimText(claims, `${path}.label`, label, limits.fieldLabelMax);
  claimText(claims, `${path}.value`, value, isFront ? limits.frontFieldValueMax : limits.fieldValueMax);
}

function claimPlace(claims: Claims, path: string, place: CardDesign['places'][number]): void {
  const { claim } = claims;
  const { latitude, longitude } = place;
  claimText(claims, `${path}.name`, place.name, limits.placeNameMax);
  claim(`${path}.latitude`, Number.isNaN(latitude), fillIn);
  claim(`${path}.latitude`, !(Math.abs(latitude) <= 90), 'Enter a number from −90 to 90.');
  claim(`${path}.longitude`, Number.isNaN(longitude), fillIn);
  claim(`${path}.longitude`, !(Math.abs(longitude) <= 180), 'Enter a number from −180 to 180.');
  claimLength(claims, `${path}.relevantText`, place.relevantText, limits.relevantTextMax);
  place.relevantDates.forEach(({ startsAt, endsAt }, index) => {
    const at = `${path}.relevantDates.${index}`;
    claim(`${at}.startsAt`, startsAt === '', fillIn);
    claim(`${at}.endsAt`, endsAt === '', fillIn);
    claim(`${at}.startsAt`, !isMoment(startsAt), 'Choose a day and a time.');
    claim(`${at}.endsAt`, !isMoment(endsAt), 'Choose a day and a time.');
    claim(`${at}.endsAt`, !(Date.parse(startsAt) < Date.parse(endsAt)), 'This must be after the start.');
  });
}

/** A moment as the form writes it. A day that does not exist comes back as another one. */
function isMoment(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) || Number.isNaN(Date.parse(text))) return false;
  return new Date(text).toISOString().startsWith(text.slice(0, 19));
}

type Translation = NonNullable<CardDesign['translations'][keyof CardDesign['translations']]>;

type Translated = { said: Translation; fields: CardDesign['fields'] };

function claimTranslation(claims: Claims, path: string, { said, fields }: Translated): void {
  const isFront = (id: string) => fields.some((field) => field.id === id && field.side === 'front');
  claimLength(claims, `${path}.logoText`, said.logoText ?? '', limits.logoTextMax);
  claimLength(claims, `${path}.terms`, said.terms ?? '', limits.termsMax);
  for (const [id, { label, value }] of Object.entries(said.fields ?? {})) {
    claimText(claims, `${path}.fields.${id}.label`, label, limits.fieldLabelMax);
    const valueMax = isFront(id) ? limits.frontFieldValueMax : limits.fieldValueMax;
    claimText(claims, `${path}.fields.${id}.value`, value, valueMax);
  }
  for (const [id, label] of Object.entries(said.links ?? {}))
    claimText(claims, `${path}.links.${id}`, label, limits.linkLabelMax);
}

function claimCounts({ claim }: Claims, { fields, links, places, poster }: CardDesign): void {
  const atMost = (path: string, count: number, max: number) => claim(path, count > max, `At most ${max} of them.`);
  atMost('fields', fields.length, limits.fieldsMax);
  atMost('links', links.length, limits.linksMax);
  atMost('places', places.length, limits.placesMax);
  atMost('poster', poster.actions.length, limits.actionsMax);
  places.forEach(({ relevantDates }, index) =>
    atMost(`places.${index}.relevantDates`, relevantDates.length, limits.relevantDatesMax),
  );
}
