export function Risk() {
  return <h1>Risk</h1>;
}
