import { BlockStack, Card, Link, Text } from '@shopify/polaris';

type Props = {
  counts: { members: number; activePasses: number; redemptionsLast30Days: number };
  hasEarned: boolean;
  joinUrl: string | null;
  hasDesign: boolean;
};

/** Drawn, because fonts differ in what they make of a tick. */
function StepMark({ done }: { done: boolean }) {
  return (
    <svg className="step-mark" viewBox="0 0 20 20" aria-hidden="true">
      <circle cx="10" cy="10" r="8.5" fill={done ? '#0f7a64' : 'none'} stroke={done ? '#0f7a64' : '#8a8a8a'} />
      {done ? <path d="M6 10.4l2.7 2.6L14 7.6" fill="none" stroke="#ffffff" strokeWidth="2" /> : null}
    </svg>
  );
}

/** The way from going live to the first reward; gone once it was walked. */
export function NextSteps({ counts, hasEarned, joinUrl, hasDesign }: Props) {
  const steps = [
    { done: true, text: 'Program is live' },
    { done: hasDesign, text: 'Card designed', url: '/app/card' },
    { done: counts.members > 0, text: 'First member joined', ...(joinUrl === null ? {} : { url: joinUrl }) },
    { done: counts.activePasses > 0, text: 'First card in a wallet' },
    { done: hasEarned, text: 'First order counted' },
    { done: counts.redemptionsLast30Days > 0, text: 'First reward enjoyed' },
  ];
  if (steps.every(({ done }) => done)) return null;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingSm">
          Next steps
        </Text>
        <ul className="plain-list checklist">
          {steps.map(({ done, text, url }) => (
            <li key={text}>
              <StepMark done={done} />
              <span>
                {url === undefined || done ? (
                  text
                ) : (
                  <Link url={url} target={url.startsWith('/') ? '_self' : '_blank'}>
                    {text}
                  </Link>
                )}
                <span className="Polaris-Text--visuallyHidden">{done ? ' (done)' : ' (to do)'}</span>
              </span>
            </li>
          ))}
        </ul>
      </BlockStack>
    </Card>
  );
}
