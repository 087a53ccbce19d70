/**
 * A process of its own that asks for a shop's token many times at once. It says when it is ready, begins when it is told
 * to, and prints what it got as one line of JSON.
 */
import { once } from 'node:events';

import { z } from 'zod';

import { freshAccessToken } from '#app/data/shops/sessions.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import { refreshGrant } from '#app/gateways/shopify.ts';
import { isId, type ShopId } from '#app/lib/ids.ts';

const [databaseUrl = '', shop, callers = '1'] = process.argv.slice(2);
const shopId = z.custom<ShopId>((text) => typeof text === 'string' && isId(text)).parse(shop);

const system = await openSystem({ databaseUrl, role: 'stampwell_web', connectionsMax: 5 });
process.stdout.write('ready\n');
await once(process.stdin, 'data');
process.stdin.destroy();
const given = await Promise.all(Array.from({ length: Number(callers) }, () => freshAccessToken(shopId, refreshGrant)));
await system.close();
process.stdout.write(`${JSON.stringify(given.map(({ accessToken }) => accessToken))}\n`);
