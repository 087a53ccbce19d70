import { useFetcher } from '@remix-run/react';
import { BlockStack, Card, InlineStack, Text, TextField } from '@shopify/polaris';
import { useEffect, useRef, useState } from 'react';

import type { RequestRow } from '#app/components/admin/certificates/certificate-shapes.ts';
import { FileField } from '#app/components/admin/certificates/file-field.tsx';
import { IntentButton } from '#app/components/admin/certificates/intent-button.tsx';
import { formatMoment } from '#app/components/admin/format.ts';
import { GuardedButton } from '#app/components/admin/may.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';

type Props = { requests: RequestRow[]; timeZone: string };

/** A certificate of the shop's own: make a request, have Apple issue it, upload what came back. */
export function AddCertificate({ requests, timeZone }: Props) {
  return (
    <Card>
      <BlockStack gap="400">
        <BlockStack gap="200">
          <Text as="h2" variant="headingMd">
            Add a certificate of your own
          </Text>
          <Text as="p" tone="subdued">
            You need an Apple developer account. Make a request here, upload it at developer.apple.com under “Pass Type
            IDs”, and bring back the certificate. The private key never leaves this system.
          </Text>
        </BlockStack>
        <Requests requests={requests} timeZone={timeZone} />
        <UploadForm />
      </BlockStack>
    </Card>
  );
}

function Requests({ requests, timeZone }: Props) {
  return (
    <BlockStack gap="300">
      <Text as="h3" variant="headingSm">
        1. Request
      </Text>
      {requests.length === 0 ? <Text as="p">No request waits for its certificate.</Text> : null}
      <ul className="rows">
        {requests.map(({ requestId, request, createdAt }) => {
          const made = formatMoment(createdAt, timeZone);
          return (
            <li key={requestId}>
              <div className="row-line">
                <span>Made {made}</span>
                <a download="pass.certSigningRequest" href={`data:application/pkcs10,${encodeURIComponent(request)}`}>
                  Download the request
                </a>
              </div>
              <IntentButton
                fields={{ intent: 'drop-request', requestId }}
                name="Remove"
                of={`request made ${made}`}
                tone="critical"
                question="Its key is deleted. A certificate that Apple issues for it later cannot be used."
              />
            </li>
          );
        })}
      </ul>
      <IntentButton fields={{ intent: 'request' }} name="Make a request" of="a new certificate" />
    </BlockStack>
  );
}

function UploadForm() {
  const fetcher = useFetcher<ActionResult>();
  const form = useRef<HTMLFormElement>(null);
  const answer = fetcher.data;
  const [typed, setTyped] = useState({ password: '', before: answer });
  const isDone = answer !== undefined && answer.tone !== 'critical' && typed.before !== answer;
  useEffect(() => {
    if (answer?.tone !== 'critical') form.current?.reset();
  }, [answer]);
  const problems = answer?.problems ?? {};
  return (
    <fetcher.Form method="post" encType="multipart/form-data" ref={form}>
      <input type="hidden" name="intent" value="add" />
      <BlockStack gap="300">
        <Text as="h3" variant="headingSm">
          2. Certificate
        </Text>
        <ResultBanner result={answer} />
        <FileField
          label="Certificate"
          name="certificate"
          accept=".p12,.pfx,.pem,.cer,.crt"
          hint="The .cer that Apple issued for a request above, or your own .p12 or .pem with its key."
          problem={problems['certificate']}
        />
        <FileField
          label="Private key (optional)"
          name="key"
          accept=".pem,.key"
          hint="Only when it is in a file of its own."
          problem={problems['key']}
        />
        <TextField
          label="Password (optional)"
          name="password"
          type="password"
          autoComplete="off"
          maxLength={256}
          // What was used is not kept for the next file.
          value={isDone ? '' : typed.password}
          onChange={(password) => setTyped({ password, before: answer })}
          helpText="What the .p12 or the key is protected with. It is used once and not kept."
          {...(problems['password'] === undefined ? {} : { error: problems['password'] })}
        />
        <InlineStack>
          <GuardedButton needs="keys:write" submit variant="primary" loading={fetcher.state !== 'idle'}>
            Check and add
          </GuardedButton>
        </InlineStack>
      </BlockStack>
    </fetcher.Form>
  );
}
