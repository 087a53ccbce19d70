import { useRouteLoaderData } from '@remix-run/react';

/** What cards of this system are marked with, as the root of every page says it; null in production. */
export function useSystemMark(): string | null {
  return useRouteLoaderData<{ systemMark: string | null }>('root')?.systemMark ?? null;
}
