import { useFetcher, useLocation } from '@remix-run/react';
import { Button, Text } from '@shopify/polaris';
import { useEffect, useId, useRef, useState } from 'react';

import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import { CardMark } from '#app/components/card/stamp-strip.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { logoFileProblem, logoProblems, logoRules } from '#app/domain/cards/logo-rules.ts';

/** What the upload is answered with. */
export type LogoAnswer = { hash: string } | { problem: string };

const uploadKey = 'logo-upload';

/** Whether a logo is on its way: a design sent now would lack it. */
export function useIsUploadingLogo(): boolean {
  return useFetcher<LogoAnswer>({ key: uploadKey }).state !== 'idle';
}

type Upload = { send: (file: File) => void; problem: string | null; status: string };

/** Sends a chosen file at once, so that the preview can show it; `onUploaded` is told the hash of each, once. */
function useLogoUpload(onUploaded: (hash: string) => void): Upload {
  const fetcher = useFetcher<LogoAnswer>({ key: uploadKey });
  const { search } = useLocation();
  const [fileProblem, setFileProblem] = useState<string | null>(null);
  const handled = useRef(fetcher.data);
  const answer = fetcher.data;
  useEffect(() => {
    if (answer === undefined || answer === handled.current) return;
    handled.current = answer;
    if ('hash' in answer) onUploaded(answer.hash);
  }, [answer, onUploaded]);
  const isIdle = fetcher.state === 'idle';
  const send = (file: File) => {
    const problem = logoFileProblem(file);
    setFileProblem(problem === null ? null : logoProblems[problem]);
    if (problem !== null) return;
    const form = new FormData();
    form.set('logo', file);
    fetcher.submit(form, {
      method: 'post',
      encType: 'multipart/form-data',
      action: keepEmbedded('/app/logo', search),
    });
  };
  const refused = isIdle && answer !== undefined && 'problem' in answer ? answer.problem : null;
  const uploaded = answer !== undefined && 'hash' in answer ? 'The logo is on the preview.' : '';
  return { send, problem: fileProblem ?? refused, status: isIdle ? uploaded : 'Uploading…' };
}

type Props = { design: CardDesign; onChange: (logoImage: string | null) => void };

/** The shop's own logo: choose a file, see it on the card's colour, take it away again. */
export function LogoField({ design, onChange }: Props) {
  const { send, problem, status } = useLogoUpload(onChange);
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const hasLogo = design.logoImage !== null;
  return (
    <div className="logo-field">
      <label htmlFor={id}>Logo</label>
      {hasLogo ? (
        <div className="logo-shown" style={{ background: design.backgroundColor }}>
          <CardMark design={design} side={40} />
          <Button
            onClick={() => {
              onChange(null);
              // The button goes away with the logo; the focus must not.
              input.current?.focus();
            }}
          >
            Remove logo
          </Button>
        </div>
      ) : null}
      <input
        ref={input}
        id={id}
        type="file"
        accept={logoRules.mediaTypes.join(',')}
        aria-describedby={problem === null ? `${id}-hint` : `${id}-problem ${id}-hint`}
        aria-invalid={problem !== null}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          if (file !== undefined) send(file);
          // The same file may be chosen again after it was mended.
          event.currentTarget.value = '';
        }}
      />
      <div role="alert" id={`${id}-problem`} className="logo-problem">
        {problem}
      </div>
      <div id={`${id}-hint`}>
        <Text as="p" tone="subdued">
          PNG, JPEG or WebP, up to 2 MB. A wide logo on a transparent background looks best. Without one, the card shows
          its stamp.
        </Text>
      </div>
      <div role="status" className="logo-status">
        {problem === null && (hasLogo || status === 'Uploading…') ? status : ''}
      </div>
    </div>
  );
}
