/** The caller of a request, with the proxies of this installation taken into account. */
import type { IncomingMessage } from 'node:http';

import { clientAddress } from '#app/lib/client-address.ts';
import { env } from '#app/lib/env.ts';

/** An IP address, or an empty text when the network tells none. */
export function requestAddress(request: IncomingMessage): string {
  return clientAddress({
    remoteAddress: request.socket.remoteAddress,
    // Node joins repeated headers of this name with commas.
    forwardedFor: String(request.headers['x-forwarded-for'] ?? ''),
    trustedHops: env().TRUSTED_PROXY_HOPS,
  });
}
