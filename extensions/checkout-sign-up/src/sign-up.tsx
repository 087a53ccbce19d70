import { useCallback, useEffect, useState } from 'preact/hooks';
import type { ShownAmount, ShownCart } from '#app/contracts/shown-estimate.ts';
import type { StorefrontProgram, StorefrontProblemCode, StorefrontStanding } from '#app/contracts/storefront.ts';
import { Standing } from './standing.tsx';
import { join, loadEstimate, loadProgram } from './storefront-client.ts';

export type Translate = (key: string, replacements?: Record<string, string>) => string;

export interface SignUpProps {
  /** Undefined while Shopify is still processing the order. */
  orderId: string | undefined;
  /** What was bought; null when the page does not tell. */
  cart: ShownCart | null;
  locale: string;
  /** True in the checkout editor, where there may be neither an order nor a token. */
  isEditor: boolean;
  /** Must stay the same function between renders. */
  getToken: () => Promise<string>;
  translate: Translate;
}

type Problem = 'none' | 'try-again' | 'not-confirmed' | 'wording-changed' | 'not-yours';

type View =
  | { kind: 'loading' }
  | { kind: 'nothing' }
  | { kind: 'load-failed' }
  | { kind: 'offer'; program: StorefrontProgram; problem: Problem }
  | { kind: 'card'; programName: string; cardUrl: string; isNew: boolean; standing: StorefrontStanding | null };

/** The invitation below an order: join in one tap, with nothing ticked. */
export function SignUp(props: SignUpProps) {
  const { locale, getToken, translate } = props;
  const [view, setView] = useState<View>({ kind: 'loading' });

  const load = useCallback(async () => {
    setView({ kind: 'loading' });
    setView(await firstView(getToken, locale));
  }, [getToken, locale]);

  useEffect(() => void load(), [load]);

  if (view.kind === 'nothing') return null;
  if (view.kind === 'loading') return <s-spinner accessibilityLabel={translate('loading')} />;
  if (view.kind === 'load-failed') {
    if (props.isEditor) return <s-text>{translate('editorPreview')}</s-text>;
    return (
      <s-section heading={translate('heading')}>
        <s-stack direction="block" gap="base">
          <s-banner tone="warning">{translate('loadFailed')}</s-banner>
          <s-button variant="secondary" onClick={() => void load()}>
            {translate('tryAgain')}
          </s-button>
        </s-stack>
      </s-section>
    );
  }
  if (view.kind === 'card') return <CardLink view={view} locale={locale} translate={translate} />;
  return <Offer {...props} view={view} show={setView} />;
}

async function firstView(getToken: () => Promise<string>, locale: string): Promise<View> {
  const answer = await loadProgram(getToken, locale);
  if (answer.kind === 'refused') return { kind: 'nothing' };
  if (answer.kind === 'unreachable') return { kind: 'load-failed' };
  const program = answer.value;
  if (!program.isLive) return { kind: 'nothing' };
  if (program.member === null) return { kind: 'offer', program, problem: 'none' };
  const { cardUrl, standing } = program.member;
  return { kind: 'card', programName: program.programName, cardUrl, isNew: false, standing };
}

type CardLinkProps = { view: Extract<View, { kind: 'card' }>; locale: string; translate: Translate };

function CardLink({ view, locale, translate }: CardLinkProps) {
  return (
    <s-section heading={translate(view.isNew ? 'welcome' : 'memberHeading', { program: view.programName })}>
      <s-stack direction="block" gap="base">
        {view.isNew ? <s-banner tone="success">{translate('joined')}</s-banner> : null}
        {view.standing === null ? null : <Standing standing={view.standing} locale={locale} translate={translate} />}
        <s-text>{translate('cardHint')}</s-text>
        <s-button variant="primary" href={view.cardUrl} target="_blank">
          {translate(view.isNew ? 'addToWallet' : 'openCard')}
        </s-button>
      </s-stack>
    </s-section>
  );
}

interface OfferProps extends SignUpProps {
  view: Extract<View, { kind: 'offer' }>;
  show: (view: View) => void;
}

function Offer(props: OfferProps) {
  const { view, show, orderId, locale, getToken, translate } = props;
  const [consents, setConsents] = useState({ program: false, marketing: false });
  const [isJoining, setIsJoining] = useState(false);
  const [oneAtATime] = useState(createGate);
  const { program } = view;
  const problem = orderId === undefined ? 'not-confirmed' : view.problem;

  async function joinNow() {
    if (orderId === undefined) return;
    setIsJoining(true);
    const enrollment = { orderId, consents, wordingVersion: program.consentWording.version, locale };
    const answer = await join(getToken, enrollment);
    let next: View = { ...view, problem: 'try-again' };
    if (answer.kind === 'ok') {
      next = {
        kind: 'card',
        programName: program.programName,
        cardUrl: answer.value.cardUrl,
        isNew: true,
        standing: null,
      };
    } else if (answer.kind === 'refused') {
      next = await afterRefusal({ code: answer.code, view, getToken, locale });
    }
    if (next.kind === 'offer' && next.problem === 'wording-changed') setConsents({ program: false, marketing: false });
    setIsJoining(false);
    show(next);
  }

  return (
    <s-section heading={translate('joinHeading', { program: program.programName })}>
      <s-stack direction="block" gap="base">
        <Earned {...props} />
        <s-text>{program.earnExample}</s-text>
        <ConsentBox
          label={program.consentWording.program}
          isTicked={consents.program}
          onChange={(isTicked) => setConsents({ ...consents, program: isTicked })}
        />
        <ConsentBox
          label={program.consentWording.marketing}
          isTicked={consents.marketing}
          onChange={(isTicked) => setConsents({ ...consents, marketing: isTicked })}
        />
        <s-text color="subdued" type="small">
          {translate('consentHint')}
        </s-text>
        {problem === 'none' ? null : (
          <s-banner tone={problem === 'try-again' ? 'critical' : 'info'}>{translate(`problem.${problem}`)}</s-banner>
        )}
        {/* Asking again would bring the same answer: only logging in, or another order, changes it. */}
        {problem === 'not-yours' ? null : (
          <s-button
            variant="primary"
            loading={isJoining}
            disabled={isJoining || orderId === undefined}
            onClick={() => void oneAtATime(joinNow)}
          >
            {translate(view.problem === 'none' ? 'join' : 'tryAgain')}
          </s-button>
        )}
      </s-stack>
    </s-section>
  );
}

/** What joining brings for this order; silent until it is known, and where it is nothing. */
function Earned({ cart, locale, getToken, translate }: SignUpProps) {
  const [amounts, setAmounts] = useState<ShownAmount[]>([]);
  // The cart is a new object with every drawing: only what it says tells whether to ask again.
  const text = JSON.stringify(cart);

  useEffect(() => {
    const asked: ShownCart | null = JSON.parse(text);
    if (asked === null) return;
    void loadEstimate(getToken, { cart: asked, locale }).then((answer) => {
      if (answer.kind === 'ok') setAmounts(answer.value.amounts);
    });
  }, [text, getToken, locale]);

  if (amounts.length === 0) return null;
  const number = new Intl.NumberFormat(locale);
  const estimate = amounts.map(({ amount, label }) => `${number.format(amount)} ${label}`).join(' + ');
  return <s-text type="strong">{translate('joinForOrder', { estimate })}</s-text>;
}

/** Lets one action run and ignores others meanwhile. State arrives a render later than a second tap may. */
function createGate(): (action: () => Promise<void>) => Promise<void> {
  let isBusy = false;
  return async (action) => {
    if (isBusy) return;
    isBusy = true;
    try {
      await action();
    } finally {
      isBusy = false;
    }
  };
}

interface Refusal {
  code: StorefrontProblemCode | (string & {});
  view: Extract<View, { kind: 'offer' }>;
  getToken: () => Promise<string>;
  locale: string;
}

async function afterRefusal({ code, view, getToken, locale }: Refusal): Promise<View> {
  if (code === 'program-not-live') return { kind: 'nothing' };
  if (code === 'order-not-confirmed') return { ...view, problem: 'not-confirmed' };
  if (code === 'order-not-yours') return { ...view, problem: 'not-yours' };
  if (code !== 'wording-changed') return { ...view, problem: 'try-again' };
  // A consent counts only for the words that were on the screen, so the new ones are shown first.
  const fresh = await firstView(getToken, locale);
  return fresh.kind === 'offer' ? { ...fresh, problem: 'wording-changed' } : fresh;
}

interface ConsentBoxProps {
  label: string;
  isTicked: boolean;
  onChange: (isTicked: boolean) => void;
}

function ConsentBox({ label, isTicked, onChange }: ConsentBoxProps) {
  return <s-checkbox label={label} checked={isTicked} onChange={(event) => onChange(isChecked(event))} />;
}

function isChecked({ currentTarget }: Event): boolean {
  return currentTarget !== null && 'checked' in currentTarget && currentTarget.checked === true;
}
