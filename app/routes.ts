import type { UNSAFE_RouteConfig as RouteConfig, UNSAFE_RouteConfigEntry as RouteConfigEntry } from '@remix-run/dev';

/** One entry of the table; the file name is the id, so that stack traces and the manifest name the file. */
function page(path: string | undefined, file: string, children?: RouteConfigEntry[]): RouteConfigEntry {
  return {
    file: `routes/${file}.tsx`,
    ...(path === undefined ? { index: true } : { path }),
    ...(children === undefined ? {} : { children }),
  };
}

/** Every page of the product. What is not in this table does not exist. */
const routes: RouteConfig = [
  page(undefined, '_index'),
  page('session-token', 'session-token'),
  page('app', 'app', [
    page(undefined, 'app._index'),
    page('program', 'app.program'),
    page('program/simulate', 'app.program.simulate'),
    page('program/versions', 'app.program.versions'),
    page('program/versions/:number', 'app.program.versions.$number'),
    page('card', 'app.card'),
    page('card/rollout', 'app.card.rollout'),
    page('card/history', 'app.card.history'),
    page('card/drawing', 'app.card.drawing'),
    page('logo', 'app.logo'),
    page('strip', 'app.strip'),
    page('members', 'app.members'),
    page('members/:memberId', 'app.members.$memberId'),
    page('members/:memberId/privacy', 'app.members.$memberId.privacy'),
    page('liability', 'app.liability'),
    page('liability.csv', 'app.liability.csv'),
    page('campaigns', 'app.campaigns'),
    page('campaigns/new', 'app.campaigns.new'),
    page('campaigns/:campaignId', 'app.campaigns.$campaignId'),
    page('freshness', 'app.freshness'),
    page('certificates', 'app.certificates'),
    page('privacy', 'app.privacy'),
    page('consents', 'app.consents'),
    page('consents/file', 'app.consents.file'),
    page('privacy/file', 'app.privacy.file'),
    page('retention', 'app.retention'),
    page('retention/file', 'app.retention.file'),
    page('audit', 'app.audit'),
    page('audit/file', 'app.audit.file'),
    page('trust', 'app.trust'),
    page('trust/evidence', 'app.trust.evidence'),
    page('staff', 'app.staff'),
    page('security', 'app.security'),
    page('incidents', 'app.incidents'),
    page('incidents/:incidentId', 'app.incidents.$incidentId'),
    page('incidents/:incidentId/report', 'app.incidents.$incidentId.report'),
    page('staff.csv', 'app.staff.csv'),
    page('keys', 'app.keys'),
    page('keys/clients', 'app.keys.clients'),
    page('support', 'app.support'),
    page('welcome/:step?', 'app.welcome.$step'),
  ]),
  page('trust', 'trust'),
  page('security-report', 'security-report'),
  page('join/:programSlug', 'join.$programSlug'),
  page('join/:programSlug/poster', 'join.$programSlug.poster'),
  page('card-test/:token', 'card-test.$token'),
  page('card-test/:token/apple.pkpass', 'card-test.$token.apple'),
  page('card/:token', 'card.$token'),
  page('card/:token/apple.pkpass', 'card.$token.apple'),
  page('card/:token/google', 'card.$token.google'),
  page('preferences/:token', 'preferences.$token'),
  page('preferences/:token/data', 'preferences.$token.data'),
  page('confirm/:token', 'confirm.$token'),
  page('unsubscribe/:token', 'unsubscribe.$token'),
];

export default routes;
