/** Environment by which `npm run simulate` says which seeds; see simulate.ts. */
export const simulateVariables = { seed: 'SIMULATE_SEED', steps: 'SIMULATE_STEPS', count: 'SIMULATE_COUNT' } as const;
