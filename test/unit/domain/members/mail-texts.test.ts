import { describe, expect, it } from 'vitest';

import { languages } from '#app/domain/members/languages.ts';
import { type MailTopic, writeMail } from '#app/domain/members/mail-texts.ts';

const links: MailTopic[] = ['email-proof', 'known-address', 'address-changed', 'new-card'];
const codes: MailTopic[] = ['contact-code', 'download-code', 'erasure-code'];
const facts = { organization: 'Bluebird', url: 'https://stampwell.test/x', code: '012345', agreed: null };

describe('mails to shoppers', () => {
  it('K09 are written in five languages, each in words of its own, with its link or its code', () => {
    for (const topic of [...links, ...codes]) {
      const written = languages.map((language) => writeMail(topic, language, facts));
      expect(new Set(written.map(({ text }) => text)).size).toBe(5);
      for (const { subject, text } of written) {
        expect(subject).toContain('Bluebird');
        expect(text.includes(facts.url)).toBe(links.includes(topic));
        expect(text.includes('012 345')).toBe(codes.includes(topic));
      }
    }
  });

  it('F06 say what a confirmation also agrees to, word for word, and only then', () => {
    for (const language of languages) {
      expect(writeMail('email-proof', language, { ...facts, agreed: 'Exactly this.' }).text).toContain('Exactly this.');
      expect(writeMail('email-proof', language, facts).text).not.toMatch(/null|[„«“]/);
    }
  });
});
