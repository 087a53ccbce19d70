/** Whether a certificate is one that Apple Wallet accepts passes under, and what to do when it is not. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

import {
  appleIntermediates,
  certificateFingerprint,
  certificateParts,
  extensionText,
  subjectPart,
} from '#app/gateways/x509.ts';
import { InvalidInput, type InputIssue } from '#app/lib/errors.ts';

/** Apple's extension that names the pass type a certificate is for. */
const passTypeExtension = '1.2.840.113635.100.6.1.16';
const passTypePattern = /^pass\.[A-Za-z0-9.-]+$/;
const teamPattern = /^[A-Z0-9]{10}$/;
const rsaBitsMin = 2_048;

export type CheckedCertificate = {
  passTypeIdentifier: string;
  teamIdentifier: string;
  fingerprint: string;
  certificatePem: string;
  intermediatePem: string;
  keyPem: string;
  /** The earlier end of the certificate and its intermediate. */
  expiresAt: Date;
};

type Question = {
  certificatePems: string[];
  keyPem: string;
  /** The intermediates of Apple that this installation trusts, as PEM. */
  trusted: string;
  /** The real time, not the one of the rules. */
  at: Date;
};

/** The certificate of an upload that is not an authority's. Throws `InvalidInput` when there is none, or several. */
export function passCertificateOf(certificatePems: string[]): X509Certificate {
  const leaves = certificatePems.map((pem) => new X509Certificate(pem)).filter((each) => !each.ca);
  const [leaf, ...others] = leaves;
  if (leaf === undefined)
    throw refusal([certificateIssue('This is the certificate of an authority. Upload your pass type certificate.')]);
  if (others.length > 0)
    throw refusal([
      certificateIssue(`This file holds ${leaves.length} certificates. Export the one for your pass type.`),
    ]);
  return leaf;
}

/**
 * Checks a certificate and its key. Throws `InvalidInput` with one issue for each thing that is wrong: the field and
 * what would be right. Revocation is not asked for here.
 */
export function checkAppleCertificate({ certificatePems, keyPem, trusted, at }: Question): CheckedCertificate {
  const leaf = passCertificateOf(certificatePems);
  const intermediate = appleIntermediates(trusted).find(
    (candidate) => leaf.checkIssued(candidate) && leaf.verify(candidate.publicKey),
  );
  const passTypeIdentifier = subjectPart(leaf, 'UID') ?? '';
  const teamIdentifier = subjectPart(leaf, 'OU') ?? '';
  const issues = [
    ...keyIssues(leaf, createPrivateKey(keyPem)),
    ...nameIssues(leaf, { passTypeIdentifier, teamIdentifier }),
    ...timeIssues(leaf, at),
  ];
  if (intermediate === undefined)
    issues.push(
      certificateIssue(
        'Apple did not issue this certificate. Download your pass type certificate at developer.apple.com, under Identifiers.',
      ),
    );
  if (intermediate === undefined || issues.length > 0) throw refusal(issues);
  if (endOf(intermediate) <= at)
    throw refusal([
      certificateIssue('Apple’s intermediate of this certificate has expired. Have Apple issue a new one.'),
    ]);
  return {
    passTypeIdentifier,
    teamIdentifier,
    fingerprint: certificateFingerprint(leaf),
    certificatePem: leaf.toString(),
    intermediatePem: intermediate.toString(),
    keyPem,
    expiresAt: new Date(Math.min(endOf(leaf).getTime(), endOf(intermediate).getTime())),
  };
}

function keyIssues(leaf: X509Certificate, key: KeyObject): InputIssue[] {
  const isRsa = leaf.publicKey.asymmetricKeyType === 'rsa';
  const bits = leaf.publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (!isRsa || bits < rsaBitsMin)
    return [
      certificateIssue('Passes are signed with RSA keys of 2048 bits. Make a new request and have it certified.'),
    ];
  if (leaf.checkPrivateKey(key)) return [];
  return [{ path: 'key', message: 'This key belongs to another certificate. Export both from the same entry.' }];
}

function nameIssues(
  leaf: X509Certificate,
  { passTypeIdentifier, teamIdentifier }: { passTypeIdentifier: string; teamIdentifier: string },
): InputIssue[] {
  const extension = extensionText(certificateParts(leaf), passTypeExtension);
  const isPassType = passTypePattern.test(passTypeIdentifier) && extension === passTypeIdentifier;
  const issues: InputIssue[] = [];
  if (!isPassType)
    issues.push(
      certificateIssue(
        'This certificate is for something else. What is needed is one of the kind “Pass Type ID Certificate”.',
      ),
    );
  if (!teamPattern.test(teamIdentifier))
    issues.push(certificateIssue('This certificate names no Apple team. A team has ten capital letters and digits.'));
  return issues;
}

function timeIssues(leaf: X509Certificate, at: Date): InputIssue[] {
  if (endOf(leaf) <= at)
    return [certificateIssue(`This certificate expired on ${dayOf(endOf(leaf))}. Have Apple issue a new one.`)];
  const start = new Date(leaf.validFrom);
  return start > at ? [certificateIssue(`This certificate is valid from ${dayOf(start)} only. Upload it then.`)] : [];
}

const endOf = (certificate: X509Certificate) => new Date(certificate.validTo);
const dayOf = (moment: Date) => moment.toISOString().slice(0, 10);
const certificateIssue = (message: string): InputIssue => ({ path: 'certificate', message });

function refusal(issues: InputIssue[]): InvalidInput {
  return new InvalidInput('pass-certificate-refused', `A pass certificate was refused for ${issues.length} reasons`, {
    publicMessage: issues.map(({ message }) => message).join(' '),
    issues,
  });
}
