import { z } from 'zod';

/** The body of every refusal (RFC 9457). `code` is stable and meant for programs; `detail` is for people. */
export const problemSchema = z.object({
  type: z.string().max(200),
  title: z.string().max(200),
  status: z.int().min(400).max(599),
  code: z.string().max(80),
  detail: z.string().max(1_000).optional(),
  instance: z.string().max(200).optional(),
  /** Each field of an input that does not fit, and why; at most the first 50. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

export type Problem = z.infer<typeof problemSchema>;
