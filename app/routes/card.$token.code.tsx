import type { LoaderFunctionArgs } from '@remix-run/node';

import { shopperPhrases } from '#app/components/shopper/phrases.ts';
import { rotatingPeriodMs } from '#app/domain/cards/rotating-code.ts';
import { cardCode } from '#app/queries/card-page.ts';
import { forFile } from '#app/web/page-failure.ts';
import { qrCodeSvg } from '#app/web/qr-code.ts';

/** A page that was forgotten stops asking after so many half minutes. */
const turnsMax = 30;

const style = `html,body{margin:0;height:100%;background:#fff;color-scheme:light}
svg{display:block;width:100%;height:100%}
p{height:100%;margin:0;display:grid;place-items:center;text-align:center;font:600 1rem/1.4 system-ui,sans-serif}`;

/**
 * The code alone, for a frame on the card page: shoppers' pages run no script, so the frame is told to fetch the next code
 * when its half minute is over.
 */
export async function loader({ request, params }: LoaderFunctionArgs): Promise<Response> {
  const { code, language } = await forFile(() => cardCode(params['token'] ?? ''));
  const turn = Number(/^\d{1,3}$/.exec(new URL(request.url).searchParams.get('turn') ?? '')?.[0] ?? 0);
  const { codeLabel, codeAgain } = shopperPhrases[language];
  const body =
    turn < turnsMax
      ? `<div role="img" aria-label="${codeLabel}">${await qrCodeSvg(code)}</div>`
      : `<p><a href="?turn=0">${codeAgain}</a></p>`;
  const page = `<!doctype html><html lang="${language}"><meta charset="utf-8"><title>${codeLabel}</title><style>${style}</style>${body}</html>`;
  return new Response(page, {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
      'Cache-Control': 'private, no-store',
      'Referrer-Policy': 'same-origin',
      'X-Robots-Tag': 'noindex',
      ...(turn < turnsMax && { Refresh: `${secondsLeft()}; url=?turn=${turn + 1}` }),
    },
  });
}

/** Codes are of the real clock. */
function secondsLeft(): number {
  return Math.ceil((rotatingPeriodMs - (Date.now() % rotatingPeriodMs)) / 1_000);
}
