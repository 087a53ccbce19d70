import type { ReactNode } from 'react';

import type { ShopperPhrases } from '#app/components/shopper/phrases-type.ts';

export type Platform = 'apple' | 'google' | 'unknown';

/** Which wallet the visitor's device has, by its user agent; a wrong guess only changes the order of the buttons. */
export function platformOf(userAgent: string | null): Platform {
  if (/iPhone|iPad|iPod|Macintosh/.test(userAgent ?? '')) return 'apple';
  return /Android/.test(userAgent ?? '') ? 'google' : 'unknown';
}

type Props = { links: { apple: string | null; google: string | null }; platform: Platform; phrases: ShopperPhrases };

/** Both wallets, the visitor's own one first. */
export function WalletButtons({ links, platform, phrases }: Props) {
  const apple =
    links.apple === null ? null : (
      <WalletButton key="apple" href={links.apple} words={phrases.addApple} icon={<AppleWalletIcon />} />
    );
  const google =
    links.google === null ? null : (
      <WalletButton key="google" href={links.google} words={phrases.addGoogle} icon={<GoogleWalletIcon />} />
    );
  return <div className="wallet-buttons">{platform === 'google' ? [google, apple] : [apple, google]}</div>;
}

function WalletButton({ href, words, icon }: { href: string; words: [string, string]; icon: ReactNode }) {
  return (
    <a className="wallet-button" href={href} rel="nofollow">
      {icon}
      <span>
        <span className="wallet-small">{words[0]} </span>
        <span className="wallet-name">{words[1]}</span>
      </span>
    </a>
  );
}

function AppleWalletIcon() {
  return (
    <svg viewBox="0 0 40 32" width="40" height="32" aria-hidden="true">
      <rect x="1" y="1" width="38" height="30" rx="6" fill="#f4f4f4" />
      <rect x="4" y="4" width="32" height="10" rx="3" fill="#3f9bd8" />
      <rect x="4" y="8" width="32" height="10" rx="3" fill="#f4b52c" />
      <rect x="4" y="12" width="32" height="10" rx="3" fill="#5cb85b" />
      <rect x="4" y="16" width="32" height="10" rx="3" fill="#e2574c" />
      <path
        d="M1 19h10.5c1.6 0 2 .9 2.6 2 1 1.9 3.2 3.3 5.9 3.3s4.9-1.4 5.9-3.3c.6-1.1 1-2 2.6-2H39v6a6 6 0 0 1-6 6H7a6 6 0 0 1-6-6z"
        fill="#f4f4f4"
      />
    </svg>
  );
}

function GoogleWalletIcon() {
  return (
    <svg viewBox="0 0 40 32" width="40" height="32" aria-hidden="true">
      <rect x="4" y="2" width="32" height="14" rx="5" fill="#34a853" />
      <rect x="4" y="7" width="32" height="14" rx="5" fill="#fbbc04" />
      <rect x="4" y="12" width="32" height="14" rx="5" fill="#ea4335" />
      <path d="M4 17.5 22.5 22c1.400.3 2.900 0 4-.9L36 14v10a6 6 0 0 1-6 6H10a6 6 0 0 1-6-6z" fill="#4285f4" />
    </svg>
  );
}
