/** The certificates most tests can share: making a set takes most of a second, so one is kept for all runs. */
import path from 'node:path';

import {
  type CertificateFiles,
  type CertificatePems,
  ensureCertificates,
  readCertificates,
} from '#test/platform/certificates.ts';
import { dataDirectory } from '#test/platform/data-directory.ts';

/** Who needs a stranger's as well makes that by `makeCertificates`. Nobody may change the files. */
export async function keptCertificates(): Promise<{ files: CertificateFiles; pems: CertificatePems }> {
  const files = await ensureCertificates(path.join(dataDirectory(), 'test-certificates'));
  return { files, pems: await readCertificates(files) };
}

/** Names the platform's pass certificate in the environment. Comes before anything reads that. */
export function namePassCertificate(files: CertificateFiles): void {
  Object.assign(process.env, {
    APPLE_PASS_CERTIFICATE_FILE: files.passCertificate,
    APPLE_PASS_KEY_FILE: files.passKey,
    APPLE_WWDR_CERTIFICATE_FILE: files.wwdr,
  });
}
