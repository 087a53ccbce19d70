import type { Setup } from '#app/components/admin/form-shapes.ts';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';

/** What every screen of the wizard gets: the saved state, and why the last attempt to go on was refused. */
export type StepProps = { setup: Setup; result: ActionResult | undefined };
