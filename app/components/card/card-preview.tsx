import type { CSSProperties } from 'react';

import { PatternCode } from '#app/components/card/pattern-code.tsx';
import { CardMark, RoundMark, StampStrip } from '#app/components/card/stamp-strip.tsx';
import { toApplePass } from '#app/domain/cards/apple-pass.ts';
import type { AppleField } from '#app/domain/cards/apple-pass.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { formatWhole } from '#app/domain/cards/card-phrases.ts';
import { toGoogleObject } from '#app/domain/cards/google-pass.ts';
import { stampText } from '#app/domain/cards/pass-content.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';

type Props = { content: PassContent; design: CardDesign };

const noIdentity = {
  passTypeIdentifier: '',
  teamIdentifier: '',
  serialNumber: '',
  authenticationToken: '',
  webServiceURL: '',
};

function colorsOf({ colors }: PassContent): CSSProperties {
  return {
    '--card-background': colors.background,
    '--card-foreground': colors.foreground,
    '--card-label': colors.label,
  };
}

/** The card as Apple Wallet shows it, from the very fields that are put on the pass. */
export function ApplePreview({ content, design }: Props) {
  const { storeCard } = toApplePass(content, noIdentity);
  const { stamps } = content;
  return (
    <div className="wallet-card apple-card" style={colorsOf(content)}>
      <div className="apple-top">
        <CardMark design={design} side={34} />
        <span className="apple-logo-text">{content.logoText}</span>
        <span className="apple-header">
          <Fields fields={storeCard.headerFields} locale={content.locale} />
        </span>
      </div>
      {stamps ? (
        <StampStrip
          className="apple-strip"
          design={design}
          total={stamps.needed}
          filled={stamps.collected}
          text={`${stamps.label}: ${stampText(stamps)}`}
        />
      ) : (
        <div className="apple-primary">
          <Fields fields={storeCard.primaryFields} locale={content.locale} />
        </div>
      )}
      <div className="apple-row">
        <Fields fields={storeCard.secondaryFields} locale={content.locale} />
      </div>
      <div className="apple-row">
        <Fields fields={storeCard.auxiliaryFields} locale={content.locale} />
      </div>
      <div className="card-code">
        <PatternCode />
      </div>
    </div>
  );
}

function Fields({ fields, locale }: { fields: AppleField[]; locale: string }) {
  return fields.map(({ key, label, value }) => (
    <span className="card-field" key={key}>
      <span className="card-label">{label}</span>
      <span className="card-value">{typeof value === 'number' ? formatWhole(value, locale) : value}</span>
    </span>
  ));
}

/** The card as Google Wallet shows it. Google chooses the text colour itself. */
export function GooglePreview({ content, design }: Props) {
  const object = toGoogleObject(content, { objectId: '', classId: '', heroUrl: null });
  const balances = [object.loyaltyPoints, object.secondaryLoyaltyPoints].flatMap((points) => (points ? [points] : []));
  const { stamps } = content;
  return (
    <div className="wallet-card google-card" style={colorsOf(content)}>
      <div className="google-top">
        <RoundMark design={design} side={36} className="google-logo" />
        <span>{content.organizationName}</span>
      </div>
      <div className="google-title">{content.programName}</div>
      <div className="google-row">
        {balances.map(({ label, balance }) => (
          <span className="card-field" key={label}>
            <span className="card-label">{label}</span>
            <span className="card-value">
              {'int' in balance ? formatWhole(balance.int, content.locale) : balance.string}
            </span>
          </span>
        ))}
      </div>
      <div className="card-code">
        <PatternCode />
      </div>
      {stamps ? (
        <StampStrip
          className="google-hero"
          design={design}
          total={stamps.needed}
          filled={stamps.collected}
          text={`${stamps.label}: ${stampText(stamps)}`}
        />
      ) : null}
    </div>
  );
}
