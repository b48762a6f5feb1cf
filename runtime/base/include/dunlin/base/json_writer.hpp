#pragma once
// Writes JSON text for traces, `explain` and `info`. Nothing is read here.
//
//   JsonWriter json;
//   json.begin_object().key("ranks").value(4).key("dims").begin_array().value("time").end_array().end_object();
//   json.text() == R"({"ranks":4,"dims":["time"]})"
//
// Strings are escaped by RFC 8259; bytes that are no UTF-8 become U+FFFD; numbers that JSON cannot spell (NaN,
// infinities) become null. Commas come by themselves. The caller closes what it opens.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dunlin {

class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(double number);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonWriter& value(bool truth);
  JsonWriter& null();
  const std::string& text() const { return text_; }

 private:
  void separate();
  std::string text_;
  std::vector<bool> first_{true};
  bool after_key_ = false;
};

}  // namespace dunlin
