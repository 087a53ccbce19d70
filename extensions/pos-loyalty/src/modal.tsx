import '@shopify/ui-extensions/preact';
import { render } from 'preact';
import type { posCardCodeProperty } from '#app/contracts/pos.ts';
import { LoyaltyModal } from './loyalty-modal.tsx';
import type { Till } from './till.ts';

// Typed by the contract, spelt here, so that the schemas stay out of the bundle.
const cardCodeProperty: typeof posCardCodeProperty = '_stampwell_card';

const till: Till = {
  getToken: () => shopify.session.getSessionToken(),
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
    await shopify.cart.addCartProperties({ [cardCodeProperty]: code });
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
  toast: (text) => shopify.toast.show(text),
  translate: (key, replacements) => shopify.i18n.translate(key, replacements),
};

export default function modal(): void {
  render(<Modal />, document.body);
}

function Modal() {
  return (
    <LoyaltyModal
      till={till}
      scan={shopify.scanner.scannerData.current.value}
      isOnline={shopify.connectivity.current.value.internetConnected !== 'Disconnected'}
      showCamera={() => shopify.scanner.showCameraScanner()}
      hideCamera={() => shopify.scanner.hideCameraScanner()}
    />
  );
}
