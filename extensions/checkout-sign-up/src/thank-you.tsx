import '@shopify/ui-extensions/preact';
import { render } from 'preact';
import { orderCart } from './order-cart.ts';
import { SignUp } from './sign-up.tsx';
import type { Translate } from './sign-up.tsx';

const getToken = (): Promise<string> => shopify.sessionToken.get();
const translate: Translate = (key, replacements) => shopify.i18n.translate(key, replacements);

export default function thankYou(): void {
  render(<ThankYou />, document.body);
}

function ThankYou() {
  return (
    <SignUp
      orderId={shopify.orderConfirmation.value.order.id}
      cart={orderCart({
        lines: shopify.lines.value,
        discounts: shopify.discountAllocations.value,
        shipping: shopify.cost.totalShippingAmount.value,
        tax: shopify.cost.totalTaxAmount.value,
        total: shopify.cost.totalAmount.value,
      })}
      locale={shopify.localization.extensionLanguage.value.isoCode}
      isEditor={shopify.extension.editor !== undefined}
      getToken={getToken}
      translate={translate}
    />
  );
}
