import { useLocation, useNavigate } from '@remix-run/react';

import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import { ChoiceField } from '#app/components/admin/fields.tsx';

type Props = {
  /** Where the choice leads: the page that shows it. */
  page: '/app/program' | '/app/card';
  programId: string;
  programs: readonly { programId: string; name: string }[];
};

/** Which of the shop's programs; nothing where there is but one. */
export function ProgramChoice({ page, programId, programs }: Props) {
  const navigate = useNavigate();
  const { search } = useLocation();
  if (programs.length < 2) return null;
  return (
    <div className="short-field">
      <ChoiceField
        label="Program"
        options={programs.map(({ programId: value, name }) => ({ value, label: name }))}
        value={programId}
        onChange={(chosen) => navigate(keepEmbedded(`${page}?program=${chosen}`, search))}
      />
    </div>
  );
}
