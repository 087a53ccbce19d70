/// <reference types="@shopify/ui-extensions/pos.home.modal.render" />
import { getExtension } from '@shopify/ui-extensions-tester';
import { fireEvent, waitFor } from '@testing-library/preact';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { posRedemptionSchema } from '#app/contracts/pos.ts';
import { appAnswering, button, memberWith, problem, screen, translate, withStamps } from './till-rig.ts';

const extension = getExtension('pos.home.modal.render');
const undoableUntil = '2026-07-01T12:00:00Z';

/** What the till was told to do, in order. */
let told: string[] = [];

beforeEach(() => {
  extension.setUp();
  told = [];
  const { shopify } = extension;
  Object.assign(shopify.i18n, { translate });
  shopify.session.getSessionToken = async () => 'session-token';
  shopify.session.currentSession.locationId = 77;
  shopify.session.deviceId = 9;
  shopify.toast.show = (text) => void told.push(`toast ${text}`);
  shopify.scanner.hideCameraScanner = () => undefined;
});

afterEach(() => {
  extension.tearDown();
});

/** A PIN pad on which these PINs are typed one after the other, until one is accepted; answers what each was told. */
function pinPadTyping(...pins: string[]): { told: string[] } {
  const answers: string[] = [];
  extension.shopify.pinPad.showPinPad = (onSubmit) => {
    void (async () => {
      for (const pin of pins) {
        const answer = await onSubmit(Array.from(pin, Number));
        answers.push(answer.result === 'accept' ? 'accepted' : (answer.errorMessage ?? ''));
      }
    })();
  };
  return { told: answers };
}

test('F10 a costly reward asks for a manager, whose number and PIN go out with the very same request', async () => {
  const redeemed = { reservationId: 'r-1', discountCode: null, expiresAt: undoableUntil, member: withStamps(2) };
  const app = appAnswering(
    { status: 200, body: { member: memberWith() } },
    problem(403, 'step_up_required'),
    problem(403, 'step_up_failed'),
    {
      status: 200,
      body: redeemed,
    },
  );
  extension.fetch = app.fetch;
  extension.shopify.scanner.scannerData.current.value = { data: 'CARD 1', source: 'camera' };
  await extension.render();
  await waitFor(() => expect(screen()).toContain('Ada'));
  fireEvent.click(button('Redeem Free coffee'));
  await waitFor(() => expect(screen()).toContain('A manager has to approve this reward.'));
  const pad = pinPadTyping('111222', '482915');
  const field = document.querySelector('s-number-field');
  if (field === null) throw new Error('nobody asks for the number');
  Object.assign(field, { value: '12' });
  fireEvent.input(field);
  await waitFor(() => expect(button('Enter PIN').hasAttribute('disabled')).toBe(false));
  fireEvent.click(button('Enter PIN'));
  await waitFor(() => expect(told).toContain('toast Hand over the reward'));
  await waitFor(() => expect(pad.told).toEqual(['This is not the number and PIN of a manager.', 'accepted']));
  const [first, wrong, right] = app.requests.slice(1).map(({ body }) => posRedemptionSchema.parse(body));
  expect(wrong).toEqual({ ...first, approval: { number: 12, pin: '111222' } });
  expect(right).toEqual({ ...first, approval: { number: 12, pin: '482915' } });
  expect(document.querySelector('s-number-field')).toBeNull();
});
