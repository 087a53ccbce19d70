/**
 * Checkout pages run on Shopify's own hosts, so the address of the app has to be built in.
 * It is `application_url` of `shopify.app.toml`; a test keeps the two equal.
 */
export const appUrl = 'https://stampwell.example';
