export function Trades() {
  return <h1>Trades</h1>;
}
