// Attributes arrive with their values and types, in the file's order, without the format's own bookkeeping.

#include "hdf5/h5_attributes.hpp"

#include <gtest/gtest.h>

#include "h5_fixture.hpp"

namespace dunlin::test {
namespace {

class H5AttributesTest : public ::testing::Test {
 protected:
  void add(const std::string& name, hid_t type, const std::vector<hsize_t>& shape, const void* values,
           hid_t memory = H5I_INVALID_HID) {
    const H5Handle space(shape.empty() ? H5Screate(H5S_SCALAR)
                                       : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr));
    const H5Handle attribute(H5Acreate2(object_.id(), name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT));
    ASSERT_GE(H5Awrite(attribute.id(), memory < 0 ? type : memory, values), 0) << name;
  }
  H5Handle fixed_text(std::size_t size, H5T_str_t padding = H5T_STR_NULLTERM) {
    H5Handle type(H5Tcopy(H5T_C_S1));
    H5Tset_size(type.id(), size);
    H5Tset_strpad(type.id(), padding);
    return type;
  }
  /// What the reader makes of the attributes added so far.
  Attributes read() {
    const H5Session session;
    return h5_attributes(object_.id(), 1 << 20);
  }

  TemporaryFolder folder_;
  H5Maker file_{folder_ / "made.h5"};
  H5Handle object_ = (file_.group("g", false), file_.open("g"));
};

TEST_F(H5AttributesTest, NumbersKeepTypeAndValue) {
  const double one[] = {300.5};
  add("f4", H5T_IEEE_F32BE, {}, one, H5T_NATIVE_DOUBLE);
  const double three[] = {1, -2, 3};
  add("i2", H5T_STD_I16BE, {3}, three, H5T_NATIVE_DOUBLE);
  const std::uint64_t large = ~std::uint64_t{0} - 4;
  add("u8", H5T_STD_U64LE, {1}, &large, H5T_NATIVE_UINT64);
  const Attributes found = read();
  EXPECT_EQ(*found.find("f4"), AttributeValue::real(300.5, DType::float32));
  EXPECT_EQ(*found.find("i2"), AttributeValue::integers(DType::int16, {1, -2, 3}, false));
  ASSERT_TRUE(found.find("u8"));
  EXPECT_TRUE(found.find("u8")->is_scalar()) << "netCDF writes a single number as a list of one";
  EXPECT_EQ(static_cast<std::uint64_t>(found.find("u8")->integer_at(0)), large);
}

TEST_F(H5AttributesTest, UnusualNumbersAreConverted) {
  const double value = 1.5;
  add("long", H5T_NATIVE_LDOUBLE, {}, &value, H5T_NATIVE_DOUBLE);
  const H5Handle odd(H5Tcopy(H5T_STD_I32LE));
  H5Tset_precision(odd.id(), 20);
  const std::int32_t number = -77;
  add("odd", odd.id(), {}, &number, H5T_NATIVE_INT32);
  EXPECT_EQ(*read().find("long"), AttributeValue::real(1.5));
  EXPECT_EQ(*read().find("odd"), AttributeValue::integer(-77));
}

TEST_F(H5AttributesTest, TextOfEveryPaddingIsTrimmed) {
  add("terminated", fixed_text(8).id(), {}, "kelvin\0x");
  add("padded", fixed_text(6, H5T_STR_NULLPAD).id(), {}, "K\0\0\0\0\0");
  add("full", fixed_text(2, H5T_STR_NULLPAD).id(), {}, "hPa");
  add("spaces", fixed_text(6, H5T_STR_SPACEPAD).id(), {}, "a b   ");
  const Attributes found = read();
  EXPECT_EQ(found.text_or("terminated", ""), "kelvin");
  EXPECT_EQ(found.text_or("padded", ""), "K");
  EXPECT_EQ(found.text_or("full", ""), "hP");
  EXPECT_EQ(found.text_or("spaces", ""), "a b");
}

TEST_F(H5AttributesTest, VariableTextAndListsOfText) {
  H5Handle type = fixed_text(1);
  H5Tset_size(type.id(), H5T_VARIABLE);
  H5Tset_cset(type.id(), H5T_CSET_UTF8);
  const char* one[] = {"grüße"};
  add("one", type.id(), {}, one);
  add("list_of_one", type.id(), {1}, one);
  const char* two[] = {"a", ""};
  add("two", type.id(), {2}, two);
  add("fixed", fixed_text(3).id(), {2}, "ab\0c\0\0");
  const Attributes found = read();
  EXPECT_EQ(*found.find("one"), AttributeValue::text("grüße"));
  EXPECT_EQ(*found.find("list_of_one"), AttributeValue::text("grüße"));
  EXPECT_EQ(*found.find("two"), AttributeValue::texts({"a", ""}));
  EXPECT_EQ(*found.find("fixed"), AttributeValue::texts({"ab", "c"}));
}

TEST_F(H5AttributesTest, BookkeepingIsHiddenAndOtherTypesAreLeftOut) {
  for (const char* name : {"_NCProperties", "_nc3_strict", "_Netcdf4Dimid", "REFERENCE_LIST", "units"})
    add_text(object_.id(), name, "x");
  add_text(object_.id(), "CLASS", "IMAGE");  // a user's own where there is no NAME beside it
  const H5Handle pair(H5Tcreate(H5T_COMPOUND, 8));
  H5Tinsert(pair.id(), "a", 0, H5T_NATIVE_INT);
  const std::int64_t value = 0;
  add("compound", pair.id(), {}, &value);
  std::vector<std::string> names;
  const Attributes found = read();
  for (const auto& [name, attribute] : found.entries()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"CLASS", "units"}));
}

TEST_F(H5AttributesTest, AnAttributeLargerThanItsFileIsCorrupt) {
  const std::vector<double> values(100);
  add("large", H5T_NATIVE_DOUBLE, {100}, values.data());
  const H5Session session;
  EXPECT_EQ(message_of<H5CallFailed>([&] { h5_attributes(object_.id(), 799); }),
            "HDF5 cannot read an attribute: it claims 100 values of 8 bytes, more than the file has");
  EXPECT_EQ(h5_attributes(object_.id(), 800).find("large")->size(), 100U);
}

TEST_F(H5AttributesTest, CreationOrderWinsOverNamesWhereItIsTracked) {
  const H5Handle list(H5Pcreate(H5P_GROUP_CREATE));
  H5Pset_attr_creation_order(list.id(), H5P_CRT_ORDER_TRACKED);
  const H5Handle tracked(H5Gcreate2(file_.id(), "tracked", H5P_DEFAULT, list.id(), H5P_DEFAULT));
  for (const hid_t object : {object_.id(), tracked.id()})
    for (const char* name : {"z", "a", "m"}) add_text(object, name, "x");
  const auto order = [](hid_t object) {
    const H5Session session;
    std::string names;
    const Attributes found = h5_attributes(object, 1000);
    for (const auto& [name, value] : found.entries()) names += name;
    return names;
  };
  EXPECT_EQ(order(object_.id()), "amz");
  EXPECT_EQ(order(tracked.id()), "zam");
}

TEST(H5Enum, MembersAreFlagsUnlessTheAttributesSayOtherwise) {
  const TemporaryFolder folder;
  const std::string path = folder / "made.h5";
  const auto make = [](hid_t base, const std::vector<std::pair<const char*, int>>& members) {
    H5Handle type(H5Tenum_create(base));
    for (const auto& [name, value] : members) {
      std::int64_t bytes = value;
      H5Tconvert(H5T_NATIVE_INT64, base, 1, &bytes, nullptr, H5P_DEFAULT);
      H5Tenum_insert(type.id(), name, &bytes);
    }
    return type;
  };
  {
    H5Maker file(path);
    file.dataset("cloud", {.type = make(H5T_STD_I16BE, {{"clear", 0}, {"cu fog", -300}}).id(), .shape = {2}});
    file.dataset("said", {.type = make(H5T_STD_I8LE, {{"a", 0}, {"b", 1}}).id(), .shape = {2}});
    add_text(file.open("said").id(), "flag_masks", "1");
    file.dataset("named", {.type = make(H5T_STD_U8LE, {{"a", 200}}).id(), .shape = {2}});
    add_text(file.open("named").id(), "flag_meanings", "ours");
    file.dataset("plain", {.shape = {2}});
  }
  const StoredGroup group = open_hdf5(path);
  const auto of = [&](const char* name) { return group.find(name)->description().attributes; };
  EXPECT_EQ(*of("cloud").find("flag_values"), AttributeValue::integers(DType::int16, {0, -300}, false));
  EXPECT_EQ(of("cloud").text_or("flag_meanings", ""), "clear cu_fog");
  EXPECT_EQ(to_string(group.find("cloud")->description().dtype), "int16");
  EXPECT_EQ(of("said").find("flag_values"), nullptr);
  EXPECT_EQ(of("said").find("flag_meanings"), nullptr);
  EXPECT_EQ(*of("named").find("flag_values"), AttributeValue::integers(DType::uint8, {200}, false));
  EXPECT_EQ(of("named").text_or("flag_meanings", ""), "ours");
  EXPECT_TRUE(of("plain").empty());
}

}  // namespace
}  // namespace dunlin::test
