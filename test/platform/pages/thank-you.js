/* The page after an order: the order itself, and our extension in its place below. */
import { byId, startOrderPage } from './order-page.js';

startOrderPage({
  title: 'Thank you',
  target: 'purchase.thank-you.block.render',
  draw: (order) => {
    byId('order-name').textContent = `Order ${order.name}`;
    byId('thanks').textContent = order.firstName === null ? 'Thank you!' : `Thank you, ${order.firstName}!`;
    byId('mail').textContent =
      order.email === null ? 'Your receipt is on its way.' : `A confirmation was sent to ${order.email}.`;
  },
  // Shopify may name the order by either id; both end in the same number.
  api: (order, signal) => ({
    orderConfirmation: signal({ order: { id: `gid://shopify/OrderIdentity/${order.orderId}` } }),
  }),
});
