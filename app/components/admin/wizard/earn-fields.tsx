import { BlockStack, Button, InlineStack, Select, Text } from '@shopify/polaris';

import { pickResources } from '#app/components/admin/app-bridge.ts';
import { useCanPick } from '#app/components/admin/use-picker.ts';
import { MoneyField, NumberField, WordsField } from '#app/components/admin/fields.tsx';
import { formatMinor } from '#app/domain/money.ts';
import type { OutlineProblems } from '#app/domain/programs/outline-problems.ts';
import type { PointOutline, StampBasis, StampOutline } from '#app/domain/programs/program-outline.ts';
import { countedUnit } from '#app/domain/programs/unit-words.ts';

const basisOptions: { label: string; value: StampBasis }[] = [
  { label: 'visit (paid order)', value: 'visit' },
  { label: 'item bought', value: 'item' },
  { label: 'item of chosen products', value: 'product' },
];

type StampProps = { stamps: StampOutline; problems: OutlineProblems; onChange: (stamps: StampOutline) => void };

/** "1 stamp for every visit; 10 fill the card", with what that means for a real order. */
export function StampFields({ stamps, problems, onChange }: StampProps) {
  const change = (part: Partial<StampOutline>) => onChange({ ...stamps, ...part });
  return (
    <BlockStack gap="300">
      <Text as="h2" variant="headingMd">
        Stamps
      </Text>
      <div className="sentence">
        <div className="sentence-number">
          <NumberField
            label="Stamps given"
            isLabelHidden
            min={1}
            max={1000}
            value={stamps.amount}
            error={problems['stamps.amount']}
            onChange={(amount) => change({ amount })}
          />
        </div>
        <span className="word">{stamps.amount === 1 ? 'stamp' : 'stamps'} for every</span>
        <div className="sentence-choice">
          <Select
            label="What earns a stamp"
            labelHidden
            options={basisOptions}
            value={stamps.basis}
            onChange={(value) => change({ basis: asBasis(value) })}
          />
        </div>
        <span className="word">and</span>
        <div className="sentence-number">
          <NumberField
            label="Stamps that fill the card"
            isLabelHidden
            min={2}
            max={30}
            value={stamps.needed}
            error={problems['stamps.needed']}
            onChange={(needed) => change({ needed })}
          />
        </div>
        <span className="word">stamps fill the card.</span>
      </div>
      {stamps.basis === 'product' ? (
        <ProductField
          productIds={stamps.productIds}
          error={problems['stamps.productIds']}
          onChange={(productIds) => change({ productIds })}
        />
      ) : null}
      <div className="short-field">
        <WordsField
          label="What shoppers read"
          value={stamps.label}
          lengthMax={24}
          error={problems['stamps.label']}
          onChange={(label) => change({ label })}
        />
      </div>
      <p className="example" aria-live="polite">
        {stampExample(stamps)}
      </p>
    </BlockStack>
  );
}

function asBasis(value: string): StampBasis {
  return basisOptions.find((option) => option.value === value)?.value ?? 'visit';
}

function stampExample(stamps: StampOutline): string {
  if (!Number.isSafeInteger(stamps.amount)) return 'For example: enter how many stamps one gives.';
  const unit = { kind: 'stamp', label: stamps.label } as const;
  if (stamps.basis === 'visit')
    return `For example: an order of three items gives ${countedUnit(stamps.amount, unit)}.`;
  const what = stamps.basis === 'item' ? 'items' : 'of the chosen products';
  return `For example: an order of three ${what} gives ${countedUnit(3 * stamps.amount, unit)}.`;
}

type ProductProps = { productIds: string[]; error: string | undefined; onChange: (productIds: string[]) => void };

/** Shopify's own product picker where there is one, else the product numbers by hand. */
function ProductField({ productIds, error, onChange }: ProductProps) {
  const isPickerThere = useCanPick();
  const pick = async () => {
    const picked = await pickResources({ kind: 'product', chosenIds: productIds, countMax: 250 });
    if (picked) onChange(picked.map(({ id }) => id));
  };
  if (!isPickerThere)
    return (
      <WordsField
        label="Product numbers"
        helpText="The last part of a product’s address in Shopify, separated by commas."
        value={productIds.join(', ')}
        lengthMax={5000}
        error={error}
        onChange={(text) => onChange(text.split(/[\s,]+/).filter((id) => id !== ''))}
      />
    );
  return (
    <InlineStack gap="300" blockAlign="center">
      <Button onClick={() => void pick()}>Choose products</Button>
      <Text as="span" tone={error === undefined ? 'subdued' : 'critical'}>
        {error ?? `${productIds.length} chosen`}
      </Text>
    </InlineStack>
  );
}

type PointProps = {
  points: PointOutline;
  currency: string;
  problems: OutlineProblems;
  onChange: (points: PointOutline) => void;
};

/** "1 point for every 1.00 spent", with what an order would earn. */
export function PointFields({ points, currency, problems, onChange }: PointProps) {
  const change = (part: Partial<PointOutline>) => onChange({ ...points, ...part });
  return (
    <BlockStack gap="300">
      <Text as="h2" variant="headingMd">
        Points
      </Text>
      <div className="sentence">
        <div className="sentence-number">
          <NumberField
            label="Points given"
            isLabelHidden
            min={1}
            max={1000}
            value={points.amount}
            error={problems['points.amount']}
            onChange={(amount) => change({ amount })}
          />
        </div>
        <span className="word">{points.amount === 1 ? 'point' : 'points'} for every</span>
        <div className="sentence-choice">
          <MoneyField
            label="Money spent"
            isLabelHidden
            minor={points.perMinor}
            currency={currency}
            error={problems['points.perMinor']}
            onChange={(perMinor) => change({ perMinor })}
          />
        </div>
        <span className="word">spent, without tax and shipping.</span>
      </div>
      <div className="short-field">
        <WordsField
          label="What shoppers read"
          value={points.label}
          lengthMax={24}
          error={problems['points.label']}
          onChange={(label) => change({ label })}
        />
      </div>
      <p className="example" aria-live="polite">
        {pointExample(points, currency)}
      </p>
    </BlockStack>
  );
}

/** An order that does not divide evenly, so that the rounding is seen. */
function pointExample(points: PointOutline, currency: string): string {
  if (!Number.isSafeInteger(points.amount) || !(points.perMinor > 0)) return 'For example: enter what earns a point.';
  const orderMinor = Math.max(1, Math.round(points.perMinor * 18.5));
  const earned = Math.floor((orderMinor * points.amount) / points.perMinor);
  const order = formatMinor({ minor: orderMinor, currency, locale: 'en' });
  return `For example: an order of ${order} earns ${countedUnit(earned, { kind: 'point', label: points.label })}.`;
}
