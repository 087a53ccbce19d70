/** Whether something stands against a redemption beside the program's own rules: a pause, or a doubt about who asks. */
import { readControls } from '#app/data/security/controls.ts';
import { isOverridden, recordChallenge } from '#app/data/security/decisions.ts';
import { noteSignal } from '#app/data/security/signals.ts';
import { readSecuritySettings } from '#app/data/security/settings.ts';
import { listStorePlaces } from '#app/data/security/store-places.ts';
import { raiseIncident } from '#app/data/security/incidents.ts';
import { addToOutbox } from '#app/data/system/outbox.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { RewardStop } from '#app/domain/programs/reward-gates.ts';
import { choiceOf, detectors } from '#app/domain/security/detectors.ts';
import { judgeRedemption, type RiskVerdict, type StoreUse } from '#app/domain/security/redemption-risk.ts';
import type { MemberId } from '#app/lib/ids.ts';

export type RedemptionPlace = { memberId: MemberId; locationId: string | null; at: Date };

type Stop = { stop: RewardStop; verdict: RiskVerdict };

/** What stands against it now, or null. Reads only. */
export async function readRedemptionStop(tx: Tx, place: RedemptionPlace): Promise<RewardStop | null> {
  return (await findStop(tx, place))?.stop ?? null;
}

async function findStop(tx: Tx, { memberId, locationId, at }: RedemptionPlace): Promise<Stop | null> {
  const member = `member:${memberId}`;
  const subjects = ['shop', member, ...(locationId === null ? [] : [`location:${locationId}`])];
  const controls = await readControls(tx, { subjects, at });
  if (controls.some(({ kind }) => kind === 'pause-redemptions' || kind === 'pause-location'))
    return { stop: 'paused', verdict: { outcome: 'allow', score: 0, rules: [], inputs: {} } };
  const doubt = controls.find(({ kind }) => kind === 'challenge-member');
  const verdict = doubt === undefined ? await judgePlace(tx, { memberId, locationId, at }) : doubtVerdict(doubt);
  if (verdict === null || verdict.outcome === 'allow') return null;
  return (await isOverridden(tx, memberId, at)) ? null : { stop: 'challenge', verdict };
}

function doubtVerdict({ reason, incidentId }: { reason: string; incidentId: string | null }): RiskVerdict {
  const rules = [{ rule: 'challenge-member', weight: 100, why: reason }];
  return { outcome: 'challenge', score: 100, rules, inputs: { incidentId: incidentId ?? '' } };
}

/** Only shops that said where their tills stand are asked how fast a card may travel. */
async function judgePlace(tx: Tx, { memberId, locationId, at }: RedemptionPlace): Promise<RiskVerdict | null> {
  const positions = locationId === null ? [] : await listStorePlaces(tx);
  if (positions.length < 2) return null;
  const geoVelocity = choiceOf(await readSecuritySettings(tx), 'geo-velocity');
  const since = new Date(at.getTime() - detectors['geo-velocity'].windowMinutes * 60_000);
  return judgeRedemption({ at, locationId, uses: await readUses(tx, { memberId, since }), positions, geoVelocity });
}

/** Where the card was used since an instant: rewards taken, and stamps given by hand. */
async function readUses(tx: Tx, { memberId, since }: { memberId: MemberId; since: Date }): Promise<StoreUse[]> {
  return tx.query<StoreUse>(
    `select location_id as "locationId", created_at as at from reservation
       where shop_id = $1 and member_id = $2 and created_at > $3 and location_id is not null
     union all
     select explanation->'claim'->>'locationId', booked_at from ledger_entry
       where shop_id = $1 and member_id = $2 and booked_at > $3 and source = 'pos' and kind = 'accrual'
         and explanation->'claim'->>'locationId' is not null
     limit 100`,
    [tx.shopId, memberId, since],
  );
}

/** Keeps the reasons of a challenge, and opens an incident where it was the card's journey that raised the doubt. */
export async function recordStop(tx: Tx, place: RedemptionPlace): Promise<void> {
  const found = await findStop(tx, place);
  if (found?.stop !== 'challenge') return;
  const { verdict } = found;
  const isNew = await recordChallenge(tx, { memberId: place.memberId, verdict, at: place.at });
  if (!isNew || verdict.rules[0]?.rule !== 'geo-velocity') return;
  const { incidentId } = await raiseIncident(tx, {
    detector: 'geo-velocity',
    subject: `member:${place.memberId}`,
    severity: detectors['geo-velocity'].severity,
    findings: verdict.inputs,
    isDryRun: false,
    at: place.at,
  });
  await addToOutbox(tx, [{ job: 'send-alert', payload: { shopId: tx.shopId, incidentId, escalation: 0 } }]);
}

/** Tells the detectors that a reward was taken. */
export async function noteRedemption(tx: Tx, { memberId, at }: { memberId: MemberId; at: Date }): Promise<void> {
  await noteSignal(tx, { kind: 'redemption', subject: `member:${memberId}`, at });
}
