/** `shop-add.ts` for who adds several shops: asked over the channel to whoever started it, and gone with them. */
import { openToShops } from '#test/platform/new-shops.ts';

const opening = openToShops();

process.on('message', (domain) => {
  void opening
    .then((addShop) => addShop(String(domain)))
    .then(
      (added) => process.send?.({ added }),
      (error: unknown) => process.send?.({ complaint: error instanceof Error ? error.stack : String(error) }),
    );
});
process.on('disconnect', () => process.exit(0));
if (!process.connected) process.exit(0);
