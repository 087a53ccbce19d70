/** A sealed pass as a download. */

/** Safari offers to add it at once; a cache between would hand one member's card to another. */
export function passResponse({ body, lastModified }: { body: Buffer; lastModified: Date }): Response {
  return new Response(new Uint8Array(body), {
    headers: {
      'Content-Type': 'application/vnd.apple.pkpass',
      'Content-Disposition': 'attachment; filename="card.pkpass"',
      'Cache-Control': 'private, no-store',
      'Last-Modified': lastModified.toUTCString(),
      'Referrer-Policy': 'no-referrer',
    },
  });
}
