/** The one Shopify API version of the product: the SDK, `shopify.app.toml` and every extension must agree with it. */
export const apiVersion = '2026-07';
