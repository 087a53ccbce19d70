import { LogoAddress } from '#app/components/admin/card/logo-address.tsx';
import { PictureField, type PictureKind, useIsUploading } from '#app/components/admin/card/picture-field.tsx';
import { CardMark } from '#app/components/card/stamp-strip.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { logoFileProblem, logoProblems, logoRules } from '#app/domain/cards/logo-rules.ts';

const kind: PictureKind = {
  name: 'logo',
  action: '/app/logo',
  mediaTypes: logoRules.mediaTypes,
  fileProblem: (file) => {
    const problem = logoFileProblem(file);
    return problem === null ? null : logoProblems[problem];
  },
};

/** Whether a logo is on its way: a design sent now would lack it. */
export function useIsUploadingLogo(): boolean {
  return useIsUploading('logo');
}

type Props = { design: CardDesign; onChange: (logoImage: string | null) => void };

/** The shop's own logo, on the card's colour. */
export function LogoField({ design, onChange }: Props) {
  return (
    <>
      <PictureField
        kind={kind}
        label="Logo"
        hint="PNG, JPEG or WebP, up to 2 MB. A wide logo on a transparent background looks best. Without one, the card shows its stamp."
        arrived="The logo is on the preview."
        removeLabel="Remove logo"
        shown={design.logoImage === null ? null : <CardMark design={design} side={40} />}
        background={design.backgroundColor}
        onChange={onChange}
      />
      <LogoAddress />
    </>
  );
}
