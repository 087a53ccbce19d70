/** The note attribute through which a till ties a scanned card to the sale. */
export const cardNoteName = '_stampwell_card';
