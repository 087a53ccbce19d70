import { useFetcher, useLocation } from '@remix-run/react';
import { Button, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import { type UploadAnswer, uploadKey } from '#app/components/admin/card/picture-field.tsx';

const addressLengthMax = 2_000;

/** A logo that is on the web already. It is sent as an upload is, and answered where uploads are. */
export function LogoAddress() {
  const fetcher = useFetcher<UploadAnswer>({ key: uploadKey('logo') });
  const { search } = useLocation();
  const [url, setUrl] = useState('');
  const send = () => fetcher.submit({ url }, { method: 'post', action: keepEmbedded('/app/logo', search) });
  return (
    <TextField
      label="Or the address of a logo on the web"
      type="url"
      value={url}
      placeholder="https://"
      maxLength={addressLengthMax}
      autoComplete="off"
      onChange={setUrl}
      connectedRight={
        <Button onClick={send} disabled={url.trim() === ''} loading={fetcher.state !== 'idle'}>
          Fetch logo
        </Button>
      }
    />
  );
}
