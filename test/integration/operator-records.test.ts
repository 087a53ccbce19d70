/** Operators who start over, and the record of whom the console showed them. */
import http from 'node:http';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { handleOperator } from '#app/edge/operator/console.ts';
import { addOperator, type AddedOperator, disableOperator, resetOperator } from '#app/flows/operators/add-operator.ts';
import { openShop } from '#app/flows/operators/open-shop.ts';
import { sessionOfSecret, signInOperator } from '#app/flows/operators/sign-in-operator.ts';
import { openIncident } from '#app/flows/security/open-incident.ts';
import { incidentPage } from '#app/queries/incident-page.ts';
import { call, closeServer, listen } from '#test/platform/http.ts';
import { makeMember, makeShop, openTestSystem, type TestSystem } from '#test/support/factories.ts';
import { codeShown } from '#test/support/operator-codes.ts';

let system: TestSystem;
let server: http.Server;
let base: string;

beforeAll(async () => {
  system = await openTestSystem('stampwell_web');
  await system.sql('grant insert, update (disabled_at) on operator_account to stampwell_web');
  server = http.createServer((request, response) => void handleOperator(request, response));
  base = `http://127.0.0.1:${await listen(server, 0)}`;
});
afterAll(async () => {
  await closeServer(server);
  await system.close();
});

/** Signs in with the code of the moment, which is set free: a test need not wait for the next half minute. */
async function signIn({ name, password, codeAddress }: AddedOperator) {
  await system.sql('update operator_account set totp_step = 0 where name = $1', [name]);
  return signInOperator({ name, password, code: await codeShown(codeAddress) });
}

it('L07 an operator who lost password or app, or came too late, starts over: what was before opens nothing', async () => {
  const mary = await addOperator({ name: 'mary' });
  const { secret } = await signIn(mary);
  await system.sql(`update operator_account set password_expires_at = now() - interval '1 second' where name = 'mary'`);
  await expect(signIn(mary)).rejects.toMatchObject({ code: 'operator-refused' });
  expect(await sessionOfSecret(secret)).not.toBeNull();
  const again = await resetOperator({ name: 'mary' });
  expect(await sessionOfSecret(secret)).toBeNull();
  for (const half of [{ password: mary.password }, { codeAddress: mary.codeAddress }])
    await expect(signIn({ ...again, ...half })).rejects.toMatchObject({ code: 'operator-refused' });
  expect(await sessionOfSecret((await signIn(again)).secret)).toMatchObject({ isFirstPassword: true });
  expect(await system.sql(`select operator, object from operator_record where action = 'operator.reset'`)).toEqual([
    { operator: 'command line', object: 'operator:mary' },
  ]);
  // Shut out is shut out.
  await disableOperator({ name: 'mary' });
  await expect(resetOperator({ name: 'mary' })).rejects.toMatchObject({ code: 'operator-not-found' });
});

it('L18 whom an operator was shown is in the blast radius, on a list as well as alone, and a refused look is not', async () => {
  const { shopId, ...shop } = await makeShop();
  const asked = { email: 'zora.zeppelin@example.com', name: 'Zora Zeppelin' };
  const { memberId } = await makeMember({ shopId, ...shop }, asked);
  const { memberId: unread } = await makeMember({ shopId, ...shop });
  const ada = await addOperator({ name: 'ada' });
  const { secret } = await signIn(ada);
  await system.sql('update operator_account set password_expires_at = null');
  const look = async (path: string) =>
    (await call({ url: `${base}/shops/${shopId}${path}`, headers: { cookie: `stampwell-operator=${secret}` } })).status;
  const access = { reason: 'A card shows no balance', minutes: 15, scopes: ['members'] };
  expect(await look(`/members/${unread}`)).toBe(403);
  await openShop({ shopId, operator: 'ada', access });
  expect(await look(`/members?search=${encodeURIComponent(asked.email)}`)).toBe(200);
  expect(await look(`/members/${memberId}`)).toBe(200);
  const raised = { shopId, actor: 'staff:1', severity: 'high', description: 'x' } as const;
  const { incidentId } = await openIncident(raised);
  const window = { from: new Date(Date.now() - 60_000), to: new Date(Date.now() + 1_000) };
  const { radius, readers } = await incidentPage(shopId, incidentId, { actor: 'operator:ada', ...window });
  expect(radius?.members).toMatchObject([{ memberId, reads: 2 }]);
  expect(radius?.fields).toEqual(['balance', 'email', 'name', 'passes', 'phone', 'standing']);
  expect(readers).toEqual([{ actor: 'operator:ada', reads: 2 }]);
});
