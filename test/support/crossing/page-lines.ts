/** Everything the pages of the admin can be asked that names something of a shop. What names nothing is listed at the end. */
import { apiScopes } from '#app/contracts/api-scopes.ts';
import { defaultProgram } from '#app/domain/programs/default-program.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { newCampaign } from '#app/domain/campaigns/new-campaign.ts';
import { change, type Line, read } from '#test/support/crossing/lines.ts';

const document = JSON.stringify(defaultProgram({ shopName: 'Crossing', currency: 'USD' }));
const content = JSON.stringify({ ...newCampaign(new Date(), 'UTC'), name: 'News', text: 'Hello' });
const terms = (programIds: string[] | null) =>
  JSON.stringify({ name: 'Till', scopes: apiScopes, programIds, networks: '', requestsPerSecond: '', expiresOn: '' });
const reason = 'A drill';
const designWith = (logoImage: string) => JSON.stringify({ ...starterDesign('Crossing'), logoImage });

const programs: Line[] = [
  read('app.program', ({ programId: program }) => ({ query: { program } })),
  ...['save', 'publish', 'add'].map((intent) =>
    change('app.program', { intent, refusal: 'missing' }, ({ programId: program }) => ({
      query: { program },
      form: { document, places: 'link', revision: '0' },
    })),
  ),
  read('app.program.simulate', ({ programId: program }) => ({ query: { program } })),
  ...['start', 'publish'].map((intent) =>
    change('app.program.simulate', { intent, refusal: 'missing' }, ({ programId: program }) => ({
      query: { program },
      form: { orders: '10', revision: '0' },
    })),
  ),
  change('app.program.simulate', { intent: 'cancel', refusal: 'missing' }, ({ programId: program }, own) => ({
    query: { program },
    form: { simulationId: own.ids.simulationId },
  })),
  change('app.program.simulate', { intent: 'cancel', refusal: 'form' }, ({ simulationId }) => ({
    form: { simulationId },
  })),
  read('app.program.versions', ({ programId: program }) => ({ query: { program } })),
  read('app.program.versions.$number', ({ programId: program }) => ({ query: { program }, params: { number: '1' } })),
  change('app.program.versions.$number', { refusal: 'missing' }, ({ programId: program }) => ({
    query: { program },
    params: { number: '1' },
  })),
];

const cards: Line[] = [
  read('app.card', ({ programId: program }) => ({ query: { program } })),
  ...['save', 'test', 'publish'].map((intent) =>
    change('app.card', { intent, refusal: 'missing' }, ({ programId: program }) => ({
      query: { program },
      form: { design: designWith('a'.repeat(64)), revision: '0', pace: 'at-once' },
    })),
  ),
  change('app.card', { intent: 'save', refusal: 'word' }, ({ picture }) => ({
    form: { design: designWith(picture), revision: '0' },
  })),
  change('app.card.drawing', { refusal: 'word' }, ({ picture }) => ({
    form: { design: designWith(picture), stamps: 'null', look: '1' },
  })),
  change('app.welcome.$step', { refusal: 'word' }, ({ picture }) => ({
    params: { step: 'card' },
    form: { design: designWith(picture) },
  })),
  read('app.card.rollout', ({ programId: program }) => ({ query: { program } })),
  ...['pause', 'continue', 'back', 'step'].map((intent) =>
    change('app.card.rollout', { intent }, ({ rolloutId }) => ({ form: { rolloutId, percent: '50' } })),
  ),
  read('app.card.history', ({ programId: program }) => ({ query: { program } })),
  change('app.card.history', { refusal: 'missing' }, ({ programId: program }) => ({
    query: { program },
    form: { number: '1' },
  })),
  change('app.freshness', {}, ({ passId }) => ({ form: { passId } })),
  ...['use', 'remove'].map((intent) =>
    change('app.certificates', { intent }, ({ appleIssuerId: issuerId }) => ({ form: { issuerId } })),
  ),
  change('app.certificates', { intent: 'drop-request', refusal: 'word' }, ({ requestId }) => ({ form: { requestId } })),
  ...['access', 'use-google', 'remove-google'].map((intent) =>
    change('app.certificates', { intent }, ({ googleIssuerId: id }) => ({ form: { id, access: 'requested' } })),
  ),
];

const people: Line[] = [
  read('app.members.$memberId', ({ memberId }) => ({ params: { memberId } })),
  ...['freeze', 'unfreeze', 'unmask', 'adjust', 'reissue'].map((intent) =>
    change('app.members.$memberId', { intent, rank: intent === 'reissue' ? 1 : 0 }, ({ memberId }) => ({
      params: { memberId },
      form: { generation: '9', reason: 'Asked', amount: '5', unit: 'points', idempotencyKey: crypto.randomUUID() },
    })),
  ),
  ...['access', 'portability', 'rectification', 'restriction', 'objection', 'lift-restriction'].map((intent) =>
    change('app.members.$memberId.privacy', { intent }, ({ memberId }) => ({
      params: { memberId },
      form: { reason: 'asked-in-person', name: 'Taken Over' },
    })),
  ),
  change('app.members.$memberId.privacy', { intent: 'erasure', rank: 2 }, ({ memberId }) => ({
    params: { memberId },
    form: { reason: 'asked-in-person', confirmed: 'yes' },
  })),
  change('app.privacy', {}, ({ deliveryId }) => ({ form: { deliveryId } })),
  ...['json', 'csv'].map((kind) =>
    change('app.privacy.file', { refusal: 'missing' }, ({ caseId }) => ({ form: { caseId, kind, reason } })),
  ),
  change('app.privacy.file', { refusal: 'missing' }, ({ certifiedId }) => ({
    form: { caseId: certifiedId, kind: 'certificate', reason },
  })),
  change('app.consents', { intent: 'close-report' }, ({ reportId }) => ({ form: { reportId } })),
];

const campaigns: Line[] = [
  read('app.campaigns.$campaignId', ({ campaignId }) => ({ params: { campaignId } })),
  ...['save', 'forecast', 'pause', 'continue', 'stop', 'start', 'delete'].map((intent) =>
    change('app.campaigns.$campaignId', { intent, rank: intent === 'delete' ? 1 : 0 }, ({ campaignId }) => ({
      params: { campaignId },
      form: { content, revision: '0' },
    })),
  ),
  read('app.campaigns.new', ({ programId: program }) => ({ query: { program } })),
  change('app.campaigns.new', { refusal: 'missing' }, ({ programId: program }) => ({
    query: { program },
    form: { content },
  })),
];

const security: Line[] = [
  read('app.incidents.$incidentId', ({ incidentId }) => ({ params: { incidentId } })),
  read(
    'app.incidents.$incidentId',
    ({ clientId }, own) => ({
      params: { incidentId: own.ids.incidentId },
      query: { reader: `api:${clientId}`, from: '2020-01-01T00:00', to: '2040-01-01T00:00' },
    }),
    'word',
  ),
  ...['acknowledge', 'note', 'breach', 'told', 'close', 'contain'].map((intent) =>
    change('app.incidents.$incidentId', { intent, rank: intent === 'close' ? 2 : 0 }, ({ incidentId }) => ({
      params: { incidentId },
      form: {
        text: 'A note',
        who: 'people',
        controlKind: 'test',
        controlText: 'A test',
        step: 'drop-sessions',
        reason: 'x',
      },
    })),
  ),
  change('app.incidents.$incidentId', { intent: 'contain', rank: 1 }, ({ spareClientId }, own) => ({
    params: { incidentId: own.ids.incidentId },
    form: { step: 'revoke-key', target: spareClientId, reason: 'A drill' },
  })),
  ...(
    [
      ['challenge-member', 'memberId'],
      ['throttle-client', 'clientId'],
    ] as const
  ).map(([step, name]) =>
    change('app.incidents.$incidentId', { intent: 'contain', refusal: 'word' }, (ids, own) => ({
      params: { incidentId: own.ids.incidentId },
      form: { step, target: ids[name], reason: 'A drill' },
    })),
  ),
  change('app.incidents.$incidentId.report', { refusal: 'missing' }, ({ incidentId }) => ({
    params: { incidentId },
    form: { reason },
  })),
  change('app.security', { intent: 'lift', refusal: 'word' }, ({ controlId }) => ({ form: { controlId } })),
  change('app.security', { intent: 'override' }, ({ decisionId }) => ({ form: { decisionId, reason: 'Known' } })),
  ...['change', 'clear-pin', 'remove'].map((intent) =>
    change('app.staff', { intent, rank: intent === 'remove' ? 1 : 0 }, ({ staffId }) => ({
      form: { staffId, role: 'viewer', places: 'everywhere', name: '', reason: 'A drill' },
    })),
  ),
  ...['change', 'rotate', 'revoke'].map((intent) =>
    change('app.keys.clients', { intent, rank: 3 }, ({ clientId }) => ({
      form: { clientId, terms: terms(null), overlapHours: '24', reason: 'A drill' },
    })),
  ),
  ...['create', 'change'].map((intent) =>
    change('app.keys.clients', { intent }, ({ programId }, own) => ({
      form: { clientId: own.ids.clientId, terms: terms([programId]), isPairwise: 'no' },
    })),
  ),
  change('app.support', { intent: 'end' }, ({ accessId }) => ({ form: { accessId } })),
];

export const pageLines: Line[] = [...programs, ...cards, ...people, ...campaigns, ...security];

/** What of all pages names nothing of a shop, or what everybody may name: by page and handler, and the intents of it. */
export const namesNothing: Record<string, readonly string[]> = {
  'app loader': [],
  'app.$ loader': [],
  'app._index loader': [],
  'app.logo action': [],
  'app.strip action': [],
  'app.members loader': [],
  'app.liability loader': [],
  'app.liability.csv action': [],
  'app.campaigns loader': [],
  'app.freshness loader': [],
  'app.freshness action': ['retry-all'],
  'app.certificates loader': [],
  'app.certificates action': ['request', 'add', 'add-google'],
  'app.privacy loader': [],
  'app.consents loader': [],
  'app.consents action': ['verify'],
  'app.consents.file action': [],
  'app.retention loader': [],
  'app.retention action': ['preview'],
  'app.retention.file action': [],
  'app.audit loader': [],
  'app.audit action': [],
  'app.audit.file action': [],
  'app.trust loader': [],
  'app.trust action': ['object'],
  'app.trust.evidence action': [],
  'app.staff loader': [],
  'app.staff action': ['add', 'settings', 'set-pin', 'reset-pin', 'review'],
  'app.staff.csv action': [],
  'app.security loader': [],
  'app.security action': ['pause', 'settings', 'save-place', 'remove-place', 'plant'],
  'app.incidents loader': [],
  'app.incidents action': [],
  'app.keys loader': [],
  'app.keys action': ['rotate-data', 'rotate-links'],
  'app.keys.clients loader': [],
  'app.support loader': [],
  'app.support action': ['grant'],
  'app.welcome.$step loader': [],
  'app.members.$memberId.privacy action': ['shop-erasure'],
  '_index loader': [],
  'session-token loader': [],
  'export.$token loader': [],
  'trust loader': [],
  'security-report loader': [],
  'security-report action': [],
  'join.$programSlug action': [],
  'join.$programSlug.poster loader': [],
};

/** Fields of addresses and forms that are no id of anything a shop keeps: texts, figures, choices, Shopify's own numbers. */
export const plainFields: ReadonlySet<string> = new Set(
  (
    'part places revision document orders below number pace percent look stamps logo url strip search cursor generation ' +
    'reason amount idempotencyKey unit confirmed months kind pin content certificate key account access password choice ' +
    'sequence hours class days before format version objection name userId current next off note role locations isLocked ' +
    'expires defaultRole till tillCostMax apiCostMax locationId latitude longitude detectors alertUrl alertEmail severity ' +
    'description from to text who controlKind controlText step overlapDays isPairwise overlapHours minutes scopes agreement ' +
    'outline what where contact lang programSlug loc email firstName marketing wording birthdayDay birthdayMonth ' +
    'website turn Retry-After said sure answer phone birthday export.$token:token join.$programSlug:program join.$programSlug.poster:program'
  ).split(' '),
);
