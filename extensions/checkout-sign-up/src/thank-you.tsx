import '@shopify/ui-extensions/preact';
import { render } from 'preact';
import { SignUp } from './sign-up.tsx';

export default function thankYou(): void {
  render(<ThankYou />, document.body);
}

function ThankYou() {
  return (
    <SignUp
      orderId={shopify.orderConfirmation.value.order.id}
      locale={shopify.localization.extensionLanguage.value.isoCode}
      isEditor={shopify.extension.editor !== undefined}
      getToken={() => shopify.sessionToken.get()}
      translate={(key, replacements) => shopify.i18n.translate(key, replacements)}
    />
  );
}
