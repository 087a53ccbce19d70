import type { CSSProperties } from 'react';

import { PatternCode } from '#app/components/card/pattern-code.tsx';
import { CardMark, RoundMark, StampStrip } from '#app/components/card/stamp-strip.tsx';
import type { AppleField } from '#app/domain/cards/apple-fields.ts';
import { toApplePass } from '#app/domain/cards/apple-pass.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { formatWhole } from '#app/domain/cards/card-phrases.ts';
import { toGoogleObject } from '#app/domain/cards/google-pass.ts';
import { stampText } from '#app/domain/cards/pass-content.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';

/** The pictures of a card as they are put on the pass, as addresses. Null where there is none. */
export type DrawnPictures = { strip: string | null; hero: string | null };

type Props = {
  content: PassContent;
  design: CardDesign;
  /** Absent until they are drawn, and where the browser draws the very same. */
  drawn?: DrawnPictures;
};

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

function wordsOf({ stamps }: PassContent): string {
  return stamps === null ? '' : `${stamps.label}: ${stampText(stamps)}`;
}

/** A void or frozen card is greyed out by the wallet itself. */
function toneOf({ isVoid, isFrozen }: PassContent): string {
  return isVoid || isFrozen ? 'wallet-card card-voided' : 'wallet-card';
}

/** The card as Apple Wallet shows it, from the very fields that are put on the pass. */
export function ApplePreview({ content, design, drawn }: Props) {
  const { storeCard, barcodes } = toApplePass(content, noIdentity);
  const { stamps, locale } = content;
  const strip = (
    <StampStrip
      className="apple-strip"
      design={design}
      stamps={stamps}
      text={wordsOf(content)}
      drawn={drawn?.strip ?? null}
    />
  );
  return (
    <div className={`${toneOf(content)} apple-card`} style={colorsOf(content)} lang={locale}>
      <div className="apple-top">
        <CardMark design={design} side={34} />
        <span className="apple-logo-text" dir="auto">
          {content.logoText}
        </span>
        <span className="apple-header">
          <Fields fields={storeCard.headerFields} locale={locale} />
        </span>
      </div>
      {stamps === null ? (
        <div className="apple-primary">
          {design.stripImage === null ? null : strip}
          <Fields fields={storeCard.primaryFields} locale={locale} />
        </div>
      ) : (
        strip
      )}
      <div className="apple-row">
        <Fields fields={storeCard.secondaryFields} locale={locale} />
      </div>
      <div className="apple-row">
        <Fields fields={storeCard.auxiliaryFields} locale={locale} />
      </div>
      <div className="card-code">
        <PatternCode />
        <small>{barcodes[0]?.altText}</small>
      </div>
    </div>
  );
}

/** The back of the same pass: what the ⓘ of the wallet opens. */
export function AppleBack({ content }: Pick<Props, 'content'>) {
  const { backFields } = toApplePass(content, noIdentity).storeCard;
  return (
    <dl className="apple-back" lang={content.locale}>
      {backFields.map(({ key, label, value }) => (
        <div key={key}>
          <dt dir="auto">{label}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Fields({ fields, locale }: { fields: AppleField[]; locale: string }) {
  return fields.map(({ key, label, value }) => (
    <span className="card-field" key={key}>
      <span className="card-label" dir="auto">
        {label}
      </span>
      <span className="card-value" dir="auto">
        {typeof value === 'number' ? formatWhole(value, locale) : value}
      </span>
    </span>
  ));
}

/** The card as Google Wallet shows it. Google chooses the text colour itself. */
export function GooglePreview({ content, design, drawn }: Props) {
  const object = toGoogleObject(content, { objectId: '', classId: '', heroUrl: null });
  const balances = [object.loyaltyPoints, object.secondaryLoyaltyPoints].flatMap((points) => (points ? [points] : []));
  const { stamps, locale } = content;
  return (
    <div className={`${toneOf(content)} google-card`} style={colorsOf(content)} lang={locale}>
      <div className="google-top">
        <RoundMark design={design} side={36} className="google-logo" />
        <span dir="auto">{content.organizationName}</span>
      </div>
      <div className="google-title" dir="auto">
        {content.programName}
      </div>
      <div className="google-row">
        {balances.map(({ label, balance }) => (
          <span className="card-field" key={label}>
            <span className="card-label" dir="auto">
              {label}
            </span>
            <span className="card-value">{'int' in balance ? formatWhole(balance.int, locale) : balance.string}</span>
          </span>
        ))}
        {object.accountName === '' ? null : (
          <span className="card-field google-name">
            <span className="card-value" dir="auto">
              {object.accountName}
            </span>
          </span>
        )}
      </div>
      <div className="card-code">
        <PatternCode />
        <small>{object.barcode?.alternateText}</small>
      </div>
      {stamps === null && design.stripImage === null ? null : (
        <StampStrip
          className="google-hero"
          design={design}
          stamps={stamps}
          text={wordsOf(content)}
          drawn={drawn?.hero ?? null}
        />
      )}
    </div>
  );
}

/** What Google shows below the card when it is opened. */
export function GoogleDetails({ content }: Pick<Props, 'content'>) {
  const { textModulesData, linksModuleData } = toGoogleObject(content, { objectId: '', classId: '', heroUrl: null });
  return (
    <dl className="apple-back" lang={content.locale}>
      {textModulesData.map(({ id, header, body }) => (
        <div key={id}>
          <dt dir="auto">{header}</dt>
          <dd dir="auto">{body}</dd>
        </div>
      ))}
      {linksModuleData?.uris.map(({ id, description }) => (
        <div key={id}>
          <dt>Link</dt>
          <dd dir="auto">{description} ↗</dd>
        </div>
      ))}
    </dl>
  );
}
