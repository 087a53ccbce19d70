/**
 * How much speaks against a redemption that is asked for now. Every rule says its weight and why, so that a person can
 * follow the sum, and overrule it.
 */
import type { DetectorChoice } from '#app/domain/security/detectors.ts';

/** Rises with every change of rules or weights: a kept decision says by which it was made. */
export const riskRulesVersion = '1';

const challengeScore = 100;
/** Two branches in one town, and a till that was moved, are nothing to wonder about. */
const nearKm = 20;
const earthRadiusKm = 6_371;

export type StoreUse = { locationId: string; at: Date };
export type StorePosition = { locationId: string; latitude: number; longitude: number };

export type RedemptionRisk = {
  at: Date;
  /** The till asked at; null online and where the caller does not say. */
  locationId: string | null;
  /** Where the card was used shortly before. */
  uses: StoreUse[];
  positions: StorePosition[];
  geoVelocity: DetectorChoice;
};

export type RiskRule = { rule: string; weight: number; why: string };
export type RiskVerdict = {
  outcome: 'allow' | 'challenge';
  score: number;
  rules: RiskRule[];
  inputs: Record<string, number | string>;
};

const allowed: RiskVerdict = { outcome: 'allow', score: 0, rules: [], inputs: {} };

/** The verdict, with the rules that led to it. Same input, same verdict. */
export function judgeRedemption(risk: RedemptionRisk): RiskVerdict {
  if (!risk.geoVelocity.isOn) return allowed;
  const fastest = risk.uses
    .flatMap((use) => journeyTo(risk, use) ?? [])
    .toSorted((one, other) => other.kmPerHour - one.kmPerHour)[0];
  if (fastest === undefined || fastest.kmPerHour < risk.geoVelocity.threshold) return allowed;
  const { from, to, km, minutes, kmPerHour } = fastest;
  return {
    outcome: 'challenge',
    score: challengeScore,
    rules: [
      {
        rule: 'geo-velocity',
        weight: challengeScore,
        why: `The card was used ${km} km away ${minutes} minutes before: that is ${kmPerHour} km/h, and ${risk.geoVelocity.threshold} is allowed.`,
      },
    ],
    inputs: { from, to, km, minutes, kmPerHour, threshold: risk.geoVelocity.threshold },
  };
}

type Journey = { from: string; to: string; km: number; minutes: number; kmPerHour: number };

function journeyTo({ locationId, positions, at }: RedemptionRisk, use: StoreUse): Journey | null {
  const here = positions.find((position) => position.locationId === locationId);
  const there = positions.find((position) => position.locationId === use.locationId);
  if (here === undefined || there === undefined || here === there) return null;
  const km = Math.round(distanceKm(here, there));
  if (km < nearKm) return null;
  // Clocks of tills differ: less than a minute counts as one.
  const minutes = Math.max(1, Math.round((at.getTime() - use.at.getTime()) / 60_000));
  return { from: there.locationId, to: here.locationId, km, minutes, kmPerHour: Math.round((km / minutes) * 60) };
}

/** As the crow flies (haversine). */
export function distanceKm(
  one: Pick<StorePosition, 'latitude' | 'longitude'>,
  other: Pick<StorePosition, 'latitude' | 'longitude'>,
): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const north = Math.sin(radians(other.latitude - one.latitude) / 2) ** 2;
  const east = Math.sin(radians(other.longitude - one.longitude) / 2) ** 2;
  const share = north + Math.cos(radians(one.latitude)) * Math.cos(radians(other.latitude)) * east;
  return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(share)));
}
