/*
 * Fills in what a product or the cart earns. The figure comes from the app, which answers with the same rules that book the
 * points afterwards; nothing is worked out here. Asks only the shop's own origin, keeps nothing, and stays silent on errors.
 */
(() => {
  const address = '/apps/stampwell/estimate';
  const pauseMs = 300;

  // The theme gives amounts in hundredths, whatever the currency.
  const decimal = (hundredths) => (Number(hundredths) / 100).toFixed(2);
  const text = (value) => (value === null || value === undefined ? null : String(value));

  function productCart({ dataset }) {
    const form = document.querySelector('form[action*="/cart/add"]');
    const variantId = form?.elements.namedItem('id')?.value || dataset.variant;
    const quantity = Math.max(1, Math.trunc(Number(form?.elements.namedItem('quantity')?.value)) || 1);
    const prices = document.querySelector(`[data-stampwell-prices="${dataset.product}"]`);
    const price = (prices ? JSON.parse(prices.textContent)[variantId] : undefined) ?? dataset.price;
    const line = {
      productId: dataset.product,
      variantId,
      vendor: dataset.vendor || null,
      quantity,
      total: decimal(price * quantity),
      isGiftCard: 'giftCard' in dataset,
    };
    return { currency: dataset.currency, lines: [line] };
  }

  async function currentCart() {
    const response = await fetch('/cart.js', { headers: { Accept: 'application/json' } });
    if (!response.ok) return null;
    const cart = await response.json();
    const applied = cart.cart_level_discount_applications ?? [];
    return {
      currency: cart.currency,
      discount: decimal(applied.reduce((sum, { total_allocated_amount: hundredths }) => sum + Number(hundredths), 0)),
      lines: cart.items.map((item) => ({
        productId: text(item.product_id),
        variantId: text(item.variant_id),
        vendor: text(item.vendor),
        quantity: item.quantity,
        total: decimal(item.final_line_price),
        isGiftCard: item.gift_card === true,
      })),
    };
  }

  async function estimate(cart, locale) {
    if (cart === null || cart.lines.length === 0) return null;
    const response = await fetch(address, {
      method: 'POST',
      headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
      body: JSON.stringify({ cart, locale }),
    });
    return response.ok ? response.json() : null;
  }

  function sentence({ dataset }, answer) {
    if (!answer?.amounts?.length) return '';
    const number = new Intl.NumberFormat(dataset.locale);
    const amounts = answer.amounts.map(({ amount, label }) => `${number.format(amount)} ${label}`);
    const sum = amounts.join(' + ');
    const words = answer.isUpTo ? dataset.upTo.replace('%s', () => sum) : sum;
    return (answer.isMember ? dataset.earn : dataset.join).replace('%s', () => words);
  }

  const latest = new WeakMap();

  async function fill(block) {
    const turn = (latest.get(block) ?? 0) + 1;
    latest.set(block, turn);
    let words = '';
    try {
      const cart = block.dataset.stampwell === 'cart' ? await currentCart() : productCart(block);
      if (cart !== null) cart.taxesIncluded = 'taxesIncluded' in block.dataset;
      words = sentence(block, await estimate(cart, block.dataset.locale));
    } catch {
      // The shop sells without us.
    }
    // An answer that comes late must not replace a newer one.
    if (latest.get(block) === turn && block.textContent !== words) block.textContent = words;
  }

  const fillAll = () => document.querySelectorAll('[data-stampwell]').forEach((block) => void fill(block));

  let timer;
  function fillSoon() {
    clearTimeout(timer);
    timer = setTimeout(fillAll, pauseMs);
  }

  // Variant, quantity and cart change without a new page.
  for (const change of ['change', 'cart:updated', 'cart:refresh', 'shopify:section:load'])
    document.addEventListener(change, fillSoon);
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', fillAll);
  else fillAll();
})();
