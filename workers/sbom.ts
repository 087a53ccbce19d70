/** `npm run sbom`: writes the list of parts that run in production, for scanners and auditors. */
import { writePartsList } from '#workers/parts-list.ts';

process.stdout.write(`${JSON.stringify({ ok: true, ...(await writePartsList()) })}\n`);
