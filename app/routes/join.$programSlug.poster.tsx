export default function Page() { return <p>join.$programSlug.poster</p>; }
