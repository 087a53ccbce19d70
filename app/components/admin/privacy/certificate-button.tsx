import { Button, Text } from '@shopify/polaris';
import { useState } from 'react';

import { showToast } from '#app/components/admin/app-bridge.ts';
import { saveFile } from '#app/components/admin/save-file.ts';

/** The signed certificate names nobody, so it takes no PIN. */
export function CertificateButton({ caseId }: { caseId: string }) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const download = async () => {
    setBusy(true);
    const refusal = await saveFile('/app/privacy/file', `certificate-${caseId}.json`, { caseId, kind: 'certificate' });
    setBusy(false);
    setProblem(refusal);
    if (refusal === null) showToast('The file is on its way');
  };
  return (
    <>
      <Button variant="plain" loading={isBusy} onClick={() => void download()}>
        Certificate
      </Button>
      {problem === null ? null : (
        <div role="alert">
          <Text as="p" tone="critical">
            {problem}
          </Text>
        </div>
      )}
    </>
  );
}
