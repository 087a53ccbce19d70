import { createContext } from 'react';

/** What the page of this document threw instead of its data; only known while the server renders. */
export const RefusedContext = createContext<unknown>(undefined);
