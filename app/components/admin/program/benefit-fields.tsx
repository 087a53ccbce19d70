import { pickResources } from '#app/components/admin/app-bridge.ts';
import { ChoiceField, MoneyField, NumberField, WordsField } from '#app/components/admin/fields.tsx';
import type { Editing } from '#app/components/admin/program/editing.ts';
import { useCanPick } from '#app/components/admin/use-picker.ts';
import { Button } from '@shopify/polaris';
import { starterBenefit } from '#app/domain/programs/draft-edits.ts';
import type { Benefit } from '#app/domain/programs/rewards.ts';

const kinds: { value: Benefit['kind']; label: string }[] = [
  { value: 'custom', label: 'something staff hand over' },
  { value: 'amount-off', label: 'money off an order' },
  { value: 'percent-off', label: 'a percentage off an order' },
  { value: 'free-product', label: 'a free product' },
  { value: 'free-shipping', label: 'free shipping' },
  { value: 'store-credit', label: 'store credit' },
  { value: 'gift-card', label: 'a gift card' },
];

type Props = Editing<Benefit> & { currency: string };

/** `and gives [money off an order] of [EUR 5.00]`. */
export function BenefitFields(props: Props) {
  const { value: benefit, currency, onChange } = props;
  return (
    <div className="sentence">
      <span className="word">and gives</span>
      <div className="sentence-choice">
        <ChoiceField
          label="What it gives"
          isLabelHidden
          options={kinds}
          value={benefit.kind}
          onChange={(kind) => onChange(starterBenefit(kind, currency))}
        />
      </div>
      <BenefitValue {...props} key={benefit.kind} />
    </div>
  );
}

function BenefitValue({ value: benefit, path, problems, onChange }: Props) {
  if (benefit.kind === 'free-shipping') return null;
  if (benefit.kind === 'percent-off')
    return (
      <div className="sentence-number">
        <NumberField
          label="Percentage off"
          isLabelHidden
          suffix="%"
          min={1}
          max={100}
          value={benefit.percent}
          error={problems[`${path}.percent`]}
          onChange={(percent) => onChange({ ...benefit, percent })}
        />
      </div>
    );
  if (benefit.kind === 'custom')
    return (
      <div className="sentence-wide">
        <WordsField
          label="What staff do"
          isLabelHidden
          value={benefit.instructions}
          lengthMax={200}
          error={problems[`${path}.instructions`]}
          onChange={(instructions) => onChange({ ...benefit, instructions })}
        />
      </div>
    );
  if (benefit.kind === 'free-product')
    return (
      <ProductChoice
        productId={benefit.productId}
        error={problems[`${path}.productId`]}
        onChange={(productId) => onChange({ ...benefit, productId })}
      />
    );
  return (
    <div className="sentence-money">
      <MoneyField
        label="How much"
        isLabelHidden
        minor={benefit.amountMinor}
        currency={benefit.currency}
        error={problems[`${path}.amountMinor`]}
        onChange={(amountMinor) => onChange({ ...benefit, amountMinor })}
      />
    </div>
  );
}

type ProductProps = { productId: string; error: string | undefined; onChange: (productId: string) => void };

function ProductChoice({ productId, error, onChange }: ProductProps) {
  const isPickable = useCanPick();
  const pick = async () => {
    const picked = await pickResources({
      kind: 'product',
      chosenIds: productId === '' ? [] : [productId],
      countMax: 1,
    });
    const [product] = picked ?? [];
    if (product) onChange(product.id);
  };
  return (
    <>
      <div className="sentence-choice">
        <WordsField
          label="Number of the product"
          isLabelHidden
          helpText="The number at the end of its address in Shopify."
          value={productId}
          lengthMax={20}
          error={error}
          onChange={onChange}
        />
      </div>
      {isPickable ? <Button onClick={() => void pick()}>Choose</Button> : null}
    </>
  );
}
