/** A manager's word for one redemption, typed where it is asked for. */
import { z } from 'zod';

export const approvalSchema = z.strictObject({
  /** The number of the manager on the Staff page. */
  number: z.int().min(1).max(999_999),
  pin: z.string().regex(/^\d{6,10}$/, 'must be 6 to 10 digits'),
});
