/** A client's terms while they are typed. */
import type { ClientRow } from '#app/components/admin/api-clients/api-client-shapes.ts';

export type ClientDraft = {
  name: string;
  scopes: string[];
  /** `all`, or ids. */
  programs: string[];
  networks: string;
  pace: string;
  expiresOn: string;
};

export const allPrograms = 'all';

const newDraft: ClientDraft = {
  name: '',
  scopes: ['members:read', 'ledger:read'],
  programs: [allPrograms],
  networks: '',
  pace: '',
  expiresOn: '',
};

/** What the form begins with. */
export function draftOf(client: ClientRow | null): ClientDraft {
  if (client === null) return newDraft;
  return {
    name: client.name,
    scopes: client.scopes,
    programs: client.programIds ?? [allPrograms],
    networks: client.networks.join('\n'),
    pace: client.requestsPerSecond === null ? '' : String(client.requestsPerSecond),
    expiresOn: client.expiresAt?.slice(0, 10) ?? '',
  };
}

/** All programs, or some of them: whoever chooses one lets go of the other. */
export function choosePrograms(before: string[], chosen: string[]): string[] {
  const isWhole = chosen.includes(allPrograms) && !before.includes(allPrograms);
  return isWhole ? [allPrograms] : chosen.filter((id) => id !== allPrograms);
}

/** As the form sends it. */
export function writeTerms({ name, scopes, programs, networks, pace, expiresOn }: ClientDraft): string {
  const programIds = programs.includes(allPrograms) ? null : programs;
  return JSON.stringify({ name, scopes, programIds, networks, requestsPerSecond: pace, expiresOn });
}
