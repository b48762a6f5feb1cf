#include "input_name.hpp"

#include <algorithm>
#include <cctype>

#include "dunlin/base/pack.hpp"
#include "dunlin/base/posix_file.hpp"

namespace dunlin {
namespace {

InputName split_at(const std::string& text, std::size_t colon) {
  InputName name{.path = text.substr(0, colon)};
  std::string inside = text.substr(colon + 1);
  if (inside.empty()) throw UsageError("'" + text + "' ends in a colon: name a variable behind it, or leave it out");
  if (inside.front() == '/') inside.erase(0, 1);
  const std::size_t slash = inside.rfind('/');
  if (slash == std::string::npos) {
    name.variable = inside;
  } else {
    name.group = inside.substr(0, slash);
    name.variable = inside.substr(slash + 1);
  }
  return name;
}

}  // namespace

GroupAsVariable::GroupAsVariable(const std::string& path, const std::string& group)
    : InputError("'" + group + "' is a group of " + path + " and no variable: name it as " + path + ":" + group + "/"),
      group(group) {}

UrlAsPath::UrlAsPath(const std::string& url)
    : InputError("'" + url +
                 "' is a URL: only files and folders are read and written; give the path of a copy, or of "
                 "a file system that is mounted from there"),
      url(url) {}

bool is_url(const std::string& text) {
  const std::size_t end = text.find("://");
  return end != std::string::npos && end > 1 &&
         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end),
                     [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '-' || c == '.'; });
}

InputName split_input(const std::string& text, const std::function<bool(const std::string&)>& exists) {
  if (text.empty()) throw UsageError("the name of an input is empty: give a path");
  const std::size_t last = text.rfind(':');
  if (last == std::string::npos || last == 0 || exists(text)) return {.path = text};
  if (is_url(text)) throw UrlAsPath(text);
  for (std::size_t colon = last; colon != std::string::npos && colon > 0; colon = text.rfind(':', colon - 1))
    if (exists(text.substr(0, colon))) return split_at(text, colon);
  return split_at(text, last);
}

InputName resolve_input(ContextState& context, const std::string& text) {
  const std::vector<std::byte> packed = context.on_one_rank("looking for " + text, [&] {
    const InputName name =
        split_input(text, [](const std::string& path) { return path_kind(path) != PathKind::missing; });
    Packer out;
    out.text(name.path);
    out.text(name.group);
    out.text(name.variable);
    return out.bytes();
  });
  Unpacker in(packed);
  InputName name;
  name.path = in.text();
  name.group = in.text();
  name.variable = in.text();
  return name;
}

void refuse_skipped(const Dataset& dataset, const std::string& group, const std::string& name) {
  const std::string full = group.empty() ? name : group + "/" + name;
  if (dataset.find(name) == nullptr)
    for (const SkippedVariable& skipped : dataset.skipped)
      if (skipped.name.starts_with(full + "/")) throw GroupAsVariable(dataset.inputs.at(0), full);
  for (const SkippedVariable& skipped : dataset.skipped)
    if (skipped.name == name)
      throw InputError("'" + name + "'" + (dataset.inputs.empty() ? "" : " of " + dataset.inputs[0]) +
                       " cannot be taken: " + skipped.reason);
}

}  // namespace dunlin
