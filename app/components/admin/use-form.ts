import { useNavigation } from '@remix-run/react';

/** Whether the form that carries this intent is on its way. */
export function useIsSubmitting(intent?: string): boolean {
  const { state, formData, formMethod } = useNavigation();
  if (state === 'idle' || formMethod === undefined || formMethod === 'GET') return false;
  return intent === undefined || formData?.get('intent') === intent;
}
