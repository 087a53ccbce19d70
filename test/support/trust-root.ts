import tls from 'node:tls';

/**
 * Makes this process trust a test root as well, as NODE_EXTRA_CA_CERTS does for a process that is still to be started.
 * Returns the way back.
 */
export function trustRoot(rootPem: string): () => void {
  const before = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...before, rootPem]);
  return () => tls.setDefaultCACertificates(before);
}
