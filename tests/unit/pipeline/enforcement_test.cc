// Which steps a node lets run without an image.
#include "helper/pipeline/enforcement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sifguard {
namespace {

using testing::HasSubstr;

Request step(const std::string& image = "") {
  Request request;
  request.job = 4242424;  // no such job here
  request.uid = 65534;
  request.image = image;
  return request;
}

Config config(const std::string& enforce) {
  auto parsed = parse_config("squeue: /bin/false\nenforce: " + enforce + "\n");
  EXPECT_TRUE(parsed) << parsed.error().line();
  return *parsed;
}

TEST(Enforcement, RequestedEnforcesNothing) {
  const auto found = find_enforcement(config("requested"), step());
  ASSERT_TRUE(found) << found.error().line();
  EXPECT_FALSE(found->enforced);
  EXPECT_TRUE(check_enforcement(*found, step()));
}

TEST(Enforcement, AlwaysWantsAnImage) {
  const auto found = find_enforcement(config("always"), step());
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->enforced);
  EXPECT_TRUE(check_enforcement(*found, step("/x.sif")));
  const auto refused = check_enforcement(*found, step());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Code::denied);
  EXPECT_THAT(refused.error().line(), HasSubstr("this node runs verified images only; add --sif"));
}

TEST(Enforcement, AnUnknownPartitionIsEnforced) {
  const auto found = find_enforcement(config("{partitions: [secure]}"), step());
  ASSERT_TRUE(found) << found.error().line();
  EXPECT_TRUE(found->enforced);
  EXPECT_FALSE(check_enforcement(*found, step()));
}

}  // namespace
}  // namespace sifguard
