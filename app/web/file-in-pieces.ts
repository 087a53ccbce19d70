/** A file that is sent while it is made, so that a large shop never sits in memory. */
import { forFile } from '#app/web/page-failure.ts';

/** The answer with the file. What is wrong shows before the first piece, while there is still a status to answer with. */
export async function fileInPieces(
  pieces: AsyncGenerator<string>,
  file: { mediaType: string; name: string },
): Promise<Response> {
  const first = await forFile(() => pieces.next());
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      if (!first.done) controller.enqueue(encoder.encode(first.value));
    },
    pull: async (controller) => {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel: async () => {
      await pieces.return(undefined);
    },
  });
  return new Response(body, {
    headers: {
      'content-type': file.mediaType,
      'content-disposition': `attachment; filename="${file.name}"`,
      'cache-control': 'no-store',
    },
  });
}
