/** Decisions against members and how people overrule them; incidents from the first alert to the last control. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { answerIncident } from '#app/flows/security/answer-incident.ts';
import { containIncident } from '#app/flows/security/contain-incident.ts';
import { liftControl } from '#app/flows/security/lift-control.ts';
import { openIncident } from '#app/flows/security/open-incident.ts';
import { overrideDecision } from '#app/flows/security/override-decision.ts';
import { saveSecuritySettings } from '#app/flows/security/save-security-settings.ts';
import { saveStorePlace } from '#app/flows/security/save-store-place.ts';
import { sendAlert } from '#app/flows/security/send-alert.ts';
import { tendIncidents } from '#app/flows/security/tend-incidents.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import type { Signed } from '#app/lib/evidence.ts';
import { incidentPage } from '#app/queries/incident-page.ts';
import { incidentReport } from '#app/queries/incident-report.ts';
import { securityPage } from '#app/queries/security-page.ts';
import { type AlertListener, startAlertListener } from '#test/support/alert-listener.ts';
import { type MailPlatform, startMail } from '#test/platform/mail.ts';
import { checkStatement } from '#test/support/check-statement.ts';
import { authorize, type ExtensionRig, startExtensionRig } from '#test/support/extensions.ts';
import { makeDocument, makeMember, makeShop, type TestShop } from '#test/support/factories.ts';
import { expectProblem, minuteMs, tillCalls, tillRewards } from '#test/support/till-calls.ts';
import { watchCalls } from '#test/support/watched-shop.ts';

let rig: ExtensionRig;
let listener: AlertListener;
let mail: MailPlatform;
let shop: TestShop;
let memberId: string;
const { stamp, redeem, give } = tillCalls(() => ({ rig, shop, memberId }));
const { choose, look, incidents, kindsOf, sendAlerts, redeemMany } = watchCalls(() => ({
  system: rig.system,
  listener,
  shop,
}));
const actor = 'staff:1';

beforeAll(async () => {
  mail = await startMail();
  process.env['SMTP_URL'] = mail.url;
  process.env['MAIL_FROM'] = 'Stampwell <cards@stampwell.test>';
  rig = await startExtensionRig();
  listener = await startAlertListener();
});
afterAll(async () => {
  listener.close();
  await rig.close();
  await mail.close();
});
beforeEach(async () => {
  setClockOffsetMs(0);
  listener.answer(204);
  listener.received.length = 0;
  shop = await makeShop(makeDocument({ rewards: tillRewards }));
  await authorize(rig.shopify, shop);
  ({ memberId } = await makeMember(shop, { name: 'Ada' }));
});
afterEach(() => setClockOffsetMs(0));

describe('a card in two places', () => {
  const berlin = { locationId: '101', name: 'Berlin', latitude: 52.52, longitude: 13.405 };
  const munich = { locationId: '102', name: 'Munich', latitude: 48.137, longitude: 11.575 };
  const place = (saved: typeof berlin) => saveStorePlace({ shopId: shop.shopId, actor, kind: 'save', ...saved });

  beforeEach(async () => {
    await place(berlin);
    await place(munich);
    await give('stamps', 40);
  });

  it('F11 F21 F33 in two stores 500 km apart within ten minutes is challenged with reasons, and a person may overrule', async () => {
    expect((await redeem('coffee', { locationId: '101' })).status).toBe(200);
    setClockOffsetMs(10 * minuteMs);
    const refused = await redeem('coffee', { locationId: '102' });
    expectProblem(refused, 409, 'redemption-challenged');
    expect(refused.body['detail']).toMatch(/check who this is/i);
    expectProblem(await redeem('coffee', { locationId: '102' }), 409, 'redemption-challenged');
    // What cannot be had is shown so before anybody asks for it.
    const preview = await rig.ask(shop, '/pos/v1/preview', { body: { memberId, cart: null, locationId: '102' } });
    expect(preview.body['rewards']).toContainEqual({ rewardId: 'coffee', isAvailable: false, reason: 'challenge' });
    const { decisions } = await securityPage(shop.shopId);
    expect(decisions).toMatchObject([
      {
        memberId,
        outcome: 'challenge',
        score: 100,
        timesSeen: 2,
        inputs: { from: '101', to: '102', minutes: 10 },
        rules: [{ rule: 'geo-velocity', weight: 100, why: expect.stringMatching(/km away 10 minutes before/) }],
      },
    ]);
    expect(await incidents()).toMatchObject([{ detector: 'geo-velocity', is_dry_run: false }]);
    const decisionId = decisions[0]?.decisionId ?? '';
    await expect(overrideDecision({ shopId: shop.shopId, actor, decisionId, reason: ' ' })).rejects.toMatchObject({
      code: 'reason-missing',
    });
    const elsewhere = await makeShop();
    await expect(overrideDecision({ shopId: elsewhere.shopId, actor, decisionId, reason: 'x' })).rejects.toMatchObject({
      code: 'decision-not-found',
    });
    await overrideDecision({ shopId: shop.shopId, actor, decisionId, reason: 'showed an ID and a train ticket' });
    expect((await redeem('coffee', { locationId: '102' })).status).toBe(200);
    expect((await securityPage(shop.shopId)).decisions[0]).toMatchObject({
      overriddenBy: actor,
      overrideReason: 'showed an ID and a train ticket',
    });
  });

  it('F11 is nothing to wonder about in one town, by train, or where the detector is off', async () => {
    await place({ locationId: '103', name: 'Potsdam', latitude: 52.4, longitude: 13.29 });
    expect((await redeem('coffee', { locationId: '101' })).status).toBe(200);
    expect((await redeem('coffee', { locationId: '103' })).status).toBe(200);
    setClockOffsetMs(5 * 60 * minuteMs);
    expect((await redeem('coffee', { locationId: '102' })).status).toBe(200);
    await choose({ 'geo-velocity': { isOn: false, mode: 'act', action: 'challenge', threshold: 300 } });
    expect((await redeem('coffee', { locationId: '101' })).status).toBe(200);
  });
});

describe('an incident', () => {
  const base = () => ({ shopId: shop.shopId, actor });

  it('K08 L17 nobody takes on is escalated when its time is up, once each time, and not after somebody did', async () => {
    await choose({}, { isAlerting: true });
    const { incidentId } = await openIncident({ ...base(), severity: 'critical', description: 'A laptop was stolen' });
    expect(await sendAlerts()).toBe(1);
    expect(await tendIncidents(base())).toBe(0);
    setClockOffsetMs(16 * minuteMs);
    expect((await Promise.all([tendIncidents(base()), tendIncidents(base())])).toSorted()).toEqual([0, 1]);
    await sendAlerts();
    expect(listener.received.map(({ type, data }) => [type, data['escalation']])).toEqual([
      ['incident.opened', 0],
      ['incident.escalated', 1],
    ]);
    await answerIncident({ ...base(), incidentId, answer: { kind: 'acknowledge' } });
    setClockOffsetMs(60 * minuteMs);
    expect(await tendIncidents(base())).toBe(0);
    expect(await kindsOf(incidentId)).toEqual(['opened', 'note', 'alerted', 'escalated', 'alerted', 'acknowledge']);
    // What people write is sealed.
    const rows = await rig.system.sql<{ note: Buffer | null }>(
      'select note from incident_event where incident_id = $1',
      [incidentId],
    );
    expect(rows.some(({ note }) => note?.includes('laptop'))).toBe(false);
    expect((await incidentPage(shop.shopId, incidentId)).timeline[1]?.note).toBe('A laptop was stolen');
  });

  it('K08 L14 is mailed to the shop’s alert address, with ids and figures and no names, and mailed again once the server takes it', async () => {
    const alertEmail = 'security@bean-there.example';
    await saveSecuritySettings({ ...base(), settings: { detectors: {} }, alertUrl: null, alertEmail });
    const { incidentId } = await openIncident({ ...base(), severity: 'high', description: 'Ada lost a laptop' });
    const alert = { shopId: shop.shopId, incidentId, escalation: 0, fetch: listener.fetch };
    mail.refuseWith(451);
    await expect(sendAlert(alert)).rejects.toMatchObject({ code: expect.any(String) });
    mail.refuseWith(null);
    await sendAlert(alert);
    await sendAlert({ ...alert, escalation: 1 });
    expect(mail.mails.map(({ to }) => to)).toEqual([alertEmail, alertEmail]);
    const [first, second] = mail.mails.map(({ text }) => text);
    expect(first).toContain(`/app/incidents/${incidentId}`);
    expect(second).toContain('Nobody has taken this on yet');
    expect(`${first}${second}`).not.toContain('Ada');
    expect(await kindsOf(incidentId)).toEqual(['opened', 'note', 'alerted', 'alerted']);
  });

  it('K08 an alert that is not taken is tried again, and an address that is gone is noted', async () => {
    await choose({}, { isAlerting: true });
    const { incidentId } = await openIncident({ ...base(), severity: 'low', description: 'x' });
    const alert = { shopId: shop.shopId, incidentId, escalation: 0, fetch: listener.fetch };
    listener.answer(503);
    await expect(sendAlert(alert)).rejects.toMatchObject({ code: 'alert-not-taken' });
    listener.answer(410);
    await sendAlert(alert);
    expect(await kindsOf(incidentId)).toEqual(['opened', 'note', 'alert-refused']);
  });

  it('F22 pausing one till leaves the others and the shop as they are, and is lifted by a person', async () => {
    await give('stamps', 20);
    const { incidentId } = await openIncident({ ...base(), severity: 'high', description: 'A till was stolen' });
    const step = { kind: 'pause-location', subject: 'location:5791776832' } as const;
    expect(await containIncident({ ...base(), incidentId, step, reason: 'stolen' })).toBe(true);
    expect(await containIncident({ ...base(), incidentId, step, reason: 'stolen' })).toBe(false);
    expectProblem(await stamp(), 403, 'till-paused');
    expectProblem(await redeem('coffee'), 409, 'redemptions-paused');
    expect((await redeem('coffee', { locationId: '2' })).status).toBe(200);
    expect((await stamp({ locationId: '2' })).status).toBe(200);
    const { controls: inForce } = await securityPage(shop.shopId);
    const elsewhere = await makeShop();
    expect(await liftControl({ shopId: elsewhere.shopId, actor, controlId: inForce[0]?.controlId ?? '' })).toBe(false);
    expect(await liftControl({ ...base(), controlId: inForce[0]?.controlId ?? '' })).toBe(true);
    expect((await stamp()).status).toBe(200);
    expect(await kindsOf(incidentId)).toEqual(['opened', 'note', 'contained', 'lifted']);
  });

  it('F24 closes only with what keeps it from happening again, and a breach only once the authority was told', async () => {
    const { incidentId } = await openIncident({ ...base(), severity: 'high', description: 'x' });
    const answer = (given: Parameters<typeof answerIncident>[0]['answer']) =>
      answerIncident({ ...base(), incidentId, answer: given });
    const close = (controlKind: 'detector' | 'control', controlText: string) =>
      answer({ kind: 'close', controlKind, controlText });
    await expect(close('control', '  ')).rejects.toMatchObject({ code: 'text-missing' });
    await expect(close('detector', 'a better one')).rejects.toMatchObject({ code: 'detector-unknown' });
    await expect(answer({ kind: 'told', who: 'authority' })).rejects.toMatchObject({ code: 'no-breach' });
    await answer({ kind: 'breach', since: null });
    await expect(close('detector', 'mass-missing')).rejects.toMatchObject({ code: 'authority-not-told' });
    await answer({ kind: 'told', who: 'authority' });
    await close('detector', 'mass-missing');
    await expect(answer({ kind: 'note', text: 'late' })).rejects.toMatchObject({ code: 'incident-closed' });
    await expect(rig.system.sql(`update incident set control_text = null where id = $1`, [incidentId])).rejects.toThrow(
      /check/,
    );
  });

  it('L17 that was closed opens again only for what came after', async () => {
    await redeemMany(40);
    await look();
    const [incident] = await incidents();
    await answerIncident({
      ...base(),
      incidentId: incident?.id ?? '',
      answer: { kind: 'close', controlKind: 'control', controlText: 'It was our anniversary.' },
    });
    await look();
    expect(await incidents()).toEqual([]);
    await redeemMany(1);
    await look();
    expect(await incidents()).toHaveLength(1);
  });

  it('L18 counts down the 72 hours of a breach', async () => {
    const { incidentId } = await openIncident({ ...base(), severity: 'high', description: 'x' });
    await answerIncident({
      ...base(),
      incidentId,
      answer: { kind: 'breach', since: new Date(Date.now() - 10.5 * 60 * minuteMs) },
    });
    const { breach } = await incidentPage(shop.shopId, incidentId);
    expect(breach?.hoursLeft).toBe(61);
    await expect(answerIncident({ ...base(), incidentId, answer: { kind: 'acknowledge' } })).resolves.toBeUndefined();
  });

  it('L17 L18 is a signed record that anybody can check offline: what, when, what was done, who was told and by when', async () => {
    const { incidentId } = await openIncident({ ...base(), severity: 'high', description: 'A laptop is gone' });
    const since = new Date(Date.now() - 10 * 60 * minuteMs);
    await answerIncident({ ...base(), incidentId, answer: { kind: 'breach', since } });
    await containIncident({ ...base(), incidentId, step: { kind: 'pause-redemptions' }, reason: 'z' });
    await answerIncident({ ...base(), incidentId, answer: { kind: 'told', who: 'authority' } });
    const report = JSON.parse(JSON.stringify(await incidentReport(shop.shopId, incidentId))) as Signed<unknown>;
    expect(report.payload).toMatchObject({
      kind: 'incident-report',
      shopId: shop.shopId,
      incident: { incidentId, severity: 'critical' },
      timeline: ['opened', 'note', 'breach', 'contained', 'told'].map((kind) => ({ kind })),
      measures: [{ details: { kind: 'pause-redemptions' } }],
      breach: { noticedAt: since.toISOString(), isInTime: true, peopleToldAt: null },
    });
    expect(await checkStatement(report)).toEqual({ code: 0, ok: true, kind: 'incident-report' });
    const rewritten = JSON.stringify(report).replace('A laptop is gone', 'Nothing is gone');
    expect(await checkStatement(JSON.parse(rewritten))).toEqual({ code: 1, ok: false, kind: 'incident-report' });
    const elsewhere = await makeShop();
    await expect(incidentReport(elsewhere.shopId, incidentId)).rejects.toMatchObject({ code: 'incident-not-found' });
  });

  it('writes every change a person makes into the audit log, and is nobody else’s', async () => {
    const { incidentId } = await openIncident({ ...base(), severity: 'low', description: 'x' });
    await answerIncident({ ...base(), incidentId, answer: { kind: 'note', text: 'y' } });
    await containIncident({ ...base(), incidentId, step: { kind: 'pause-redemptions' }, reason: 'z' });
    await liftControl({ ...base(), controlId: (await securityPage(shop.shopId)).controls[0]?.controlId ?? '' });
    const rows = await rig.system.sql<{ action: string }>(
      `select action from audit_record where shop_id = $1 and (action like 'incident.%' or action like 'security.%') order by sequence`,
      [shop.shopId],
    );
    expect(rows.map(({ action }) => action)).toEqual([
      'incident.open',
      'incident.note',
      'security.pause-redemptions',
      'security.lift',
    ]);
    const elsewhere = await makeShop();
    const foreign = { shopId: elsewhere.shopId, actor, incidentId };
    await expect(incidentPage(elsewhere.shopId, incidentId)).rejects.toMatchObject({ code: 'incident-not-found' });
    await expect(answerIncident({ ...foreign, answer: { kind: 'acknowledge' } })).rejects.toMatchObject({
      code: 'incident-not-found',
    });
    await expect(
      containIncident({ ...foreign, step: { kind: 'pause-redemptions' }, reason: 'z' }),
    ).rejects.toMatchObject({ code: 'incident-not-found' });
    await expect(
      sendAlert({ shopId: elsewhere.shopId, incidentId, escalation: 0, fetch: listener.fetch }),
    ).rejects.toMatchObject({ code: 'incident-not-found' });
  });

  const saveTo = (alertUrl: string) =>
    saveSecuritySettings({ ...base(), settings: { detectors: {} }, alertUrl, alertEmail: null });

  it('L01 alerts go to https alone', async () => {
    await expect(saveTo('http://example.com/')).rejects.toMatchObject({ code: 'security-settings' });
    await expect(saveTo('https://user:secret@example.com/')).rejects.toMatchObject({ code: 'security-settings' });
    await expect(saveTo('https://example.com:8443/')).rejects.toMatchObject({ code: 'security-settings' });
  });
});
