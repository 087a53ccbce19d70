import '@shopify/ui-extensions/preact';
import { render } from 'preact';
import type { cardNoteName } from '#app/contracts/card-note.ts';
import { openSale } from './open-sale.ts';
import { openDesk } from './desk.ts';
import type { Desk } from './desk.ts';
import { LoyaltyModal } from './loyalty-modal.tsx';
import type { Till } from './till.ts';

// A property of the cart becomes a note attribute of the order. Typed by the contract, but spelt here, so that the
// schemas stay out of the bundle.
const cardProperty: typeof cardNoteName = '_stampwell_card';

const till: Till = {
  getToken: () => shopify.session.getSessionToken(),
  language: () => shopify.locale.current.value,
  place: () => {
    const staffMemberId = shopify.session.staffMember.value?.id;
    return {
      locationId: String(shopify.session.currentSession.locationId),
      ...(staffMemberId === undefined ? {} : { staffMemberId: String(staffMemberId) }),
      deviceId: String(shopify.session.deviceId),
    };
  },
  isSaleOpen: () => shopify.cart.current.value.lineItems.length > 0,
  attachCard: async ({ code, shopifyCustomerId }) => {
    if (shopifyCustomerId !== null && shopify.cart.current.value.customer?.id !== Number(shopifyCustomerId)) {
      await shopify.cart.setCustomer({ id: Number(shopifyCustomerId) });
    }
    await shopify.cart.addCartProperties({ [cardProperty]: code });
  },
  applyCode: (code) => shopify.cart.addCartCodeDiscount(code),
  removeCode: async (code) => {
    const discounts = shopify.cart.current.value.cartDiscounts;
    const isOurs = discounts.some(({ discountDescription }) => discountDescription === code);
    if (!isOurs) return true;
    // POS removes "the" cart discount; beside another one it could take the wrong one.
    if (discounts.length > 1) return false;
    await shopify.cart.removeCartDiscount();
    return true;
  },
  showCamera: () => shopify.scanner.showCameraScanner(),
  hideCamera: () => shopify.scanner.hideCameraScanner(),
  askPin: (check) =>
    shopify.pinPad.showPinPad(
      async (digits) => {
        const errorMessage = await check(digits.join(''));
        return errorMessage === null ? { result: 'accept' } : { result: 'reject', errorMessage };
      },
      { title: shopify.i18n.translate('approval.pin'), minPinLength: 6, maxPinLength: 10 },
    ),
  toast: (text) => shopify.toast.show(text),
  translate: (key, replacements) => shopify.i18n.translate(key, replacements),
};

export default function modal(): void {
  render(<Modal desk={openDesk(till)} />, document.body);
}

function Modal({ desk }: { desk: Desk }) {
  return (
    <LoyaltyModal
      desk={desk}
      scan={shopify.scanner.scannerData.current.value}
      cart={openSale({ ...shopify.cart.current.value, currency: shopify.session.currentSession.currency })}
      isOnline={shopify.connectivity.current.value.internetConnected !== 'Disconnected'}
    />
  );
}
