/** The shape of what a shop chose, as it is stored and sent. Apart from the rest, so that browsers need no zod. */
import { z } from 'zod';

import { detectorIds, playbookActions } from '#app/domain/security/detectors.ts';

const choiceSchema = z.strictObject({
  isOn: z.boolean(),
  mode: z.enum(['act', 'dry-run']),
  action: z.enum(playbookActions),
  threshold: z.int().positive(),
});

export const securitySettingsSchema = z.strictObject({
  detectors: z.partialRecord(z.enum(detectorIds), choiceSchema),
});
