import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { SecurityView } from '#app/components/admin/security/security-view.tsx';
import { allows, type Permission } from '#app/domain/access/permissions.ts';
import { securitySettingsSchema } from '#app/domain/security/security-settings.ts';
import { containIncident } from '#app/flows/security/contain-incident.ts';
import { liftControl } from '#app/flows/security/lift-control.ts';
import { overrideDecision } from '#app/flows/security/override-decision.ts';
import { plantCanaries } from '#app/flows/security/plant-canaries.ts';
import { saveSecuritySettings } from '#app/flows/security/save-security-settings.ts';
import { saveStorePlace } from '#app/flows/security/save-store-place.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { securityPage } from '#app/queries/security-page.ts';
import { jsonField, textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin, demandPermission } from '#app/web/authenticate-admin.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forForm } from '#app/web/page-failure.ts';

const formBytesMax = 64 * 1024;

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId, role } = await authenticateAdmin(request, 'security:read');
  const page = await securityPage(shopId);
  const canConfigure = allows(role, 'security:write');
  // Who may not lay traps is not told where they are.
  const canaries = canConfigure ? page.canaries : [];
  return { ...page, canaries, canContain: allows(role, 'incidents:write'), canConfigure };
}

type Caller = { shopId: ShopId; actor: string };
type Result = ActionResult & { secret?: string | null; trap?: { clientId: string; secret: string } };
type Intent = { needs: Permission; carryOut: (caller: Caller, form: FormData) => Promise<Result> };

const success = (title: string): Result => ({ tone: 'success', title, isQuiet: true });

const intents: Record<string, Intent> = {
  pause: {
    needs: 'incidents:write',
    carryOut: async (caller, form) => {
      const reason = textField(form, 'reason', 500);
      await containIncident({ ...caller, incidentId: null, step: { kind: 'pause-redemptions' }, reason });
      return success('Rewards are paused');
    },
  },
  lift: {
    needs: 'incidents:write',
    carryOut: async (caller, form) => {
      await liftControl({ ...caller, controlId: textField(form, 'controlId', 64) });
      return success('It goes on');
    },
  },
  override: {
    needs: 'incidents:write',
    carryOut: async (caller, form) => {
      const decisionId = textField(form, 'decisionId', 64);
      await overrideDecision({ ...caller, decisionId, reason: textField(form, 'reason', 500) });
      return success('The member can redeem for 24 hours');
    },
  },
  settings: { needs: 'security:write', carryOut: saveSettings },
  'save-place': {
    needs: 'security:write',
    carryOut: async (caller, form) => {
      await saveStorePlace({
        ...caller,
        kind: 'save',
        locationId: textField(form, 'locationId', 20),
        name: textField(form, 'name', 100),
        latitude: numberField(form, 'latitude'),
        longitude: numberField(form, 'longitude'),
      });
      return success('The place is saved');
    },
  },
  'remove-place': {
    needs: 'security:write',
    carryOut: async (caller, form) => {
      await saveStorePlace({ ...caller, kind: 'remove', locationId: textField(form, 'locationId', 20) });
      return success('The place is removed');
    },
  },
  plant: {
    needs: 'security:write',
    carryOut: async (caller) => {
      const { clientId, clientSecret } = await plantCanaries(caller);
      return { ...success('Two traps are planted'), trap: { clientId, secret: clientSecret } };
    },
  },
};

async function saveSettings(caller: Caller, form: FormData): Promise<Result> {
  const settings = securitySettingsSchema.safeParse({ detectors: jsonField(form, 'detectors') });
  if (!settings.success)
    throw new InvalidInput('security-settings', 'The form of security settings does not fit', {
      publicMessage: 'Please check the numbers: each needs a value.',
    });
  const alertUrl = textField(form, 'alertUrl', 500) || null;
  const alertEmail = textField(form, 'alertEmail', 320) || null;
  const { newSecret } = await saveSecuritySettings({ ...caller, settings: settings.data, alertUrl, alertEmail });
  return { ...success('Saved'), secret: newSecret };
}

/** A number as people type it; NaN, which no place takes, when it is none. */
function numberField(form: FormData, name: string): number {
  const text = textField(form, name, 24).replace(',', '.');
  return text === '' ? Number.NaN : Number(text);
}

export async function action({ request }: ActionFunctionArgs): Promise<Result> {
  const caller = await authenticateAdmin(request, 'security:read');
  const form = await readForm(request, formBytesMax);
  const intent = intents[textField(form, 'intent', 32)];
  if (intent !== undefined) demandPermission(caller, intent.needs);
  return forForm(async () => {
    if (intent === undefined) throw new InvalidInput('bad-form', 'The form asks for nothing we know');
    return intent.carryOut({ shopId: caller.shopId, actor: caller.actor }, form).catch(byField);
  });
}

/** Words for single fields stand beside them. */
function byField(error: unknown): Result {
  if (!(error instanceof InvalidInput) || error.issues === undefined) throw error;
  const problems = Object.fromEntries(error.issues.map(({ path, message }) => [path, message]));
  return { tone: 'critical', title: 'This cannot be saved yet', details: Object.values(problems), problems };
}

export default function SecurityPage() {
  return <SecurityView {...useLoaderData<typeof loader>()} />;
}
