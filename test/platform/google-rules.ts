/**
 * What Google checks beyond names and types: what must be there, which words a field may hold, how often it may be called
 * and how often a card may notify.
 */
import { googleSchemaProblems } from '#test/platform/google-schema.ts';

export type Resource = Record<string, unknown>;

export function isResource(value: unknown): value is Resource {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Words of the published enums, by the name of the field that holds one, wherever it stands. */
const words: Record<string, readonly string[]> = {
  reviewStatus: ['UNDER_REVIEW', 'DRAFT'],
  multipleDevicesAndHoldersAllowedStatus: ['MULTIPLE_HOLDERS', 'ONE_USER_ALL_DEVICES', 'ONE_USER_ONE_DEVICE'],
  notifyPreference: ['NOTIFY_ON_UPDATE', 'NOTIFICATION_SETTINGS_FOR_UPDATES_UNSPECIFIED'],
  algorithm: ['TOTP_SHA1'],
  messageType: ['TEXT', 'TEXT_AND_NOTIFY', 'EXPIRATION_NOTIFICATION'],
};
const objectStates = ['ACTIVE', 'COMPLETED', 'EXPIRED', 'INACTIVE'];
const barcodeTypes = ['AZTEC', 'CODE_39', 'CODE_128', 'CODABAR', 'DATA_MATRIX', 'EAN_8', 'EAN_13', 'ITF_14', 'PDF_417', 'QR_CODE', 'UPC_A', 'TEXT_ONLY']; // prettier-ignore

/** Which fields hold something else than one of Google's words. */
function wordProblems(value: unknown, at: string): string[] {
  if (Array.isArray(value)) return value.flatMap((member: unknown, index) => wordProblems(member, `${at}[${index}]`));
  if (!isResource(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const allowed = words[name] ?? (name === 'type' && at.endsWith('arcode') ? barcodeTypes : undefined);
    const problems =
      typeof member === 'string' && allowed !== undefined && !allowed.includes(member)
        ? [`${at}.${name}: must be one of ${allowed.join(', ')}`]
        : [];
    return [...problems, ...wordProblems(member, `${at}.${name}`)];
  });
}

const needed = {
  Class: ['id', 'issuerName', 'programName', 'programLogo', 'reviewStatus'],
  Object: ['id', 'classId', 'state'],
};

export type Sent = { kind: 'Class' | 'Object'; method: string; body: Resource };

/** What Google would refuse a body for. */
export function bodyProblems(issuerId: string, sent: Sent): string[] {
  const name = `Loyalty${sent.kind}`;
  return [
    ...googleSchemaProblems(name, sent.body),
    ...wordProblems(sent.body, name),
    ...demandProblems(issuerId, sent),
  ];
}

/** Whether the class an object names is there; a change need not name one. */
export function isClassThere(classes: Map<string, Resource>, { classId }: Resource): boolean {
  return classId === undefined || (typeof classId === 'string' && classes.has(classId));
}

/** What the published types leave optional and the service demands. */
function demandProblems(issuerId: string, { kind, method, body }: Sent): string[] {
  const missing = method === 'PATCH' ? [] : needed[kind].filter((name) => !body[name]);
  const problems = missing.map((name) => `${name}: is required`);
  const id = body['id'];
  if (typeof id === 'string' && !new RegExp(`^${issuerId}\\.[A-Za-z0-9._-]+$`).test(id))
    problems.push('id: must be issuerId.suffix');
  if (kind === 'Object') problems.push(...objectProblems(body));
  // Every change of a class is looked at again.
  if (kind === 'Class' && body['reviewStatus'] === undefined) problems.push('reviewStatus: is required');
  return problems;
}

function objectProblems(body: Resource): string[] {
  const problems: string[] = [];
  const state = body['state'];
  if (typeof state === 'string' && !objectStates.includes(state)) problems.push('state: no such state');
  for (const name of ['loyaltyPoints', 'secondaryLoyaltyPoints']) {
    const points = body[name];
    const balance = isResource(points) ? points['balance'] : undefined;
    if (isResource(balance) && Object.keys(balance).length !== 1) problems.push(`${name}.balance: must have one value`);
  }
  const modules = body['textModulesData'];
  const ids = Array.isArray(modules) ? modules.map((module: unknown) => isResource(module) && module['id']) : [];
  if (new Set(ids).size !== ids.length) problems.push('textModulesData: ids must differ');
  return problems;
}

const windowMs = 1_000;

export type Quota = {
  /** Counts a call; false when it is one too many in the last second. */
  admit: () => boolean;
  /** When calls came, in milliseconds of this process. */
  times: readonly number[];
};

/** At most so many calls in any second. */
export function createQuota(perSecond: number): Quota {
  const times: number[] = [];
  return {
    times,
    admit: () => {
      const at = performance.now();
      times.push(at);
      return times.length <= perSecond || at - (times.at(-1 - perSecond) ?? 0) > windowMs;
    },
  };
}

const noticesPerDayMax = 3;
const dayMs = 86_400_000;

export type Notices = { ask: (id: string) => void; shown: (id: string) => number; dropped: () => number };

/** Notices on the phone: three a day for a card, more are dropped without a word. */
export function createNotices(): Notices {
  const byCard = new Map<string, number[]>();
  let dropped = 0;
  return {
    ask: (id) => {
      const recent = (byCard.get(id) ?? []).filter((at) => Date.now() - at < dayMs);
      if (recent.length < noticesPerDayMax) byCard.set(id, [...recent, Date.now()]);
      else dropped += 1;
    },
    shown: (id) => byCard.get(id)?.length ?? 0,
    dropped: () => dropped,
  };
}
