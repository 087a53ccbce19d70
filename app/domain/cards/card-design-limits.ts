/** What a card's design may hold. Forms say it before anything is sent, so this file is read by browsers, too. */

export const stampShapes = ['cup', 'star', 'heart', 'flower', 'paw', 'scissors', 'bag', 'check'] as const;

/** How much of a person a card shows to whoever looks at the phone. */
export const privacyModes = ['opaque', 'first-name', 'full-name'] as const;

/** Limits of the wallets and of what fits on a card. */
export const cardDesignLimits = {
  organizationNameMax: 40,
  logoTextMax: 24,
  termsMax: 2_000,
  fieldsMax: 6,
  frontFieldsMax: 2,
  fieldLabelMax: 24,
  fieldValueMax: 200,
  frontFieldValueMax: 40,
  linksMax: 4,
  linkLabelMax: 40,
  placesMax: 10,
  placeNameMax: 60,
  relevantTextMax: 80,
  relevantDatesMax: 10,
  actionsMax: 2,
};
