/** As much of jsdom as is used here; it comes without types. */
declare module 'jsdom' {
  export const JSDOM: new (html: string) => { window: { document: Document } };
}
