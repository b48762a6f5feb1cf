// Objects of any type as bytes and back.

#include "dunlin/delayed/serialized.hpp"

#include <gtest/gtest.h>

#include <boost/serialization/map.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <map>
#include <string>
#include <vector>

namespace dunlin::test {
namespace {

struct Point {
  double x, y;
  friend bool operator==(const Point&, const Point&) = default;
};

struct Histogram {
  std::vector<double> counts;
  std::map<std::string, int> labels;
  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& counts& labels;
  }
  friend bool operator==(const Histogram&, const Histogram&) = default;
};

template <class T>
T there_and_back(const T& object, std::size_t* bytes = nullptr) {
  const Value value = Value::object(std::make_shared<const T>(object), serialized_ops<T>());
  std::vector<std::byte> message(value.size());
  value.ops().write(value.get(), message);
  if (bytes) *bytes = message.size();
  const Value arrived = Value::object(serialized_ops<T>().read(message), serialized_ops<T>());
  EXPECT_EQ(arrived.size(), value.size());
  return object_of<T>(arrived);
}

TEST(Serialized, TriviallyCopyableObjectsAreTheirBytes) {
  std::size_t bytes = 0;
  EXPECT_EQ(there_and_back(Point{1.5, -2}, &bytes), (Point{1.5, -2}));
  EXPECT_EQ(bytes, sizeof(Point));
  EXPECT_EQ(there_and_back(42), 42);
}

TEST(Serialized, OthersGoThroughBoost) {
  const Histogram edges[] = {{}, {{1, 2, 3}, {{"land", 1}, {"", -7}}}, {std::vector<double>(100'000, 0.5), {}}};
  for (const Histogram& histogram : edges) EXPECT_EQ(there_and_back(histogram), histogram);
  EXPECT_EQ(there_and_back(std::string()), "");
  EXPECT_EQ(there_and_back(std::string("a\0b", 3)), std::string("a\0b", 3));
}

TEST(Serialized, BytesThatAreNoObjectAreTold) {
  const std::vector<std::byte> three(3);
  EXPECT_THROW(serialized_ops<Point>().read(three), BadObject);
  EXPECT_THROW(serialized_ops<Histogram>().read(three), BadObject);
}

TEST(Serialized, AnObjectOfAnotherTypeIsTold) {
  const Value value = Value::object(std::make_shared<const int>(1), serialized_ops<int>());
  EXPECT_EQ(object_of<int>(value), 1);
  EXPECT_THROW(object_of<Point>(value), BadObject);
}

TEST(Serialized, WritingStopsAtTheEndOfItsMemory) {
  const std::string text(100, 'x');
  std::vector<std::byte> small(10);
  EXPECT_ANY_THROW(serialized_ops<std::string>().write(&text, small));
}

}  // namespace
}  // namespace dunlin::test
