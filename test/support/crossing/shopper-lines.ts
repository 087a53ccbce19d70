/** Everything shoppers, tills, phones and integrators can ask that names something of a shop. */
import type { ApiOperation } from '#app/contracts/api-operation.ts';
import { type ApiOperationId, apiOperations } from '#app/contracts/api-operations.ts';
import { defaultProgram } from '#app/domain/programs/default-program.ts';
import { platformPassType } from '#app/gateways/apple-issuers.ts';
import type { LinkPurpose } from '#app/lib/signed-link.ts';
import type { WireCall } from '#test/support/crossing/calls.ts';
import { change, type Line, read, type Refusal } from '#test/support/crossing/lines.ts';
import type { Ids, Side } from '#test/support/crossing/sides.ts';

const document = defaultProgram({ shopName: 'Crossing', currency: 'USD' });
const lines = [{ quantity: 1, price: '12.00' }];
const cart = { currency: 'USD', taxesIncluded: false, lines };
const sale = { ...cart, processedAt: '2026-01-05T10:00:00Z' };
const shownCart = { currency: 'USD', lines: [{ productId: '11', quantity: 1, total: '12.00' }] };
const newName = () => `crossing-${crypto.randomUUID()}`;

type Body = { names?: string; refusal?: Refusal; body: (ids: Ids) => Record<string, unknown> };

/** Bodies that would work at home, one for each id they can name. An operation with a body that has no line here fails. */
export const apiBodies: Partial<Record<ApiOperationId, Body[]>> = {
  createMember: [
    { body: ({ programId }) => ({ externalId: newName(), programId }) },
    { names: 'customer', refusal: 'word', body: ({ customerId }) => ({ externalId: newName(), shopifyCustomerId: customerId }) },
    { names: 'referral', refusal: 'word', body: ({ inviteCode }) => ({ externalId: newName(), referralCode: inviteCode }) },
  ],
  updateMember: [{ body: () => ({ name: 'Taken Over' }) }],
  openPrivacyCase: [{ body: () => ({ kind: 'access' }) }],
  createAdjustment: [{ body: () => ({ unit: 'points', amount: 5, reason: 'A gift' }) }],
  createStamps: [{ body: () => ({ count: 1, reference: newName() }) }],
  createEvent: [{ body: () => ({ kind: 'review', eventKey: newName() }) }],
  createReservation: [{ body: () => ({ rewardId: 'coffee' }) }],
  commitReservation: [{ body: () => ({}) }],
  createEstimate: [
    { body: ({ memberId }) => ({ memberId, cart }) },
    { names: 'program', body: ({ programId }) => ({ programId, cart }) },
  ],
  submitOrder: [
    { body: ({ memberId }) => ({ externalId: newName(), memberId, ...sale }) },
    { names: 'card', body: ({ cardCode }) => ({ externalId: newName(), cardCode, ...sale }) },
    { names: 'customer', refusal: 'word', body: ({ customerId }) => ({ externalId: newName(), shopifyCustomerId: customerId, ...sale }) },
    { names: 'reservation', refusal: 'word', body: ({ reservationId }) => ({ externalId: newName(), reservationIds: [reservationId], ...sale }) },
  ],
  claimOrder: [{ body: ({ receiptCode }) => ({ code: receiptCode }) }],
  createProgram: [{ body: () => ({ document }) }],
  putProgramDraft: [{ body: () => document }],
  createSimulation: [{ body: () => ({ orders: 10 }) }],
  publishProgram: [{ body: () => ({}) }],
  rollBackProgram: [{ body: () => ({ number: 1 }) }],
}; // prettier-ignore

const pathNames: Record<string, keyof Ids> = { externalId: 'orderName' };

function fill(path: string, ids: Ids): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (name === 'number') return '1';
    const id: string | undefined = ids[pathNames[name] ?? (name as keyof Ids)];
    if (id === undefined) throw new Error(`no id stands for {${name}}`);
    return encodeURIComponent(id);
  });
}

/** What takes away what others ask for, when it is asked at home. */
const ranks: Partial<Record<ApiOperationId, number>> = { reissueCard: 1, eraseMember: 2 };

function apiLine({ id, method, path }: ApiOperation<ApiOperationId>, body: Body | null): Line {
  return {
    route: id,
    ...(body?.names !== undefined && { intent: body.names }),
    refusal: body?.refusal ?? 'missing',
    ...(ranks[id] !== undefined && { rank: ranks[id] }),
    build: (ids) => ({
      door: 'wire',
      as: 'client',
      method,
      path: fill(path, ids),
      ...(body !== null && { body: body.body(ids) }),
    }),
  };
}

const apiLines = apiOperations.flatMap((operation) =>
  (apiBodies[operation.id] ?? [null]).map((body) => apiLine(operation, body)),
);

type Wire = (ids: Ids) => Omit<WireCall, 'door' | 'as' | 'method' | 'path'> & { path?: string };
const wire = (as: WireCall['as'], route: string, build: Wire, refusal: Refusal = 'missing', intent?: string): Line => ({
  route,
  ...(intent !== undefined && { intent }),
  refusal,
  build: (ids) => {
    const [method = '', path = ''] = route.split(' ');
    return { door: 'wire', as, method, path, ...build(ids) };
  },
}); // prettier-ignore

const oauthLines: Line[] = [
  wire('client-itself', 'POST /oauth/introspect', ({ accessToken }) => ({ body: { token: accessToken } }), 'word'),
  wire('client-itself', 'POST /oauth/revoke', ({ accessToken }) => ({ body: { token: accessToken } }), 'word'),
];

const place = { locationId: '1' };
const key = () => crypto.randomUUID();
const tillLines: Line[] = [
  wire('staff', 'GET /pos/v1/members', ({ cardCode }) => ({ path: `/pos/v1/members?code=${encodeURIComponent(cardCode)}` })),
  wire('staff', 'POST /pos/v1/preview', ({ memberId }) => ({ body: { memberId, cart: shownCart, ...place } })),
  wire('staff', 'POST /pos/v1/stamps', ({ memberId }) => ({
    body: { memberId, unit: 'stamps', amount: 1, idempotencyKey: key(), ...place },
  })),
  wire('staff', 'POST /pos/v1/redemptions', ({ memberId }) => ({
    body: { memberId, rewardId: 'coffee', idempotencyKey: key(), ...place },
  })),
  wire('staff', 'POST /pos/v1/undo', ({ entryId }) => ({ body: { entryId, idempotencyKey: key(), ...place } })),
  wire('staff', 'POST /pos/v1/undo', ({ reservationId }) => ({ body: { reservationId, idempotencyKey: key(), ...place } }), 'missing', 'reservation'),
]; // prettier-ignore

const storefrontLines: Line[] = [
  wire('shopper', 'GET /storefront/v1/program', ({ customerId }) => ({ customerId }), 'word'),
  wire('shopper', 'POST /storefront/v1/estimates', ({ customerId }) => ({ customerId, body: { cart: shownCart } }), 'word'),
  wire('shopper', 'POST /storefront/v1/enrollments', ({ orderId }) => ({
    customerId: null,
    body: {
      orderId: `gid://shopify/Order/${orderId}`,
      consents: { program: false, marketing: false },
      wordingVersion: 'x',
      locale: 'en',
    },
  }), 'word'),
  wire('page', 'POST /proxy/v1/estimate', ({ customerId }) => ({ customerId, body: { cart: shownCart } }), 'word'),
]; // prettier-ignore

const phonePaths: [string, string, unknown?][] = [
  ['GET', 'passes/{type}/{serial}'],
  ['HEAD', 'passes/{type}/{serial}'],
  ['POST', 'devices/crossing-device/registrations/{type}/{serial}', { pushToken: 'ab'.repeat(16) }],
  ['DELETE', 'devices/crossing-device/registrations/{type}/{serial}'],
];
const phoneLines: Line[] = phonePaths.map(([method, path, body]) => ({
  route: `${method} /wallet/apple/v1/${path}`,
  refusal: 'phone',
  build: ({ serial }) => ({
    door: 'wire',
    as: 'phone',
    method,
    path: `/wallet/apple/v1/${path.replace('{type}', platformPassType()).replace('{serial}', serial)}`,
    ...(body !== undefined && { body }),
  }),
}));

/** A link that the shop that asks signed itself, to what is named. */
const link = (purpose: LinkPurpose, subject: string, own: Side) => ({
  isPublic: true as const,
  params: { token: own.sign(purpose, subject) },
});
const preferenceIntents = [
  'consents',
  'freeze',
  'unfreeze',
  'contact',
  'download',
  'code',
  'name',
  'language',
  'request',
  'erase',
];
const preferenceForm = {
  wording: 'x',
  email: 'crossing@example.com',
  code: '123456',
  name: 'Ada',
  language: 'de',
  kind: 'access',
  sure: 'yes',
};

const linkLines: Line[] = [
  ...['card.$token', 'card.$token.apple', 'card.$token.code', 'card.$token.google'].map((page) =>
    read(page, ({ memberId }, own) => link('card', memberId, own), 'link'),
  ),
  ...['freeze', 'unfreeze', 'claim'].map((intent) =>
    change('card.$token', { intent, refusal: 'link' }, ({ memberId }, own) => ({
      ...link('card', memberId, own),
      form: { code: 'ABCD-EFGH' },
    })),
  ),
  change('card.$token', { intent: 'claim', refusal: 'word' }, ({ receiptCode }, own) => ({
    ...link('card', own.ids.memberId, own),
    form: { code: receiptCode },
  })),
  ...['card-test.$token', 'card-test.$token.apple'].map((page) =>
    read(page, ({ programId }, own) => link('card-test', programId, own)),
  ),
  read('preferences.$token', ({ memberId }, own) => link('preferences', memberId, own), 'link'),
  read('preferences.$token.data', ({ memberId }, own) => link('preferences', memberId, own), 'link'),
  read(
    'preferences.$token',
    ({ downloadGrant }, own) => ({
      ...link('preferences', own.ids.memberId, own),
      query: { grant: downloadGrant, said: 'may-download' },
    }),
    'word',
  ),
  read(
    'preferences.$token.data',
    ({ downloadGrant }, own) => ({ ...link('preferences', own.ids.memberId, own), query: { grant: downloadGrant } }),
    'word',
  ),
  ...preferenceIntents.map((intent) =>
    change('preferences.$token', { intent, refusal: 'link' }, ({ memberId }, own) => ({
      ...link('preferences', memberId, own),
      form: preferenceForm,
    })),
  ),
  change('preferences.$token', { intent: 'report', refusal: 'link' }, ({ memberId }, own) => ({
    ...link('preferences', memberId, own),
    form: { subject: 'entry:1' },
  })),
  change('preferences.$token', { intent: 'report', refusal: 'word' }, ({ entryId }, own) => ({
    ...link('preferences', own.ids.memberId, own),
    form: { subject: `entry:${entryId}` },
  })),
  read('confirm.$token', ({ mailRequestId }, own) => link('confirm', mailRequestId, own), 'link'),
  change('confirm.$token', { refusal: 'word' }, ({ mailRequestId }, own) => ({
    ...link('confirm', mailRequestId, own),
    form: { answer: 'yes' },
  })),
  read('unsubscribe.$token', ({ memberId }, own) => link('unsubscribe', memberId, own)),
  change('unsubscribe.$token', { refusal: 'missing' }, ({ memberId }, own) => link('unsubscribe', memberId, own)),
  read(
    'join.$programSlug',
    ({ inviteCode }, own) => ({ isPublic: true, params: { programSlug: own.shop.slug }, query: { ref: inviteCode } }),
    'word',
  ),
];

export const otherLines: Line[] = [
  ...apiLines,
  ...oauthLines,
  ...tillLines,
  ...storefrontLines,
  ...phoneLines,
  ...linkLines,
];
