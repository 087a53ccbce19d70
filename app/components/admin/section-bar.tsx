import { EmbeddedLink } from '#app/components/admin/embedded-link.tsx';
import type { ShownSection } from '#app/components/admin/sections.ts';

/** The pages of a section, side by side. A section of one page needs none. */
export function SectionBar({ section, url }: { section: ShownSection; url: string }) {
  if (section.pages.length < 2) return null;
  return (
    <nav className="section-bar" aria-label={section.title}>
      <ul>
        {section.pages.map((page) => (
          <li key={page.url}>
            <EmbeddedLink url={page.url} {...(page.url === url ? { 'aria-current': 'page' as const } : {})}>
              {page.title}
            </EmbeddedLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
