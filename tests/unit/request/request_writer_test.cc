// The plugin's encoder: nothing is written past the buffer, and what does not fit is said.
#include "helper/request/request_writer.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "tests/unit/request/sample.h"

namespace sifguard {
namespace {

TEST(RequestWriter, FailsInEveryBufferThatIsTooSmall) {
  const std::size_t needed = test::sample_request().size();
  for (std::size_t size = 0; size <= needed; ++size) {
    std::vector<char> buffer(size + 8, '#');
    RequestWriter writer(std::span(buffer.data(), size));
    test::write_required(writer);
    test::write_optional(writer);
    EXPECT_EQ(writer.finish(), size == needed ? needed : 0U);
    EXPECT_EQ(std::string(buffer.end() - 8, buffer.end()), "########") << size;
  }
}

TEST(RequestWriter, RefusesTextOverTheCap) {
  RequestWriter writer(test::big_buffer());
  test::write_required(writer);
  writer.text(wire::kTagImage, std::string(wire::kMaxString + 1, 'i'));
  EXPECT_EQ(writer.finish(), 0U);
}

TEST(RequestWriter, RefusesAMessageOverTheCapInALargerBuffer) {
  std::vector<char> buffer(wire::kMaxMessage * 2);
  RequestWriter writer(buffer);
  const std::vector<std::uint32_t> groups(wire::kMaxMessage / 4, 1);
  writer.numbers(wire::kTagGroups, groups);
  EXPECT_EQ(writer.finish(), 0U);
}

TEST(RequestWriter, StaysFailedAfterwards) {
  std::array<char, 32> buffer{};
  RequestWriter writer(buffer);
  writer.text(wire::kTagImage, std::string(100, 'i'));
  writer.number(wire::kTagFlags, 1);
  EXPECT_EQ(writer.finish(), 0U);
}

}  // namespace
}  // namespace sifguard
