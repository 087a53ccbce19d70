import type { SimulationResult } from '#app/domain/programs/simulation-figures.ts';

/** A simulation as the page shows it. */
export type SimulationState = {
  simulationId: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  draftRevision: number | null;
  ordersAsked: number;
  ordersFound: number | null;
  ordersDone: number;
  problem: string | null;
  result: SimulationResult | null;
};
