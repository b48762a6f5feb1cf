#include "dunlin/trace/chrome_trace.hpp"

#include "dunlin/base/json_writer.hpp"

namespace dunlin {
namespace {

double microseconds(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1000.0; }

void write_name(JsonWriter& json, const char* what, int rank, std::size_t thread, const std::string& name) {
  json.begin_object().key("name").value(what).key("ph").value("M").key("pid").value(rank);
  json.key("tid").value(static_cast<std::int64_t>(thread));
  json.key("args").begin_object().key("name").value(name).end_object().end_object();
}

void write_span(JsonWriter& json, const TraceEvent& event, int rank, std::size_t thread, std::int64_t shift_ns) {
  json.begin_object().key("name").value(event.name).key("cat").value(event.category).key("ph").value("X");
  json.key("pid").value(rank).key("tid").value(static_cast<std::int64_t>(thread));
  json.key("ts").value(microseconds(event.begin_ns + shift_ns));
  json.key("dur").value(microseconds(event.end_ns - event.begin_ns));
  json.key("args").begin_object().key("bytes").value(event.bytes);
  if (event.stored != 0) json.key("stored_bytes").value(event.stored);
  json.end_object().end_object();
}

/// One track: where it changes, and its two ends.
void write_counter(JsonWriter& json, const char* name, std::int64_t CounterSample::*count,
                   const std::vector<CounterSample>& samples, int rank, std::int64_t shift_ns) {
  for (std::size_t k = 0; k < samples.size(); ++k) {
    const bool inner = k > 0 && k + 1 < samples.size();
    if (inner && samples[k].*count == samples[k - 1].*count && samples[k].*count == samples[k + 1].*count) continue;
    json.begin_object().key("name").value(name).key("ph").value("C").key("pid").value(rank);
    json.key("ts").value(microseconds(samples[k].time_ns + shift_ns));
    json.key("args").begin_object().key("bytes").value(samples[k].*count).end_object().end_object();
  }
}

}  // namespace

std::string chrome_trace_part(const Trace& trace, int rank, std::int64_t origin_ns) {
  const std::int64_t shift_ns = trace.wall_start_ns() - origin_ns;
  JsonWriter json;
  json.begin_array();
  write_name(json, "process_name", rank, 0, "rank " + std::to_string(rank));
  for (std::size_t thread = 0; thread < trace.events().size(); ++thread) {
    write_name(json, "thread_name", rank, thread, "thread " + std::to_string(thread));
    for (const TraceEvent& event : trace.events()[thread]) write_span(json, event, rank, thread, shift_ns);
  }
  const std::vector<CounterSample> samples = trace.samples();
  write_counter(json, "bytes read", &CounterSample::bytes_read, samples, rank, shift_ns);
  write_counter(json, "bytes written", &CounterSample::bytes_written, samples, rank, shift_ns);
  write_counter(json, "memory reserved", &CounterSample::bytes_reserved, samples, rank, shift_ns);
  json.end_array();
  return json.text().substr(1, json.text().size() - 2);  // without the brackets: the joined document has its own
}

std::string join_chrome_trace(const std::vector<std::string>& parts) {
  std::string text(kChromeTraceHead);
  for (std::size_t k = 0; k < parts.size(); ++k) {
    if (k) text += kChromeTraceSeparator;
    text += parts[k];
  }
  return text += kChromeTraceTail;
}

}  // namespace dunlin
