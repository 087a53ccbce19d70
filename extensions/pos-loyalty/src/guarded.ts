/**
 * Makes a callback that never throws and never rejects: POS replaces the screen by an error page when one does.
 * `onError` must itself be harmless.
 */
export function guarded(action: () => void | Promise<void>, onError: () => void): () => void {
  const run = async (): Promise<void> => {
    try {
      await action();
    } catch {
      onError();
    }
  };
  return () => void run();
}
