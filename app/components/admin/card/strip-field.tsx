import { PictureField, type PictureKind, useIsUploading } from '#app/components/admin/card/picture-field.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { stripFileProblem, stripProblems, stripRules } from '#app/domain/cards/strip-rules.ts';

const kind: PictureKind = {
  name: 'strip',
  action: '/app/strip',
  mediaTypes: stripRules.mediaTypes,
  fileProblem: (file) => {
    const problem = stripFileProblem(file);
    return problem === null ? null : stripProblems[problem];
  },
};

/** Whether a picture is on its way: a design sent now would lack it. */
export function useIsUploadingStrip(): boolean {
  return useIsUploading('strip');
}

type Props = { design: CardDesign; onChange: (stripImage: string | null) => void };

/** A picture behind the stamps, or in their place on a card of points. */
export function StripField({ design, onChange }: Props) {
  const { stripImage } = design;
  return (
    <PictureField
      kind={kind}
      label="Picture across the card"
      hint="PNG, JPEG or WebP, up to 8 MB and at least 750 × 288 pixels. It is dimmed behind stamps so that they can be counted."
      arrived="The picture is on the preview."
      removeLabel="Remove picture"
      shown={
        stripImage === null ? null : (
          <img src={`/images/strip/${stripImage}.png`} alt="" width={125} height={48} style={{ borderRadius: 6 }} />
        )
      }
      background={design.backgroundColor}
      onChange={onChange}
    />
  );
}
