/** What the edge answers is data: never to be shown as a page, nor inside one, nor taken for something else. */
export const dataHeaders = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};
