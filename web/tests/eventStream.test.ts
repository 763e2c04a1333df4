import { expect, test } from "vitest";
import { EventCutter } from "../src/api/eventStream";

test("an event is whole wherever the network cuts it", () => {
  const text = 'id: 42\nevent: fill\ndata: {"a": 1}\n\nid: 43\nevent: order\ndata: {}\n\n';
  const whole = new EventCutter().take(text);

  for (let cut = 0; cut <= text.length; cut += 1) {
    const cutter = new EventCutter();
    expect([...cutter.take(text.slice(0, cut)), ...cutter.take(text.slice(cut))]).toEqual(whole);
  }
  expect(whole).toEqual([
    { id: "42", event: "fill", data: '{"a": 1}' },
    { id: "43", event: "order", data: "{}" },
  ]);
});

test("data on several lines is one text", () => {
  expect(new EventCutter().take("data: a\ndata: b\n\n")).toEqual([
    { id: "", event: "message", data: "a\nb" },
  ]);
});

test("lines may end as on any system", () => {
  const cutter = new EventCutter();

  expect(cutter.take("event: fill\r\ndata: 1\r\n\r\n")).toHaveLength(1);
});

test("a comment is a sign of life and no event", () => {
  expect(new EventCutter().take(": still here\n\n")).toEqual([]);
});
