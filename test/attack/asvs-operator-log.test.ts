/** What the log says of operators who sign in, or cannot. Their names and passwords are not in it. */
import { capturedLog } from '#test/support/captured-log.ts';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { addOperator } from '#app/flows/operators/add-operator.ts';
import { lookIntoShop } from '#app/flows/operators/look-into-shop.ts';
import { signInOperator } from '#app/flows/operators/sign-in-operator.ts';
import { makeShop, openTestSystem, type TestSystem } from '#test/support/factories.ts';
import { codeShown } from '#test/support/operator-codes.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem('stampwell_worker');
});
afterAll(() => system.close());

async function told(work: () => Promise<unknown>): Promise<unknown[]> {
  const before = capturedLog().length;
  await work().catch(() => undefined);
  const lines = capturedLog().slice(before).trim().split('\n');
  return lines.filter(Boolean).map((line) => {
    const { msg, code, shopId } = JSON.parse(line) as Record<string, unknown>;
    return [msg, code, shopId];
  });
}

it('has each try of an operator to sign in, right and wrong, and each look into a shop that is refused', async () => {
  const { name, password, codeAddress } = await addOperator({ name: 'canary-operator' });
  const failed = [['authentication failed', 'operator', undefined]];
  const old = await codeShown(codeAddress);
  expect(await told(() => signInOperator({ name: 'nobody', password, code: old }))).toEqual(failed);
  expect(await told(() => signInOperator({ name, password: 'wrong', code: old }))).toEqual(failed);
  expect(await told(() => signInOperator({ name, password, code: 'x' }))).toEqual(failed);
  const code = await codeShown(codeAddress);
  expect(await told(() => signInOperator({ name, password, code }))).toEqual([
    ['authentication passed', 'operator', undefined],
  ]);
  const { shopId } = await makeShop();
  const look = { shopId, operator: name, scope: 'members', object: 'members' } as const;
  expect(await told(() => lookIntoShop(look))).toEqual([['access refused', 'support-access', shopId]]);
  for (const hidden of [name, password, code]) expect(capturedLog()).not.toContain(hidden);
});
