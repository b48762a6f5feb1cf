#include "dunlin/labelled/history.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "calendar_days.hpp"

namespace dunlin {
namespace {

std::int64_t now() {
  const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
  if (epoch == nullptr) return static_cast<std::int64_t>(std::time(nullptr));
  const std::string text = epoch;
  std::int64_t seconds = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || stop != text.data() + text.size())
    throw UsageError("SOURCE_DATE_EPOCH is '" + text + "': expected seconds since 1970-01-01, or nothing");
  return seconds;
}

}  // namespace

std::string history_line(std::int64_t unix_seconds, const std::string& command) {
  constexpr std::int64_t kDay = 86'400;
  const std::int64_t day = unix_seconds / kDay - (unix_seconds % kDay < 0), clock = unix_seconds - day * kDay;
  Date date;
  split_day(Calendar::proleptic_gregorian, day, date.year, date.month, date.day);
  char text[64];
  std::snprintf(text, sizeof text, "%04lld-%02d-%02dT%02d:%02d:%02dZ", static_cast<long long>(date.year), date.month,
                date.day, static_cast<int>(clock / 3600), static_cast<int>(clock / 60 % 60),
                static_cast<int>(clock % 60));
  return std::string(text) + ": " + command + " (dunlin " + DUNLIN_VERSION + ")";
}

std::string history_with(const std::string& line, const std::string& old) {
  return old.empty() ? line : line + "\n" + old;
}

Dataset add_history(const Dataset& dataset, const std::string& command) {
  const std::vector<std::byte> packed = dataset.context()->on_one_rank("reading the clock", [] {
    Packer out;
    out.number(now());
    return out.bytes();
  });
  const std::int64_t seconds = Unpacker(packed).number();
  Attributes attributes = dataset.attributes();
  std::string old = attributes.text_or("history", "");
  if (const AttributeValue* value = attributes.find("history"); value && value->kind() == AttributeValue::Kind::texts)
    for (const std::string& line : value->as_texts()) old += (old.empty() ? "" : "\n") + line;
  attributes.set("history", AttributeValue::text(history_with(history_line(seconds, command), old)));
  return dataset.with_attributes(std::move(attributes));
}

}  // namespace dunlin
