import '@shopify/ui-extensions/preact';
import { render } from 'preact';
import { guarded } from './guarded.ts';

export default function tile(): void {
  render(<Tile />, document.body);
}

function Tile() {
  const isOnline = shopify.connectivity.current.value.internetConnected !== 'Disconnected';
  const open = guarded(
    () => shopify.action.presentModal(),
    () => shopify.toast.show(shopify.i18n.translate('notice.unexpected')),
  );
  return (
    <s-tile
      heading={shopify.i18n.translate('title')}
      subheading={shopify.i18n.translate(isOnline ? 'tileHint' : 'tileOffline')}
      onClick={open}
    />
  );
}
