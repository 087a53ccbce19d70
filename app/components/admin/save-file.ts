/** Fetches a file of the app, with the session that App Bridge adds, and hands it to the browser. False when it failed. */
export async function saveFile(path: string, name: string): Promise<boolean> {
  try {
    const response = await fetch(path);
    if (!response.ok) return false;
    const address = URL.createObjectURL(await response.blob());
    const link = Object.assign(document.createElement('a'), { href: address, download: name });
    link.click();
    // The browser has taken hold of it by the next turn.
    setTimeout(() => URL.revokeObjectURL(address), 0);
    return true;
  } catch {
    return false;
  }
}
