export default function Page() { return <p>join.$programSlug</p>; }
