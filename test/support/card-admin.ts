/** What a merchant does in the designer of the card. */
import type { Frame } from 'playwright-core';

/** Waits until what was typed is saved by itself. */
export async function untilSaved(frame: Frame): Promise<void> {
  await frame
    .getByRole('status')
    .filter({ hasText: /^Saved as a draft$/ })
    .waitFor();
}

/** Publishes what is on the page, all at once or step by step, and waits until it is said. */
export async function publishDesign(frame: Frame, pace: 'All at once' | 'Step by step' = 'All at once'): Promise<void> {
  await untilSaved(frame);
  await frame.getByRole('button', { name: 'Publish', exact: true }).click();
  const dialog = frame.getByRole('dialog');
  await dialog.getByRole('radio', { name: pace }).check();
  await dialog.getByRole('button', { name: 'Publish', exact: true }).click();
  await frame
    .getByRole('status')
    .filter({ hasText: /Design \d+ is published/ })
    .waitFor();
}
