import { redirect } from '@remix-run/node';
import type { ActionFunctionArgs, HeadersFunction, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { data, isRouteErrorResponse, useActionData, useLoaderData, useRouteError } from '@remix-run/react';

import { emptyContent } from '#app/components/card/empty-content.ts';
import { JoinView } from '#app/components/shopper/join-view.tsx';
import type { JoinEntries, JoinInvite, JoinProblem } from '#app/components/shopper/join-view.tsx';
import { MessagePage } from '#app/components/shopper/message-page.tsx';
import { shopperPhrases } from '#app/components/shopper/phrases.ts';
import { readBirthday } from '#app/domain/members/birthday.ts';
import { consentWordingFor } from '#app/domain/members/consent-wording.ts';
import { chooseLanguage, languageOfTag } from '#app/domain/members/languages.ts';
import type { Language } from '#app/domain/members/languages.ts';
import { describeOffer } from '#app/domain/programs/offer-sentences.ts';
import { enrollMember } from '#app/flows/members/enroll-member.ts';
import { describeInvite } from '#app/queries/friend-invitation.ts';
import { isInviteGood, joinPage } from '#app/queries/join-page.ts';
import type { JoinPage } from '#app/queries/join-page.ts';
import { inviteCodeOf, locationOf, readJoinForm } from '#app/web/join-form.ts';
import type { JoinForm } from '#app/web/join-form.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forPage } from '#app/web/page-failure.ts';
import { refuseInLanguage } from '#app/web/refused-link.ts';
import { countSignUp } from '#app/web/sign-up-limits.ts';

function languageOf(request: Request): Language {
  const wished = new URL(request.url).searchParams.get('lang');
  return (wished === null ? null : languageOfTag(wished)) ?? chooseLanguage(request.headers.get('accept-language'));
}

/** An unknown name and a closed program are different pages, so that a shopper knows whether to ask at the till. */
async function openPage(slug: string | undefined, language: Language): Promise<JoinPage> {
  const page = await forPage(() => joinPage(slug ?? ''));
  if (page === null) throw Response.json({ language }, { status: 404 });
  if (!page.isOpen) throw Response.json({ language }, { status: 410 });
  return page;
}

export async function loader({ request, params }: LoaderFunctionArgs) {
  const language = languageOf(request);
  const page = await openPage(params['programSlug'], language);
  const { document, design, currency, slug, hasBirthdays } = page;
  const query = new URL(request.url).searchParams;
  return {
    language,
    slug,
    design,
    content: emptyContent(document, design, language),
    offer: describeOffer({ document, currency, language }),
    wording: consentWordingFor(language, design.organizationName),
    location: locationOf(query.get('loc')),
    hasBirthdays,
    invite: await readInvite(page, inviteCodeOf(query.get('ref')), language),
  };
}

async function readInvite(page: JoinPage, code: string | null, language: Language): Promise<JoinInvite | null> {
  if (code === null) return null;
  const isGood = await forPage(() => isInviteGood(page, code));
  return { code, terms: isGood ? describeInvite(page.document, { currency: page.currency, language }) : null };
}

/** The page depends on who asks, and what was typed must not stay in a cache on a shared device. */
export const headers: HeadersFunction = ({ errorHeaders }) => {
  const retryAfter = errorHeaders?.get('Retry-After') ?? null;
  return {
    'Cache-Control': 'no-store',
    Vary: 'Accept-Language',
    ...(retryAfter === null ? {} : { 'Retry-After': retryAfter }),
  };
};

export const meta: MetaFunction<typeof loader> = ({ data: page }) =>
  page ? [{ title: shopperPhrases[page.language].joinTitle(page.content.programName) }] : [{ title: 'Stampwell' }];

type Answer = {
  entries: JoinEntries;
  problems: JoinProblem[];
  isMember: boolean;
  /** What the form carried: the address it was sent to no longer says it. */
  location: string | null;
  invite: JoinInvite | null;
};

const formBytesMax = 16 * 1024;

/** Too many at once is a page of its own, in the shopper's language. */
async function admit(address: string, programId: string, language: Language): Promise<void> {
  await refuseInLanguage(language, () => countSignUp({ address, programId }));
}

export async function action({ request, params, context }: ActionFunctionArgs) {
  const language = languageOf(request);
  const page = await openPage(params['programSlug'], language);
  await admit(context.clientAddress, page.programId, language);
  const formData = await refuseInLanguage(language, () => readForm(request, formBytesMax));
  const form = readJoinForm(formData, new URL(request.url).searchParams);
  const { email, firstName, birthday, program, marketing, location } = form;
  const answer = { entries: { email, firstName, birthday, program, marketing }, location, isMember: false };
  const problems = problemsOf(form, { page, language });
  if (problems.length > 0) {
    const invite = await readInvite(page, form.invitedBy, language);
    return data<Answer>({ ...answer, problems, invite }, { status: 422 });
  }
  const outcome = await enroll({ page, form, language });
  // The address alone does not prove who is asking, so it never opens a card that exists.
  if (outcome.kind === 'already-member')
    return data<Answer>({ ...answer, problems, invite: null, isMember: true }, { status: 409 });
  return redirect(new URL(outcome.cardUrl).pathname, 303);
}

function problemsOf(form: JoinForm, { page, language }: { page: JoinPage; language: Language }): JoinProblem[] {
  const problems: JoinProblem[] = form.isEmailSound ? [] : ['email'];
  const birthdayProblem = page.hasBirthdays ? birthdayOf(form).problem : null;
  if (birthdayProblem !== null) problems.push(birthdayProblem);
  if (problems.length > 0) return problems;
  const wording = consentWordingFor(language, page.design.organizationName);
  // Consent holds only for the words that were read: a form from before a change is shown again. Who agrees to nothing
  // needs none.
  const isAgreed = form.program || form.marketing;
  return form.isRobot || (isAgreed && form.wordingVersion !== wording.version) ? ['refused'] : [];
}

const birthdayOf = ({ birthday }: JoinForm) => readBirthday(birthday.day, birthday.month);

type Enrolling = { page: JoinPage; form: JoinForm; language: Language };

function enroll({ page, form, language }: Enrolling) {
  const birthday = page.hasBirthdays ? birthdayOf(form).birthday : null;
  return forPage(() =>
    enrollMember({
      shopId: page.shopId,
      programId: page.programId,
      via: 'link',
      profile: { email: form.email, birthday, ...(form.firstName === '' ? {} : { name: form.firstName }) },
      // Also a code that promises nothing: the merchant sees why it pays nobody.
      referralCode: form.invitedBy,
      locale: language,
      ...(form.location === null ? {} : { location: form.location }),
      consents: [
        { purpose: 'program', channel: 'wallet', granted: form.program },
        { purpose: 'marketing', channel: 'email', granted: form.marketing },
      ],
      wordingVersion: consentWordingFor(language, page.design.organizationName).version,
      source: 'join-page',
      isAddressTyped: true,
    }),
  );
}

const nothingEntered: JoinEntries = {
  email: '',
  firstName: '',
  birthday: { day: '', month: '' },
  program: false,
  marketing: false,
};

export default function JoinPageRoute() {
  const page = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const phrases = shopperPhrases[page.language];
  if (answer?.isMember) return <MessagePage title={phrases.alreadyTitle} text={phrases.already} />;
  const { entries, problems, location, invite } = answer ?? { ...page, entries: nothingEntered, problems: [] };
  return <JoinView {...page} {...{ entries, problems, location, invite }} />;
}

export function ErrorBoundary() {
  const error = useRouteError();
  const status = isRouteErrorResponse(error) ? error.status : 500;
  const phrases = shopperPhrases[languageOfError(error)];
  if (status === 404) return <MessagePage title={phrases.noPageTitle} text={phrases.noPage} />;
  if (status === 429) return <MessagePage title={phrases.tooManyTitle} text={phrases.tooMany} />;
  if (status === 410) return <MessagePage title={phrases.notOpenTitle} text={phrases.notOpen} />;
  if (status < 500) return <MessagePage title={phrases.formTitle} text={phrases.form} />;
  return <MessagePage title={phrases.brokenTitle} text={phrases.broken} />;
}

function languageOfError(error: unknown): Language {
  const tag: unknown =
    isRouteErrorResponse(error) && typeof error.data?.language === 'string' ? error.data.language : 'en';
  return (typeof tag === 'string' ? languageOfTag(tag) : null) ?? 'en';
}
