#include "codec_json.hpp"

#include <algorithm>

#include "json_read.hpp"

namespace dunlin {
namespace {

constexpr std::string_view kShuffles[] = {"noshuffle", "shuffle", "bitshuffle"};

CodecPtr blosc_from(const Extension& codec) {
  BloscOptions options;
  const Json& settings = codec.configuration;
  const Place& place = codec.place;
  options.compressor = text_of(needed(settings, place, "cname", "a compressor's name"), place.at("cname"));
  constexpr std::string_view kCompressors[] = {"lz4", "lz4hc", "blosclz", "zstd", "snappy", "zlib"};
  if (std::find(std::begin(kCompressors), std::end(kCompressors), options.compressor) == std::end(kCompressors))
    place.at("cname").expected("one of lz4, lz4hc, blosclz, zstd, snappy, zlib", settings["cname"]);
  const Json& level = needed(settings, place, "clevel", "a number from 0 to 9");
  options.level = static_cast<int>(whole_number(level, place.at("clevel"), 0, 9));
  const Json& shuffle = needed(settings, place, "shuffle", "noshuffle, shuffle or bitshuffle");
  const auto found = std::find(std::begin(kShuffles), std::end(kShuffles), text_of(shuffle, place.at("shuffle")));
  if (found == std::end(kShuffles)) place.at("shuffle").expected("noshuffle, shuffle or bitshuffle", shuffle);
  options.shuffle = static_cast<BloscOptions::Shuffle>(found - std::begin(kShuffles));
  const Json* element = member(settings, "typesize");
  if (!element && options.shuffle != BloscOptions::none)
    place.at("typesize").missing("the element's size, which shuffling needs,");
  if (element) options.element = static_cast<std::size_t>(whole_number(*element, place.at("typesize"), 1, INT64_MAX));
  if (const Json* blocksize = member(settings, "blocksize"))
    options.blocksize = static_cast<std::size_t>(whole_number(*blocksize, place.at("blocksize"), 0, INT32_MAX));
  return make_blosc(options);
}

CodecPtr zstd_from(const Extension& codec) {
  int level = 0;
  bool checksum = false;
  if (const Json* value = member(codec.configuration, "level"))
    level = static_cast<int>(whole_number(*value, codec.place.at("level"), -131072, 22));
  if (const Json* value = member(codec.configuration, "checksum")) {
    if (!value->is_boolean()) codec.place.at("checksum").expected("true or false", *value);
    checksum = value->get<bool>();
  }
  return make_zstd(level, checksum);
}

// A bytes→bytes codec; null where the name is none that we know.
CodecPtr compressor_from(const Extension& codec, const std::string& where) {
  try {
    if (codec.name == "blosc") return blosc_from(codec);
    if (codec.name == "zstd") return zstd_from(codec);
    if (codec.name == "crc32c") return make_crc32c();
    if (codec.name == "gzip") {
      const Json& level = needed(codec.configuration, codec.place, "level", "a number from 0 to 9");
      return make_gzip(static_cast<int>(whole_number(level, codec.place.at("level"), 0, 9)));
    }
  } catch (const UsageError& error) {  // a setting that the library on this machine does not have
    throw UnsupportedMetadata(where, error.what());
  }
  return nullptr;
}

// order ∘ next: what comes after an earlier transposition permutes already permuted axes.
void transpose(Coords& order, const Extension& codec) {
  const Place place = codec.place.at("order");
  const Json& value = needed(codec.configuration, codec.place, "order", "a permutation of the axes");
  const std::size_t rank = order.size();
  const std::string expected = "a permutation of the " + std::to_string(rank) + " axes, counted from 0";
  if (!value.is_array() || value.size() != rank) place.expected(expected, value);
  std::vector<bool> seen(rank, false);
  Coords next;
  for (const Json& item : value) {
    if (!item.is_number_unsigned() || item.get<std::uint64_t>() >= rank || seen[item.get<std::size_t>()])
      place.expected(expected, value);
    seen[item.get<std::size_t>()] = true;
    next.push_back(order[item.get<std::size_t>()]);
  }
  order = next;
}

bool is_big_endian(const Extension& codec, DType dtype) {
  const Json* endian = member(codec.configuration, "endian");
  if (!endian) {
    if (dtype.swap_size() > 1) codec.place.at("endian").missing("'little' or 'big', for numbers of several bytes,");
    return false;
  }
  const std::string& text = text_of(*endian, codec.place.at("endian"));
  if (text != "little" && text != "big") codec.place.at("endian").expected("'little' or 'big'", *endian);
  return text == "big" && dtype.swap_size() > 1;
}

void refuse_unknown(const std::string& name, const std::string& where) {
  if (name == "sharding_indexed")
    throw UnsupportedMetadata(where, "it is stored in shards (codec 'sharding_indexed'), which are not read yet");
  throw UnsupportedMetadata(
      where, "codec '" + name + "' is not handled: known are transpose, bytes, blosc, gzip, " + "zstd and crc32c");
}

std::string description_of(const ArrayCodecs& codecs, bool transposed) {
  std::string text = transposed ? "transpose" : "";
  if (codecs.big_endian) text += text.empty() ? "big-endian" : ", big-endian";
  if (codecs.chain.empty() && !text.empty()) return text;
  return text + (text.empty() ? "" : ", ") + codecs.chain.description();
}

}  // namespace

ArrayCodecs codecs_from_json(const Json& list, DType dtype, int rank, const std::string& where) {
  const Place place{where, "codecs"};
  if (!list.is_array() || list.empty()) place.expected("a list with one codec that makes bytes", list);
  ArrayCodecs codecs;
  for (int a = 0; a < rank; ++a) codecs.order.push_back(a);
  std::vector<CodecPtr> chain;
  bool bytes_seen = false, transposed = false;
  for (std::size_t k = 0; k < list.size(); ++k) {
    const Extension codec = extension_of(list[k], {where, "codecs[" + std::to_string(k) + "]"});
    if (codec.name == "transpose") {
      if (bytes_seen) place.expected("a list with 'transpose' before 'bytes'", list);
      transpose(codecs.order, codec);
      transposed = true;
    } else if (codec.name == "bytes") {
      if (bytes_seen) place.expected("a list with 'bytes' once", list);
      codecs.big_endian = is_big_endian(codec, dtype);
      bytes_seen = true;
    } else {
      CodecPtr compressor = compressor_from(codec, where);
      if (!compressor) refuse_unknown(codec.name, where);
      if (!bytes_seen) place.expected("a list with 'bytes' before '" + codec.name + "'", list);
      chain.push_back(std::move(compressor));
    }
  }
  if (!bytes_seen) place.expected("a list with one codec that makes bytes", list);
  if (chain.size() > 32) place.expected("a list of at most 32 codecs", list.size());
  codecs.chain = CodecChain(std::move(chain));
  codecs.description = description_of(codecs, transposed);
  return codecs;
}

Json codecs_to_json(const CodecChoice& choice, DType dtype) {
  Json bytes = {{"name", "bytes"}};
  if (dtype.swap_size() > 1) bytes["configuration"] = {{"endian", "little"}};
  Json list = Json::array({bytes});
  const auto level_or = [&](int otherwise) { return choice.level < 0 ? otherwise : choice.level; };
  if (choice.name.starts_with("blosc-")) {
    // Shuffling works on whole numbers: both parts of a complex one, and nothing for single bytes and raw ones.
    const std::size_t element = dtype.kind() == DType::raw ? 1 : dtype.size();
    const std::string compressor = choice.name.substr(6);
    list.push_back({{"name", "blosc"},
                    {"configuration",
                     {{"typesize", element},
                      {"cname", compressor},
                      {"clevel", level_or(compressor == "zstd" ? 1 : 5)},
                      {"shuffle", element > 1 ? "shuffle" : "noshuffle"},
                      {"blocksize", 0}}}});
  } else if (choice.name == "zstd") {
    list.push_back({{"name", "zstd"}, {"configuration", {{"level", level_or(1)}, {"checksum", false}}}});
  } else if (choice.name == "gzip") {
    list.push_back({{"name", "gzip"}, {"configuration", {{"level", level_or(1)}}}});
  } else if (choice.name != "none") {
    throw UsageError("there is no codec '" + choice.name + "' for Zarr v3");
  }
  return list;
}

}  // namespace dunlin
