import 'react';

declare module 'react' {
  interface CSSProperties {
    /** Our styles read a merchant's colours from variables. */
    [variable: `--${string}`]: string;
  }
}
