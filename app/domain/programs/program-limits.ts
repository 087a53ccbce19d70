/** How much a program may hold. Apart from the schemas, so that forms can know it in the browser. */
export const limits = {
  unitsMax: 8,
  earnRulesMax: 50,
  rewardsMax: 50,
  campaignsMax: 50,
  tiersMax: 10,
  collectionsMax: 20,
  idsPerConditionMax: 250,
  stampsNeededMax: 30,
  multiplierMax: 100,
} as const;
