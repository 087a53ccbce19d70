import { useRef } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';

export type SectionTab<Key extends string> = { key: Key; label: string; problems: number };

type Props<Key extends string> = {
  label: string;
  tabs: readonly SectionTab<Key>[];
  selected: Key;
  onSelect: (key: Key) => void;
};

/** Tabs as WAI-ARIA has them: one stop for the Tab key, arrow keys among them. They wrap rather than hide. What they open is a `TabPanel`. */
export function SectionTabs<Key extends string>({ label, tabs, selected, onSelect }: Props<Key>) {
  const list = useRef<HTMLDivElement>(null);
  const select = (index: number) => {
    const tab = tabs[(index + tabs.length) % tabs.length];
    if (tab === undefined) return;
    onSelect(tab.key);
    list.current?.querySelector<HTMLElement>(`#tab-${tab.key}`)?.focus();
  };
  const move = (event: KeyboardEvent, index: number) => {
    const targets: Record<string, number> = {
      ArrowRight: index + 1,
      ArrowLeft: index - 1,
      Home: 0,
      End: tabs.length - 1,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    select(target);
  };
  return (
    <div className="section-tabs" role="tablist" aria-label={label} ref={list}>
      {tabs.map(({ key, label: name, problems }, index) => (
        <button
          key={key}
          id={`tab-${key}`}
          type="button"
          role="tab"
          aria-selected={key === selected}
          aria-controls={`panel-${key}`}
          tabIndex={key === selected ? 0 : -1}
          onClick={() => onSelect(key)}
          onKeyDown={(event) => move(event, index)}
        >
          {name}
          {problems === 0 ? null : (
            <span className="tab-problems">
              {problems}
              <span className="Polaris-Text--visuallyHidden">
                {problems === 1 ? ' field to mend' : ' fields to mend'}
              </span>
            </span>
          )}
        </button>
      ))}
    </div>
  );
}

/** What the selected tab opens. */
export function TabPanel({ selected, children }: { selected: string; children: ReactNode }) {
  return (
    <div role="tabpanel" id={`panel-${selected}`} aria-labelledby={`tab-${selected}`}>
      {children}
    </div>
  );
}
