/** Works on one simulation in a process of its own, so that a test can kill it. */
import { testEnvironment } from '#test/support/factories.ts';
import { simulateProgram } from '#app/flows/programs/simulate-program.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import type { ShopId } from '#app/lib/ids.ts';

Object.assign(process.env, testEnvironment);
const [databaseUrl = '', shopId = '', simulationId = ''] = process.argv.slice(2);
const system = await openSystem({ databaseUrl, role: 'stampwell_worker', connectionsMax: 2 });
await simulateProgram({ shopId: shopId as ShopId, simulationId });
await system.close();
