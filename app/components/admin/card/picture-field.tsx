import { useFetcher, useLocation } from '@remix-run/react';
import { Button, Text } from '@shopify/polaris';
import { useEffect, useId, useRef, useState } from 'react';
import type { ReactNode } from 'react';

import { keepEmbedded } from '#app/components/admin/embedded-url.ts';

/** What an upload is answered with. */
export type UploadAnswer = { hash: string } | { problem: string };

/** One kind of picture: where it goes, and what it may be. */
export type PictureKind = {
  /** The name of its part in the form, and of the upload among others. */
  name: 'logo' | 'strip';
  action: string;
  mediaTypes: readonly string[];
  /** What keeps a chosen file from being sent, in words; null when it may be tried. */
  fileProblem: (file: File) => string | null;
};

/** What its upload is known by, to whoever sends one. */
export const uploadKey = (name: PictureKind['name']) => `${name}-upload`;

/** Whether a picture is on its way: a design sent now would lack it. */
export function useIsUploading(name: PictureKind['name']): boolean {
  return useFetcher<UploadAnswer>({ key: uploadKey(name) }).state !== 'idle';
}

type Upload = { send: (file: File) => void; problem: string | null; isSending: boolean; hasArrived: boolean };

/** Sends a chosen file at once, so that the preview can show it; `onUploaded` is told the hash of each, once. */
function useUpload(kind: PictureKind, onUploaded: (hash: string) => void): Upload {
  const fetcher = useFetcher<UploadAnswer>({ key: uploadKey(kind.name) });
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
    const problem = kind.fileProblem(file);
    setFileProblem(problem);
    if (problem !== null) return;
    const form = new FormData();
    form.set(kind.name, file);
    fetcher.submit(form, {
      method: 'post',
      encType: 'multipart/form-data',
      action: keepEmbedded(kind.action, search),
    });
  };
  const refused = isIdle && answer !== undefined && 'problem' in answer ? answer.problem : null;
  return {
    send,
    problem: fileProblem ?? refused,
    isSending: !isIdle,
    hasArrived: answer !== undefined && 'hash' in answer,
  };
}

type Props = {
  kind: PictureKind;
  label: string;
  hint: string;
  /** What is said once it is there. */
  arrived: string;
  removeLabel: string;
  /** The picture that was chosen; null when there is none. */
  shown: ReactNode | null;
  background: string;
  onChange: (hash: string | null) => void;
};

/** A picture of the shop's own: choose a file, see it, take it away again. */
export function PictureField({ kind, label, hint, arrived, removeLabel, shown, background, onChange }: Props) {
  const { send, problem, isSending, hasArrived } = useUpload(kind, onChange);
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const status = isSending ? 'Uploading…' : shown !== null && hasArrived ? arrived : '';
  return (
    <div className="logo-field">
      <label htmlFor={id}>{label}</label>
      {shown === null ? null : (
        <div className="logo-shown" style={{ background }}>
          {shown}
          <Button
            onClick={() => {
              onChange(null);
              // The button goes away with the picture; the focus must not.
              input.current?.focus();
            }}
          >
            {removeLabel}
          </Button>
        </div>
      )}
      <input
        ref={input}
        id={id}
        type="file"
        accept={kind.mediaTypes.join(',')}
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
          {hint}
        </Text>
      </div>
      <div role="status" className="logo-status">
        {problem === null ? status : ''}
      </div>
    </div>
  );
}
