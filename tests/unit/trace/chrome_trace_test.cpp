// Parts of several ranks join into one JSON document in the Trace Event Format, lined up by the wall clock.

#include "dunlin/trace/chrome_trace.hpp"

#include <gtest/gtest.h>

#include <map>
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

TEST(ChromeTrace, ASpanOverAFileSaysItsStoredBytesToo) {
  Trace trace;
  trace.enable(1);
  trace.record(0, {"read t", "source", 0, 1000, 4096, 1500});
  EXPECT_EQ(spans_of(events_of({chrome_trace_part(trace, 0)}))[0].at("args"),
            json::parse(R"({"bytes":4096,"stored_bytes":1500})"));
}

TEST(ChromeTrace, CountsAreTracksOfTheirRankThatSayWhereTheyChange) {
  Counters counters;
  Trace trace;
  trace.enable(1, &counters);
  for (int k = 0; k < 10; ++k) {
    if (k == 5) counters.bytes_read = 300;
    trace.record(0, {"a", "b", k * 10'000'000, k * 10'000'000 + 1000, 0});
  }
  std::map<std::string, std::vector<std::int64_t>> tracks;
  double last = 0;
  for (const json& event : events_of({chrome_trace_part(trace, 4)}))
    if (event.at("ph") == "C") {
      EXPECT_EQ(event.at("pid"), 4);
      EXPECT_TRUE(event.at("ts").is_number());
      if (event.at("name") == "bytes read") {
        EXPECT_GE(event.at("ts"), last);
        last = event.at("ts");
      }
      tracks[event.at("name")].push_back(event.at("args").at("bytes"));
    }
  EXPECT_EQ(tracks["bytes read"], (std::vector<std::int64_t>{0, 0, 300, 300}))
      << "both ends, and both sides of the step";
  EXPECT_EQ(tracks["bytes written"], (std::vector<std::int64_t>{0, 0}));
  EXPECT_EQ(tracks["memory reserved"], (std::vector<std::int64_t>{0, 0}));
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
