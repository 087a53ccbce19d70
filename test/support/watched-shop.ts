/** A shop that is watched: what its detectors noticed, what is stopped, and who was told. */
import type { SecuritySettings } from '#app/domain/security/detectors.ts';
import type { Finding } from '#app/domain/security/judge-signals.ts';
import { saveSecuritySettings } from '#app/flows/security/save-security-settings.ts';
import { sendAlert } from '#app/flows/security/send-alert.ts';
import { watchShop } from '#app/flows/security/watch-shop.ts';
import { incidentPage } from '#app/queries/incident-page.ts';
import type { AlertListener } from '#test/support/alert-listener.ts';
import type { TestShop, TestSystem } from '#test/support/factories.ts';

type OpenIncident = {
  id: string;
  detector: string;
  subject: string;
  is_dry_run: boolean;
  findings: Record<string, unknown>;
};

export type WatchCalls = {
  /** Saves what is watched; alerts go to the listener when asked for. */
  choose: (detectors: SecuritySettings['detectors'], options?: { isAlerting: boolean }) => Promise<void>;
  look: (withHabits?: boolean) => Promise<Finding[]>;
  /** Those that are not closed, the oldest first. */
  incidents: () => Promise<OpenIncident[]>;
  /** What is in force, as 'kind subject'. */
  controls: () => Promise<string[]>;
  /** The kinds of an incident's timeline. */
  kindsOf: (incidentId: string) => Promise<string[]>;
  /** Carries out alerts that wait, on the way to the listener. Answers how many. */
  sendAlerts: () => Promise<number>;
  /** Rewards taken by many members, all at once. */
  redeemMany: (count: number) => Promise<void>;
};

const actor = 'staff:1';

/** Calls about whichever shop is at hand. */
export function watchCalls(at: () => { system: TestSystem; listener: AlertListener; shop: TestShop }): WatchCalls {
  return {
    choose: async (detectors, { isAlerting } = { isAlerting: false }) => {
      const { shop, listener } = at();
      const alertUrl = isAlerting ? listener.url : null;
      const asked = { shopId: shop.shopId, actor, settings: { detectors }, alertUrl, alertEmail: null };
      const { newSecret } = await saveSecuritySettings(asked);
      if (newSecret !== null) listener.setSecret(newSecret);
    },
    look: (withHabits = false) => watchShop({ shopId: at().shop.shopId, withHabits }),
    incidents: () =>
      at().system.sql<OpenIncident>(
        `select id, detector, subject, is_dry_run, findings from incident
         where shop_id = $1 and state <> 'closed' order by opened_at`,
        [at().shop.shopId],
      ),
    controls: async () => {
      const rows = await at().system.sql<{ kind: string; subject: string }>(
        'select kind, subject from security_control where shop_id = $1 and lifted_at is null order by kind',
        [at().shop.shopId],
      );
      return rows.map(({ kind, subject }) => `${kind} ${subject}`);
    },
    kindsOf: async (incidentId) => (await incidentPage(at().shop.shopId, incidentId)).timeline.map(({ kind }) => kind),
    sendAlerts: async () => {
      const { system, shop, listener } = at();
      const rows = await system.sql<{ payload: { incidentId: string; escalation: number } }>(
        `delete from outbox where job = 'send-alert' and shop_id = $1 returning payload`,
        [shop.shopId],
      );
      for (const { payload } of rows) await sendAlert({ shopId: shop.shopId, ...payload, fetch: listener.fetch });
      return rows.length;
    },
    redeemMany: async (count) => {
      await at().system.sql(
        `insert into security_signal (shop_id, kind, subject, amount, at)
         select $1, 'redemption', 'member:' || gen_random_uuid(), 1, date_trunc('milliseconds', now())
         from generate_series(1, $2)`,
        [at().shop.shopId, count],
      );
    },
  };
}
