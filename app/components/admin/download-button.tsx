import { BlockStack, Modal, Text, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { showToast } from '#app/components/admin/app-bridge.ts';
import { GuardedButton } from '#app/components/admin/may.tsx';
import { saveExport } from '#app/components/admin/save-file.ts';
import { StepUpField } from '#app/components/admin/step-up-field.tsx';
import { exportReason } from '#app/domain/access/exports.ts';
import type { Permission } from '#app/domain/access/permissions.ts';

type Props = {
  /** What the button says. */
  label: string;
  path: string;
  fileName: string;
  fields?: Record<string, string>;
  /** What it takes beside the right to export. */
  alsoNeeds?: Permission;
  /** What is in the file, and whom it is about. */
  about: string;
};

/** A file leaves the app only for somebody who shows once more that it is them. */
export function DownloadButton({ label, path, fileName, fields = {}, alsoNeeds, about }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [pin, setPin] = useState('');
  const [reason, setReason] = useState('');
  const [isUnreasoned, setUnreasoned] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const close = () => {
    setOpen(false);
    setPin('');
    setReason('');
    setUnreasoned(false);
    setProblem(undefined);
  };
  const download = async () => {
    const isReasoned = reason.trim().length >= exportReason.lengthMin;
    setUnreasoned(!isReasoned);
    if (!isReasoned) return;
    setBusy(true);
    const refusal = await saveExport(path, fileName, { ...fields, pin, reason });
    setBusy(false);
    if (refusal !== null) return setProblem(refusal);
    showToast('The file is on its way');
    close();
  };
  return (
    <>
      <GuardedButton
        needs={alsoNeeds === undefined ? 'exports:create' : ['exports:create', alsoNeeds]}
        onClick={() => setOpen(true)}
      >
        {label}
      </GuardedButton>
      <Modal
        open={isOpen}
        onClose={close}
        title={label}
        primaryAction={{ content: 'Download', loading: isBusy, onAction: () => void download() }}
        secondaryActions={[{ content: 'Cancel', onAction: close }]}
      >
        <Modal.Section>
          <BlockStack gap="300">
            <Text as="p">{about}</Text>
            <TextField
              label="What the file is for"
              autoComplete="off"
              maxLength={exportReason.lengthMax}
              value={reason}
              onChange={setReason}
              {...(isUnreasoned ? { error: 'Say in a few words what the file is for.' } : {})}
              helpText="Your name, the time and this are kept in the audit log, and stand at the end of a table."
            />
            <StepUpField value={pin} onChange={setPin} error={problem} />
          </BlockStack>
        </Modal.Section>
      </Modal>
    </>
  );
}
