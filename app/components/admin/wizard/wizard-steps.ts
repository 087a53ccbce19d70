/** The screens of the wizard, in their order. */
export const wizardSteps = ['template', 'rule', 'reward', 'card', 'places', 'review'] as const;

export type WizardStep = (typeof wizardSteps)[number];

/** The step of an address, or null when there is none of that name. */
export function wizardStepOf(name: string | undefined): WizardStep | null {
  return wizardSteps.find((step) => step === name) ?? null;
}

/** The screen after this one; null after the last. */
export function stepAfter(step: WizardStep): WizardStep | null {
  return wizardSteps[wizardSteps.indexOf(step) + 1] ?? null;
}
