import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Conflict, Forbidden, RateLimited } from '#app/lib/errors.ts';
import { countSignUp, signUpLimits, withClaimLimits } from '#app/web/sign-up-limits.ts';

const minuteMs = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

let lastNumber = 0;
/** An address, program or order nobody else in this file uses. */
function fresh(): number {
  lastNumber += 1;
  return lastNumber;
}
const freshAddress = () => `198.51.${Math.floor(fresh() / 200)}.${fresh() % 200}`;

async function times(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  for (let index = 0; index < count; index += 1) await work(index);
}

describe('the public join page', () => {
  it('takes 300 forms of a network in ten minutes, across all programs', async () => {
    const address = freshAddress();
    await times(300, (index) => countSignUp({ address, programId: `many-${index % 10}` }));
    await expect(countSignUp({ address, programId: 'another' })).rejects.toThrow(RateLimited);
    await countSignUp({ address: freshAddress(), programId: 'another' });
    vi.advanceTimersByTime(10 * minuteMs + 1_000);
    await countSignUp({ address, programId: 'another' });
  });

  it('counts a whole IPv6 network as one', async () => {
    await times(300, (index) => countSignUp({ address: `2001:db8:0:7::${index}`, programId: `six-${index % 10}` }));
    await expect(countSignUp({ address: '2001:db8:0:7:ffff::1', programId: 'six' })).rejects.toThrow(RateLimited);
    await countSignUp({ address: '2001:db8:0:8::1', programId: 'six' });
  });

  it('takes 300 forms of a program in a minute, wherever they come from, and says when to come back', async () => {
    await times(300, () => countSignUp({ address: freshAddress(), programId: 'popular' }));
    const refused = await countSignUp({ address: freshAddress(), programId: 'popular' }).catch(
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(RateLimited);
    expect((refused as RateLimited).retryAfterMs).toBeGreaterThan(0);
    expect((refused as RateLimited).retryAfterMs).toBeLessThanOrEqual(minuteMs);
    await countSignUp({ address: freshAddress(), programId: 'quiet' });
    vi.advanceTimersByTime(minuteMs + 1_000);
    await countSignUp({ address: freshAddress(), programId: 'popular' });
  });
});

describe('claiming an order', () => {
  const notThere = () => Promise.reject(new Conflict('order-not-confirmed', 'test'));
  const joined = () => Promise.resolve('card');
  const claim = (address: string, orderId: string, subject: string | null = null) => ({
    address,
    shopId: 'shop',
    subject,
    orderId,
  });
  const guess = (address: string) =>
    withClaimLimits(claim(address, `order-${fresh()}`), notThere).catch((error: unknown) => error);

  it('stops a network after 20 different orders that are not there', async () => {
    const address = freshAddress();
    await times(20, async () => expect(await guess(address)).toBeInstanceOf(Conflict));
    let isAsked = false;
    const worked = () => {
      isAsked = true;
      return joined();
    };
    await expect(withClaimLimits(claim(address, 'real'), worked)).rejects.toThrow(RateLimited);
    expect(isAsked).toBe(false);
    expect(await withClaimLimits(claim(freshAddress(), 'real'), joined)).toBe('card');
    vi.advanceTimersByTime(10 * minuteMs + 1_000);
    expect(await withClaimLimits(claim(address, 'real'), joined)).toBe('card');
  });

  it('lets no more through when all guesses come at once', async () => {
    const address = freshAddress();
    const answers = await Promise.all(Array.from({ length: 50 }, () => guess(address)));
    expect(answers.filter((answer) => answer instanceof Conflict)).toHaveLength(20);
    expect(answers.filter((answer) => answer instanceof RateLimited)).toHaveLength(30);
  });

  it('counts somebody else’s orders as guesses too', async () => {
    const address = freshAddress();
    await times(20, () =>
      withClaimLimits(claim(address, `theirs-${fresh()}`), () =>
        Promise.reject(new Forbidden('order-not-yours', 'test')),
      ).catch(() => undefined),
    );
    expect(await guess(address)).toBeInstanceOf(RateLimited);
  });

  it('takes an order that is asked for again while it is on its way for one guess, and gives it back once it is there', async () => {
    const address = freshAddress();
    for (let order = 0; order < 30; order += 1) {
      await times(6, () => withClaimLimits(claim(address, `late-${order}`), notThere).catch(() => undefined));
      expect(await withClaimLimits(claim(address, `late-${order}`), joined)).toBe('card');
    }
  });

  it('holds nothing against a network whose claims fail for another reason', async () => {
    const address = freshAddress();
    const changed = () => Promise.reject(new Conflict('wording-changed', 'test'));
    await times(30, (index) => withClaimLimits(claim(address, `reader-${index}`), changed).catch(() => undefined));
    expect(await withClaimLimits(claim(address, 'reader'), joined)).toBe('card');
  });

  it('takes 30 calls a minute of one shopper, from wherever they come', async () => {
    const subject = `gid://shopify/Customer/${fresh()}`;
    await times(signUpLimits.perCaller.points, () => withClaimLimits(claim(freshAddress(), 'mine', subject), joined));
    await expect(withClaimLimits(claim(freshAddress(), 'mine', subject), joined)).rejects.toThrow(RateLimited);
    expect(await withClaimLimits(claim(freshAddress(), 'mine', 'somebody-else'), joined)).toBe('card');
  });
});
