#include "dunlin/trace/report.hpp"

#include "dunlin/trace/format.hpp"

namespace dunlin {
namespace {

std::string counted(int number, const char* noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

}  // namespace

std::string ranks_by_threads(int ranks, int threads) {
  return counted(ranks, "rank") + " x " + counted(threads, "thread");
}

std::string closing_line(const ClosingReport& report) {
  std::string line = report.what + ": read " + human_bytes(report.bytes_read) + ", wrote " +
                     human_bytes(report.bytes_written) + " in " + human_seconds(report.seconds) + ", " +
                     ranks_by_threads(report.ranks, report.threads);
  if (report.peak_bytes > 0)
    line += ", peak memory " + human_bytes(report.peak_bytes) + (report.ranks == 1 ? "" : " per rank");
  if (!report.where.empty()) line += ": " + report.where;
  return line;
}

}  // namespace dunlin
