#include "trace_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <span>

#include "dunlin/trace/chrome_trace.hpp"

namespace dunlin {
namespace {

namespace fs = std::filesystem;

/// Where the file lies: links are followed, so that they stay.
std::string resolved(const std::string& path) {
  std::error_code error;
  const fs::path target = fs::canonical(path, error);
  return error ? path : target.string();
}

/// For what cannot be written at an offset.
void write_through(const std::string& path, const std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr) throw IoFailure("open", path, errno);
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const int error = errno;
  if (std::fclose(file) != 0 || !written) throw IoFailure("write", path, written ? errno : error);
}

}  // namespace

TraceFile::TraceFile(const std::string& path) : path_(resolved(path)) {
  if (path_kind(path_) == PathKind::other) return;
  const fs::path plain(path_);
  const std::string name = "." + plain.filename().string() + "." + std::to_string(::getpid()) + ".partial";
  partial_ = (plain.parent_path() / name).string();
  try {
    file_ = PosixFile::create(partial_);
    file_.write_at(0, std::as_bytes(std::span(kChromeTraceHead)));  // on a full disk an empty file can be made
    file_.sync();
  } catch (const IoFailure& failure) {
    remove_partial();
    throw IoFailure("write the trace", path, failure.error);
  }
}

TraceFile::~TraceFile() { remove_partial(); }

void TraceFile::remove_partial() noexcept {
  if (partial_.empty()) return;
  try {
    remove_path(partial_);
  } catch (const std::exception&) {
    // It stays under its hidden name.
  }
}

void TraceFile::finish(const std::string& text) {
  if (partial_.empty()) return write_through(path_, text);
  file_.write_at(0, std::as_bytes(std::span(text)));
  file_.sync();
  file_.close();
  rename_path(partial_, path_);
  partial_.clear();
}

}  // namespace dunlin
