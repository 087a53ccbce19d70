export default function Page() { return <p>card.$token.google</p>; }
