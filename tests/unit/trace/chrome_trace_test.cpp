// Parts of several ranks join into one JSON document in the Trace Event Format, lined up by the wall clock.

#include "dunlin/trace/chrome_trace.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace dunlin {
namespace {

using nlohmann::json;

json events_of(const std::vector<std::string>& parts) {
  return json::parse(join_chrome_trace(parts)).at("traceEvents");
}

json spans_of(const json& events) {
  json spans = json::array();
  for (const json& event : events)
    if (event.at("ph") == "X") spans.push_back(event);
  return spans;
}

TEST(ChromeTrace, ASpanSaysRankThreadMicrosecondsAndBytes) {
  Trace trace;
  trace.enable(2);
  trace.record(1, {"read \"t\"", "read", 1'500, 4'750, 4096});
  const json spans = spans_of(events_of({chrome_trace_part(trace, 7)}));
  EXPECT_EQ(spans, json::parse(R"([{"name":"read \"t\"","cat":"read","ph":"X","pid":7,"tid":1,
                                    "ts":1.5,"dur":3.25,"args":{"bytes":4096}}])"));
}

TEST(ChromeTrace, ProcessesAndThreadsAreNamed) {
  Trace trace;
  trace.enable(2);
  const json events = events_of({chrome_trace_part(trace, 3)});
  EXPECT_EQ(events, json::parse(R"([
    {"name":"process_name","ph":"M","pid":3,"tid":0,"args":{"name":"rank 3"}},
    {"name":"thread_name","ph":"M","pid":3,"tid":0,"args":{"name":"thread 0"}},
    {"name":"thread_name","ph":"M","pid":3,"tid":1,"args":{"name":"thread 1"}}])"));
}

TEST(ChromeTrace, PartsOfAnyNumberOfRanksJoin) {
  Trace off, on;
  on.enable(1);
  on.record(0, {"a", "b", 0, 1000, 0});
  EXPECT_EQ(events_of({}), json::array()) << "no ranks";
  EXPECT_EQ(events_of({chrome_trace_part(off, 0)}).size(), 1u) << "a trace that was off still names its rank";
  const json events = events_of({chrome_trace_part(on, 0), chrome_trace_part(off, 1), chrome_trace_part(on, 2)});
  EXPECT_EQ(spans_of(events).size(), 2u);
  EXPECT_EQ(spans_of(events)[1].at("pid"), 2);
}

TEST(ChromeTrace, RanksAreLinedUpByTheirWallClocks) {
  Trace trace;
  trace.enable(1);
  trace.record(0, {"a", "b", 2'000'000, 3'000'000, 0});
  const std::int64_t begun_earlier = trace.wall_start_ns() - 5'000'000;  // rank 0's trace, 5 ms before this one
  const json span = spans_of(events_of({chrome_trace_part(trace, 1, begun_earlier)}))[0];
  EXPECT_EQ(span.at("ts"), 7000);
  EXPECT_EQ(span.at("dur"), 1000);
}

}  // namespace
}  // namespace dunlin
