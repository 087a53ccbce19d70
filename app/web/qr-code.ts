/** QR codes as SVG, made on the server so that no page needs a script to show one. */
import { toString as drawCode } from 'qrcode';

/** Black on white with the quiet zone scanners need. */
export function qrCodeSvg(text: string): Promise<string> {
  return drawCode(text, { type: 'svg', margin: 2, errorCorrectionLevel: 'M' });
}
