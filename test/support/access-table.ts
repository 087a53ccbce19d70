/**
 * Who may use what, in full and by hand: the other side of `permissions.ts`. A page, an action or a route of the extensions
 * that has no line here fails the test, so that nobody forgets to decide.
 */
import type { Role } from '#app/domain/access/permissions.ts';

/** Roles by their first letters: owner, manager, marKeter, support, viewer, auditor. */
const letters = { o: 'owner', m: 'manager', k: 'marketer', s: 'support', v: 'viewer', a: 'auditor' } as const;

/** The roles of a line such as `oms`. */
export function rolesOf(line: string): ReadonlySet<Role> {
  const known: Record<string, Role> = letters;
  return new Set(
    line.split('').map((letter) => {
      const role = known[letter];
      if (role === undefined) throw new Error(`${letter} is no role`);
      return role;
    }),
  );
}

/** `isMissing`: what is asked for does not exist, so whoever may ask is answered 404. */
export type ActionLine = { form: Record<string, string>; roles: string; isMissing?: boolean };
export type PageLine = { loader?: string; actions?: ActionLine[] };

const one = (roles: string, form: Record<string, string> = {}): ActionLine[] => [{ form, roles }];

const unknown = '00000000-0000-7000-8000-000000000000';

/** By the file of the route. */
export const pageTable: Record<string, PageLine> = {
  app: { loader: 'omksva' },
  'app.$': { loader: 'omksva' },
  'app._index': { loader: 'omksva' },
  'app.program': { loader: 'omksva', actions: one('omk', { intent: 'save' }) },
  'app.program.simulate': {
    loader: 'omksva',
    actions: [
      { form: { intent: 'cancel', simulationId: unknown }, roles: 'omk' },
      { form: { intent: 'publish', revision: '0' }, roles: 'om' },
    ],
  },
  'app.program.versions': { loader: 'omksva' },
  'app.program.versions.$number': { loader: 'omksva', actions: one('om') },
  'app.card': {
    loader: 'omksva',
    actions: [
      { form: { intent: 'save' }, roles: 'omk' },
      { form: { intent: 'test' }, roles: 'omk' },
      { form: { intent: 'publish', revision: '99' }, roles: 'omk' },
    ],
  },
  'app.card.rollout': { loader: 'omksva', actions: one('omk', { intent: 'pause', rolloutId: unknown }) },
  'app.card.history': { loader: 'omksva', actions: one('omk', { number: '99' }) },
  'app.card.drawing': { actions: one('omksva') },
  'app.logo': { actions: one('omk') },
  'app.strip': { actions: one('omk') },
  'app.members': { loader: 'omksva' },
  'app.members.$memberId': {
    loader: 'omksva',
    actions: [
      { form: { intent: 'freeze', generation: '1' }, roles: 'oms' },
      { form: { intent: 'unfreeze', generation: '1' }, roles: 'oms' },
      { form: { intent: 'adjust' }, roles: 'oms' },
      { form: { intent: 'unmask', reason: 'They called about a stamp' }, roles: 'oms' },
      { form: { intent: 'something else' }, roles: 'oms' },
    ],
  },
  'app.liability': { loader: 'omkva' },
  'app.liability.csv': { actions: one('oma', { kind: 'members', pin: '482915', reason: 'A drill' }) },
  'app.campaigns': { loader: 'omksva' },
  'app.campaigns.new': { loader: 'omk', actions: one('omk') },
  'app.campaigns.$campaignId': {
    loader: 'omksva',
    actions: [
      { form: { intent: 'save' }, roles: 'omk' },
      { form: { intent: 'start' }, roles: 'omk' },
      { form: { intent: 'stop' }, roles: 'omk' },
    ],
  },
  'app.freshness': { loader: 'omksva', actions: one('oms', { passId: unknown }) },
  'app.certificates': { loader: 'oma', actions: one('o', { intent: 'remove', issuerId: unknown }) },
  'app.privacy': { loader: 'omsa', actions: one('oms', { deliveryId: unknown }) },
  'app.consents': {
    loader: 'omsa',
    actions: [
      { form: { intent: 'verify' }, roles: 'omsa' },
      { form: { intent: 'double-opt-in', choice: 'by-country' }, roles: 'oms' },
    ],
  },
  'app.consents.file': { actions: one('oma', { pin: '482915', reason: 'A drill' }) },
  'app.retention': { loader: 'omsa', actions: one('oms', { intent: 'preview' }) },
  'app.retention.file': { actions: one('oma', { days: '30', pin: '482915', reason: 'A drill' }) },
  'app.audit': { loader: 'oma', actions: one('oma') },
  'app.audit.file': { actions: one('oma', { format: 'jsonl', pin: '482915', reason: 'A drill' }) },
  'app.members.$memberId.privacy': { actions: one('oms', { intent: 'access' }) },
  'app.privacy.file': {
    actions: [
      { form: { kind: 'certificate', caseId: unknown }, roles: 'omsa', isMissing: true },
      // A copy of somebody's data is for whoever may see people in full.
      { form: { kind: 'json', caseId: unknown, pin: '482915' }, roles: 'om', isMissing: true },
    ],
  },
  'app.security': {
    loader: 'oma',
    actions: [
      { form: { intent: 'pause' }, roles: 'om' },
      { form: { intent: 'lift', controlId: unknown }, roles: 'om' },
      { form: { intent: 'override', decisionId: unknown }, roles: 'om' },
      { form: { intent: 'settings' }, roles: 'o' },
      { form: { intent: 'save-place' }, roles: 'o' },
      { form: { intent: 'remove-place', locationId: '1' }, roles: 'o' },
    ],
  },
  'app.incidents': { loader: 'omsa', actions: one('om') },
  'app.incidents.$incidentId': { loader: 'omsa', actions: one('om', { intent: 'note' }) },
  'app.incidents.$incidentId.report': { actions: one('oma', { pin: '482915', reason: 'A drill' }) },
  'app.trust.evidence': { actions: one('oma', { pin: '482915', reason: 'A drill' }) },
  'app.trust': { loader: 'oma', actions: one('o', { intent: 'accept', version: '0' }) },
  'app.staff': {
    loader: 'omksva',
    actions: [
      // Everybody looks after their own PIN.
      { form: { intent: 'set-pin', next: '1' }, roles: 'omksva' },
      { form: { intent: 'reset-pin', off: 'yes' }, roles: 'omksva' },
      { form: { intent: 'review' }, roles: 'oma' },
      { form: { intent: 'settings', defaultRole: 'viewer', till: 'open', pin: '482915' }, roles: 'o' },
      { form: { intent: 'change', staffId: unknown, role: 'owner', pin: '482915' }, roles: 'o' },
      { form: { intent: 'add', userId: 'x', role: 'owner', pin: '482915' }, roles: 'o' },
    ],
  },
  'app.keys': {
    loader: 'oma',
    actions: [
      { form: { intent: 'rotate-data', reason: 'test', pin: '482915' }, roles: 'o' },
      { form: { intent: 'rotate-links', overlapDays: '-1', pin: '482915' }, roles: 'o' },
    ],
  },
  'app.keys.clients': {
    loader: 'oma',
    actions: [
      { form: { intent: 'revoke', clientId: unknown }, roles: 'o' },
      { form: { intent: 'rotate', clientId: unknown, overlapHours: '0', pin: '482915' }, roles: 'o' },
    ],
  },
  'app.support': { loader: 'oma', actions: one('o', { intent: 'end', accessId: unknown }) },
  'app.staff.csv': { actions: one('oma', { pin: '482915', reason: 'A drill' }) },
  'app.welcome.$step': { loader: 'om', actions: one('om') },
};

const place = { locationId: '1' };
const key = '0b0b7a52-7f0c-4e6b-8f7e-5a1c1a8f3f11';

/** By method and path. Who comes only to look has no business at a till. */
export const tillTable: Record<string, { body?: Record<string, unknown>; query?: string; roles: string }> = {
  'GET /pos/v1/members': { query: '?code=unknown', roles: 'omksv' },
  'POST /pos/v1/preview': { body: { memberId: unknown, cart: null, ...place }, roles: 'omksv' },
  'POST /pos/v1/stamps': {
    body: { memberId: unknown, unit: 'stamps', amount: 1, idempotencyKey: key, ...place },
    roles: 'omksv',
  },
  'POST /pos/v1/redemptions': {
    body: { memberId: unknown, rewardId: 'coffee', idempotencyKey: key, ...place },
    roles: 'omksv',
  },
  'POST /pos/v1/undo': { body: { entryId: unknown, idempotencyKey: key, ...place }, roles: 'omksv' },
};

/** Pages of shoppers: a role in the admin opens and closes nothing there. */
export const openPages: readonly string[] = [
  '_index',
  'session-token',
  'trust',
  'security-report',
  'join.$programSlug',
  'join.$programSlug.poster',
  'card-test.$token',
  'card-test.$token.apple',
  'card.$token',
  'card.$token.apple',
  'card.$token.code',
  'card.$token.google',
  'preferences.$token',
  'preferences.$token.data',
  'confirm.$token',
  'unsubscribe.$token',
  'export.$token',
];
