import { describe, expect, it } from 'vitest';

import { isClientId, isClientSecret, newClientId, newClientSecret } from '#app/lib/client-secret.ts';

describe('client credentials', () => {
  it('have their own form and never repeat', () => {
    const secrets = Array.from({ length: 200 }, () => newClientSecret('demo'));
    for (const secret of secrets) {
      expect(secret).toMatch(/^sws_demo_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
      expect(isClientSecret(secret)).toBe(true);
    }
    expect(new Set(secrets).size).toBe(200);
    expect(newClientId()).not.toBe(newClientId());
    expect(isClientId(newClientId())).toBe(true);
  });

  it('show a mistyped character anywhere by their checksum', () => {
    const secret = newClientSecret('test');
    for (let at = 9; at < secret.length; at += 1) {
      if (secret.charAt(at) === '_') continue;
      const typo = secret.slice(0, at) + (secret.charAt(at) === 'x' ? 'y' : 'x') + secret.slice(at + 1);
      expect([typo, isClientSecret(typo)]).toEqual([typo, false]);
    }
    for (const text of [
      '',
      'sws_',
      `${secret} `,
      secret.toUpperCase(),
      newClientSecret('live').replace('live', 'demo'),
    ])
      expect(isClientSecret(text)).toBe(false);
  });
});
