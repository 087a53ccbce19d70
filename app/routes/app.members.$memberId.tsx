import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { MemberView } from '#app/components/admin/member/member-view.tsx';
import { allows } from '#app/domain/access/permissions.ts';
import { unmaskMember, type UnmaskedMember } from '#app/flows/access/unmask-member.ts';
import { freezeCard } from '#app/flows/cards/freeze-card.ts';
import { reissueCard } from '#app/flows/cards/reissue-card.ts';
import { unfreezeCard } from '#app/flows/cards/unfreeze-card.ts';
import { adjustBalance, type AdjustedBalance } from '#app/flows/members/adjust-balance.ts';
import { isId, type ShopId } from '#app/lib/ids.ts';
import { memberDetail } from '#app/queries/member-detail.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin, demandPermission } from '#app/web/authenticate-admin.ts';
import { forForm, forPage } from '#app/web/page-failure.ts';
import { qrCodeSvg } from '#app/web/qr-code.ts';

function memberIdOf(text: string | undefined): string {
  if (text === undefined || !isId(text)) throw new Response(null, { status: 404 });
  return text;
}

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { shopId, role } = await authenticateAdmin(request, 'members:read');
  const memberId = memberIdOf(params['memberId']);
  const cursor = new URL(request.url).searchParams.get('cursor');
  const [found, { shop }] = await Promise.all([
    forPage(() => memberDetail(shopId, memberId, cursor === null ? {} : { entriesCursor: cursor })),
    shopOverview(shopId),
  ]);
  // Whoever opens the link has the card, and reads whose it is.
  const url = allows(role, 'members:write') ? found.card.url : null;
  const detail = { ...found, card: { ...found.card, url } };
  const code = url === null ? null : await qrCodeSvg(url);
  const may = {
    unmask: allows(role, 'members:unmask'),
    adjust: allows(role, 'ledger:adjust'),
    privacy: allows(role, 'privacy:write'),
  };
  return { detail, currency: shop.currency, timeZone: shop.timeZone, isFirstPage: cursor === null, code, may };
}

const amountMax = 100_000;

type Answer = ActionResult & { identity?: UnmaskedMember };

export async function action({ request, params }: ActionFunctionArgs): Promise<Answer> {
  const caller = await authenticateAdmin(request, 'members:read');
  const { shopId, actor } = caller;
  const memberId = memberIdOf(params['memberId']);
  const form = await request.formData();
  const intent = textField(form, 'intent', 12);
  const change = cardChanges.find((each) => each === intent);
  if (change !== undefined) {
    demandPermission(caller, 'members:write');
    const ifGeneration = Number(textField(form, 'generation', 9));
    return forForm(() => changeCard(change, { shopId, memberId, actor, ifGeneration }));
  }
  if (intent === 'unmask') {
    demandPermission(caller, 'members:unmask');
    return forForm(() => unmask({ shopId, memberId, actor }, textField(form, 'reason', 200)));
  }
  demandPermission(caller, 'ledger:adjust');
  return adjust(form, { shopId, memberId, actor });
}

type Asked = { shopId: ShopId; memberId: string; actor: string };

const cardChanges = ['freeze', 'unfreeze', 'reissue'] as const;

async function changeCard(
  change: (typeof cardChanges)[number],
  { ifGeneration, ...asked }: Asked & { ifGeneration: number },
): Promise<ActionResult> {
  if (change === 'reissue') {
    const { kind, isMailed } = await reissueCard({ ...asked, ifGeneration });
    if (kind === 'already-reissued') return { tone: 'warning', title: 'This card was replaced already.' };
    const details = [
      isMailed
        ? 'The link to the new one is on its way to the member’s e-mail address. They can also scan the code below.'
        : 'The member has no confirmed e-mail address: let them scan the code below, or send them the link.',
    ];
    return { tone: 'success', title: 'The card was replaced; the old one is void.', details };
  }
  const staff = { ...asked, by: 'staff' as const };
  await (change === 'freeze' ? freezeCard(staff) : unfreezeCard(staff));
  return { tone: 'success', title: change === 'freeze' ? 'The card is frozen.' : 'The card can be used again.' };
}

async function unmask(asked: Asked, reason: string): Promise<Answer> {
  return { tone: 'success', title: 'Shown in full', isQuiet: true, identity: await unmaskMember({ ...asked, reason }) };
}

async function adjust(form: FormData, { shopId, memberId, actor }: Asked): Promise<ActionResult> {
  const amount = Number(textField(form, 'amount', 12));
  const reason = textField(form, 'reason', 200);
  const idempotencyKey = textField(form, 'idempotencyKey', 36);
  if (!Number.isSafeInteger(amount) || amount === 0 || Math.abs(amount) > amountMax)
    return { tone: 'critical', title: 'Enter a whole number from 1 to 100,000.' };
  if (reason === '') return { tone: 'critical', title: 'Say why, so that others understand it later.' };
  if (!isId(idempotencyKey)) return { tone: 'critical', title: 'Close this window, open it again and repeat.' };
  const unit = textField(form, 'unit', 32);
  const asked = { shopId, memberId, unit, amount, reason, actor, source: 'staff' as const, idempotencyKey };
  return forForm(async () => describe(await adjustBalance(asked)));
}

function describe(outcome: AdjustedBalance): ActionResult {
  if (outcome.kind === 'insufficient') return { tone: 'critical', title: `Only ${outcome.balance} can be taken away.` };
  const title =
    outcome.kind === 'posted'
      ? `Done. The balance is now ${outcome.balance}.`
      : 'This adjustment was made already; it was not booked twice.';
  return { tone: 'success', title };
}

export default function MemberPage() {
  const data = useLoaderData<typeof loader>();
  return <MemberView key={data.detail.member.memberId} {...data} />;
}
