/**
 * A fresh UUID (version 4) for one intended action. It only has to be unique within the shop, not unguessable, so tills
 * whose engine lacks `crypto.randomUUID` fall back to ordinary random numbers.
 */
export function createIdempotencyKey(): string {
  const engine: Partial<Crypto> | undefined = typeof crypto === 'undefined' ? undefined : crypto;
  if (typeof engine?.randomUUID === 'function') return engine.randomUUID();
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (place) => {
    const digit = Math.floor(Math.random() * 16);
    return (place === 'x' ? digit : (digit % 4) + 8).toString(16);
  });
}
