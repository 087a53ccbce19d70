import '@shopify/ui-extensions/preact';
import { render } from 'preact';
import { SignUp } from './sign-up.tsx';

export default function orderStatus(): void {
  render(<OrderStatus />, document.body);
}

function OrderStatus() {
  return (
    <SignUp
      orderId={shopify.order.value?.id}
      locale={shopify.localization.extensionLanguage.value.isoCode}
      isEditor={shopify.extension.editor !== undefined}
      getToken={() => shopify.sessionToken.get()}
      translate={(key, replacements) => shopify.i18n.translate(key, replacements)}
    />
  );
}
