/** What a person with a screen reader, a keyboard or a small screen would trip over. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { Frame, Page } from 'playwright-core';
import { z } from 'zod';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** Elements are told by their HTML; to find a selector for each, also of those in order, takes a fifth of the time. */
const options = { runOnly: standards, selectors: false };
const run = `axe.run(document, ${JSON.stringify(options)}).then((result) =>
  result.violations.map((violation) => violation.id + ': ' + violation.nodes.map((node) => node.html.slice(0, 200)).join(' | ')))`;

/** Violations of WCAG 2.2 AA on a page, each with the elements concerned; empty is good. */
export async function accessibilityProblems(place: Page | Frame): Promise<string[]> {
  if ((await place.evaluate('typeof axe')) === 'undefined') await place.evaluate(axeSource);
  return z.array(z.string()).parse(await place.evaluate(run));
}

/** By how many pixels a page is wider than its window; 0 is good. */
export async function overflowPixels(place: Page | Frame): Promise<number> {
  return z
    .number()
    .parse(await place.evaluate('Math.max(0, document.documentElement.scrollWidth - window.innerWidth)'));
}
