/* The status page of an order in the shopper's account; from the link in an e-mail it opens for a guest as well. */
import { byId, isGuest, startOrderPage } from './order-page.js';

function drawAccount(order) {
  const isLoggedOut = isGuest(order);
  byId('account').hidden = isLoggedOut;
  byId('log-in').hidden = !isLoggedOut;
  byId('account-name').textContent = isLoggedOut ? '' : order.email;
}

startOrderPage({
  title: 'Order status',
  target: 'customer-account.order-status.block.render',
  draw: (order) => {
    byId('order-name').textContent = `Order ${order.name}`;
    byId('placed').textContent =
      `Confirmed ${new Intl.DateTimeFormat('en', { dateStyle: 'medium' }).format(new Date(order.processedAt))}`;
    byId('status').textContent = order.status;
    drawAccount(order);
  },
  api: (order, signal) => ({
    order: signal({ id: `gid://shopify/Order/${order.orderId}`, name: order.name, processedAt: order.processedAt }),
  }),
});
