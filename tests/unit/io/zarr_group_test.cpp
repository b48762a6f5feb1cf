// Opening a hierarchy: by consolidated metadata or by listing, what is left out, what is an error.

#include "zarr/zarr_group.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/temporary_folder.hpp"
#include "zarr/metadata_error.hpp"
#include "zarr_fixture.hpp"

namespace dunlin {
namespace {

using test::array_node;
using test::group_node;
using test::put;
using test::TestJson;

std::vector<std::string> names(const StoredGroup& group) {
  std::vector<std::string> result;
  for (const auto& array : group.arrays) result.push_back(array->description().name);
  return result;
}

StoredGroup open(const std::shared_ptr<Store>& store) { return open_zarr(store, "memory", ""); }

std::string message_of(const std::shared_ptr<Store>& store) {
  try {
    open(store);
  } catch (const InputError& error) {
    return error.what();
  }
  return "opened";
}

TEST(ZarrGroup, ListsNestedGroupsByName) {
  const auto store = make_memory_store();
  TestJson root = group_node();
  root["attributes"] = {{"title", "all"}};
  put(*store, "zarr.json", root.dump());
  put(*store, "b/zarr.json", group_node().dump());
  for (const char* name : {"c", "b/y", "b/x", "a"}) put(*store, std::string(name) + "/zarr.json", array_node().dump());
  put(*store, "a/c/0/0", "not metadata");
  put(*store, "notes/readme.txt", "a folder that is no node");
  put(*store, ".hidden/zarr.json", array_node().dump());
  put(*store, "__reserved/zarr.json", array_node().dump());
  const StoredGroup group = open(store);
  EXPECT_EQ(names(group), (std::vector<std::string>{"a", "b/x", "b/y", "c"}));
  EXPECT_EQ(group.format, "Zarr v3");
  EXPECT_EQ(group.path, "memory");
  EXPECT_EQ(group.attributes.text_or("title", ""), "all");
  ASSERT_EQ(group.dimensions.size(), 2u);
  EXPECT_EQ(group.dimensions[0].name, "y");
  EXPECT_EQ(group.dimensions[0].length, 5);
  EXPECT_EQ(group.dimensions[1].length, 3);
  EXPECT_NE(group.find("b/x"), nullptr);
  EXPECT_EQ(group.find("x"), nullptr);
}

TEST(ZarrGroup, PrefersConsolidatedMetadataAndItsOrder) {
  const auto store = make_memory_store();
  TestJson root = group_node();
  root["consolidated_metadata"] = {{"kind", "inline"},
                                   {"must_understand", false},
                                   {"metadata", {{"z", array_node()}, {"g", group_node()}, {"g/a", array_node()}}}};
  put(*store, "zarr.json", root.dump());
  put(*store, "later/zarr.json", array_node().dump());
  EXPECT_EQ(names(open(store)), (std::vector<std::string>{"z", "g/a"}));
  root["consolidated_metadata"] = nullptr;
  put(*store, "zarr.json", root.dump());
  EXPECT_EQ(names(open(store)), (std::vector<std::string>{"later"})) << "null stands for none";
}

TEST(ZarrGroup, LeavesOutArraysItCannotReadAndSaysWhy) {
  const auto store = make_memory_store();
  TestJson half = array_node();
  half["data_type"] = "float16";
  put(*store, "half/zarr.json", half.dump());
  const StoredGroup group = test::open_with(store, array_node());
  EXPECT_EQ(names(group), (std::vector<std::string>{"x"}));
  ASSERT_EQ(group.skipped.size(), 1u);
  EXPECT_EQ(group.skipped[0].name, "half");
  EXPECT_EQ(group.skipped[0].reason, "data type 'float16' is not handled");
  EXPECT_EQ(group.skipped[0].kind, SkippedVariable::Kind::type);
}

TEST(ZarrGroup, NumbersUnderAnUnknownCodecKeepTheirDimensions) {
  const auto store = make_memory_store();
  TestJson node = array_node();
  node["codecs"].push_back({{"name", "zpig"}});
  node["dimension_names"] = TestJson::array();
  for (std::size_t a = 0; a < node["shape"].size(); ++a) node["dimension_names"].push_back("time");
  put(*store, "packed/zarr.json", node.dump());
  const StoredGroup opened = test::open_with(store, array_node());
  ASSERT_EQ(opened.skipped.size(), 1u);
  EXPECT_EQ(opened.skipped[0].kind, SkippedVariable::Kind::storage);
  EXPECT_EQ(opened.skipped[0].dimensions, std::vector<std::string>(node["shape"].size(), "time"));
}

TEST(ZarrGroup, BrokenMetadataIsAnErrorThatNamesTheFile) {
  const auto store = make_memory_store();
  put(*store, "zarr.json", group_node().dump());
  put(*store, "x/zarr.json", "{\"zarr_format\": 3,");
  EXPECT_EQ(message_of(store), "memory:x/zarr.json is no JSON: mistake near byte 19");
  TestJson node = array_node();
  node.erase("shape");
  put(*store, "x/zarr.json", node.dump());
  EXPECT_EQ(message_of(store), "memory:x/zarr.json: 'shape' is missing: a list of lengths is expected");
  TestJson root = group_node();
  root["consolidated_metadata"] = {{"kind", "inline"}, {"metadata", {{"x", node}}}};
  put(*store, "zarr.json", root.dump());
  EXPECT_EQ(message_of(store),
            "memory:zarr.json (entry 'x' of its consolidated metadata): 'shape' is missing: a list of lengths is "
            "expected");
  root["consolidated_metadata"]["metadata"] = {{"../x", array_node()}};
  put(*store, "zarr.json", root.dump());
  EXPECT_NE(message_of(store).find("'../x' is no key of a store"), std::string::npos) << message_of(store);
  root["consolidated_metadata"] = {{"kind", "file"}, {"metadata", TestJson::object()}};
  put(*store, "zarr.json", root.dump());
  EXPECT_EQ(message_of(store),
            "memory:zarr.json: 'consolidated_metadata.kind' is expected to be 'inline', found "
            "\"file\"");
}

TEST(ZarrGroup, SaysWhatAFolderIsInstead) {
  EXPECT_EQ(message_of(make_memory_store()),
            "memory is a folder without zarr.json: expected a Zarr v3 hierarchy, found nothing in it");
  const auto other = make_memory_store();
  for (const char* key : {"a", "b", "c/d", "e"}) put(*other, key, "");
  EXPECT_EQ(message_of(other),
            "memory is a folder without zarr.json: expected a Zarr v3 hierarchy, found a, b, c/, ...");
  const auto old = make_memory_store();
  put(*old, ".zgroup", "{\"zarr_format\": 2}");
  EXPECT_EQ(message_of(old),
            "memory is a Zarr v2 hierarchy (it holds .zgroup): expected Zarr v3, which has a "
            "zarr.json; convert it with zarr-python");
}

TEST(ZarrGroup, AnArrayThatIsTheRootIsNamedAfterItsFolder) {
  const auto store = make_memory_store();
  put(*store, "zarr.json", array_node().dump());
  const StoredGroup group = open_zarr(store, "data/ice.zarr", "");
  EXPECT_EQ(names(group), (std::vector<std::string>{"ice"}));
  TestJson half = array_node();
  half["data_type"] = "float16";
  put(*store, "zarr.json", half.dump());
  EXPECT_THROW(open_zarr(store, "data/ice.zarr", ""), UnsupportedMetadata) << "nothing else is there to be opened";
}

TEST(ZarrGroup, ALinkThatLeadsBackIsFound) {
  test::TemporaryFolder folder;
  const auto store = make_filesystem_store(folder.path());
  put(*store, "zarr.json", group_node().dump());
  std::filesystem::create_directory_symlink(folder.path(), folder / "again");
  try {
    open_zarr(folder.path());
    FAIL() << "an endless hierarchy was opened";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("33 groups deep: does a link lead back to a folder above?"),
              std::string::npos)
        << error.what();
  }
}

TEST(ZarrGroup, SurvivesAPackedRecord) {
  test::TemporaryFolder folder;
  const auto store = make_filesystem_store(folder.path());
  TestJson root = group_node();
  root["attributes"] = {{"title", "all"}, {"n", {1, 2}}};
  put(*store, "zarr.json", root.dump());
  TestJson nested = group_node();
  nested["attributes"] = {{"title", "some"}};
  put(*store, "g/zarr.json", nested.dump());
  put(*store, "g/x/zarr.json", array_node().dump());
  TestJson half = array_node();
  half["data_type"] = "float16";
  put(*store, "half/zarr.json", half.dump());
  const StoredGroup group = open_zarr(folder.path());
  Packer out;
  group.pack(out);
  std::filesystem::remove_all(folder.path());
  Unpacker in(out.bytes());
  const StoredGroup back = unpack_stored(in);
  EXPECT_TRUE(in.done());
  EXPECT_EQ(back.path, group.path);
  EXPECT_EQ(back.attributes, group.attributes);
  EXPECT_EQ(back.attributes_of("g").text_or("title", ""), "some");
  EXPECT_EQ(back.attributes_of(""), back.attributes);
  EXPECT_TRUE(back.attributes_of("h").empty()) << "a group without attributes, or none";
  ASSERT_EQ(back.arrays.size(), 1u);
  EXPECT_EQ(back.arrays[0]->description().name, "g/x");
  EXPECT_EQ(back.arrays[0]->description().grid, group.arrays[0]->description().grid);
  EXPECT_EQ(back.arrays[0]->identity(), group.arrays[0]->identity());
  ASSERT_EQ(back.dimensions.size(), 2u);
  EXPECT_EQ(back.dimensions[1].name, "x");
  ASSERT_EQ(back.skipped.size(), 1u);
  EXPECT_EQ(back.skipped[0].reason, group.skipped[0].reason);
}

TEST(ZarrGroup, ArraysOfMemoryCannotBeSent) {
  const StoredGroup group = test::open_with(make_memory_store(), array_node());
  Packer out;
  EXPECT_THROW(group.pack(out), InternalError);
}

}  // namespace
}  // namespace dunlin
