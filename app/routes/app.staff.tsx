import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { StaffView } from '#app/components/admin/staff/staff-view.tsx';
import { allows } from '#app/domain/access/permissions.ts';
import { addStaff } from '#app/flows/access/add-staff.ts';
import { changeAccessSettings } from '#app/flows/access/change-access-settings.ts';
import { changeStaff } from '#app/flows/access/change-staff.ts';
import { clearPin } from '#app/flows/access/clear-pin.ts';
import { removeStaff } from '#app/flows/access/remove-staff.ts';
import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { resetPin } from '#app/flows/access/reset-pin.ts';
import { setPin } from '#app/flows/access/set-pin.ts';
import { signAccessReview } from '#app/flows/access/sign-access-review.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { staffPage } from '#app/queries/staff-page.ts';
import { textField } from '#app/web/admin-forms.ts';
import { type AdminCaller, authenticateAdmin, demandPermission } from '#app/web/authenticate-admin.ts';
import { forForm } from '#app/web/page-failure.ts';
import { readAccessForm, readTerms } from '#app/web/staff-forms.ts';

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId, staffId, role } = await authenticateAdmin(request, 'home:read');
  const [page, { shop }] = await Promise.all([staffPage(shopId), shopOverview(shopId)]);
  // Everybody has a PIN of their own to look after; the list of the others is for who may read it.
  const mayRead = allows(role, 'staff:read');
  const people = page.people.filter((person) => mayRead || person.staffId === staffId);
  return {
    people,
    settings: mayRead ? page.settings : null,
    reviews: mayRead ? page.reviews : [],
    isReviewDue: mayRead && page.isReviewDue,
    ownId: staffId,
    mayWrite: allows(role, 'staff:write'),
    timeZone: shop.timeZone,
  };
}

const noteLengthMax = 200;
const nameLengthMax = 80;

/** Said in passing: the list shows it. */
const success = (title: string): ActionResult => ({ tone: 'success', title, isQuiet: true });

const orNull = (text: string): string | null => (text === '' ? null : text);

type Change = (caller: AdminCaller, form: FormData) => Promise<ActionResult>;

/** What changes who may do what, each only with the PIN of who does it. */
const changes: Record<string, Change> = {
  add: async ({ shopId, actor }, form) => {
    const { isLocked: _isLocked, ...terms } = readTerms(form);
    const name = orNull(textField(form, 'name', nameLengthMax));
    await addStaff({ shopId, actor, ...terms, name, userId: textField(form, 'userId', 20) });
    return success('The person is added');
  },
  change: async ({ shopId, actor }, form) => {
    const name = orNull(textField(form, 'name', nameLengthMax));
    const reason = orNull(textField(form, 'reason', noteLengthMax));
    await changeStaff({ shopId, actor, staffId: textField(form, 'staffId', 64), ...readTerms(form), name, reason });
    return success('Saved. It holds from their next click on');
  },
  remove: async ({ shopId, actor }, form) => {
    const reason = orNull(textField(form, 'reason', noteLengthMax));
    await removeStaff({ shopId, actor, staffId: textField(form, 'staffId', 64), reason });
    return success('The person is removed');
  },
  'clear-pin': async ({ shopId, actor }, form) => {
    await clearPin({ shopId, actor, staffId: textField(form, 'staffId', 64) });
    return success('The PIN is taken away. They choose a new one on this page');
  },
  settings: async ({ shopId, actor }, form) => {
    await changeAccessSettings({ shopId, actor, settings: readAccessForm(form) });
    return success('Saved');
  },
};

const own: Record<string, Change> = {
  'set-pin': async ({ shopId, actor }, form) => {
    await setPin({ shopId, actor, current: orNull(pinOf(form, 'current')), pin: pinOf(form, 'next') });
    return success('Your PIN is set');
  },
  'reset-pin': async ({ shopId, actor }, form) => {
    const isCalledOff = form.get('off') === 'yes';
    await resetPin({ shopId, actor, isCalledOff });
    return success(isCalledOff ? 'Your PIN stays as it is' : 'You can choose a new PIN in a day');
  },
  review: async (caller, form) => {
    demandPermission(caller, 'staff:read');
    const { shopId, actor } = caller;
    await signAccessReview({ shopId, actor, note: orNull(textField(form, 'note', noteLengthMax)) });
    return success('The review is signed');
  },
};

/** One more than the longest, so that a PIN that is too long is refused and not cut. */
const pinOf = (form: FormData, name: string): string => textField(form, name, 11);

export async function action({ request }: ActionFunctionArgs): Promise<ActionResult> {
  const caller = await authenticateAdmin(request, 'home:read');
  const form = await request.formData();
  const intent = textField(form, 'intent', 16);
  const ownChange = Object.hasOwn(own, intent) ? own[intent] : undefined;
  if (ownChange !== undefined) return forForm(() => ownChange(caller, form).catch(byField));
  demandPermission(caller, 'staff:write');
  const change = Object.hasOwn(changes, intent) ? changes[intent] : undefined;
  if (change === undefined) throw new Response(null, { status: 400 });
  const { shopId, actor } = caller;
  return forForm(async () => {
    await requireStepUp({ shopId, actor, action: `staff.${intent}`, pin: orNull(pinOf(form, 'pin')) });
    return change(caller, form).catch(byField);
  });
}

/** Words for single fields stand beside them; anything else is said above the form. */
function byField(error: unknown): ActionResult {
  if (!(error instanceof InvalidInput) || error.issues === undefined) throw error;
  const problems = Object.fromEntries(error.issues.map(({ path, message }) => [path, message]));
  return { tone: 'critical', title: Object.values(problems).join(' '), problems };
}

export default function StaffPage() {
  return <StaffView {...useLoaderData<typeof loader>()} />;
}
