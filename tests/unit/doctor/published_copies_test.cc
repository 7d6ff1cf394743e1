// Which published images were made from what: directly, through one another, and still bound.
#include "keystore/doctor/published_copies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sifguard {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

PublishedRecord record(std::string name, std::string digest, std::string source) {
  PublishedRecord made;
  made.name = std::move(name);
  made.digest = std::move(digest);
  made.source_digest = std::move(source);
  return made;
}

Policy bound(const std::vector<std::pair<std::string, std::string>>& bindings) {
  Policy policy;
  for (const auto& [name, digest] : bindings) {
    Binding binding;
    binding.name = name;
    binding.digest = digest;
    policy.bindings.push_back(binding);
  }
  return policy;
}

std::vector<std::string> of(const std::vector<PublishedRecord>& all, const Policy& policy,
                            const std::string& source) {
  std::vector<std::string> names;
  for (const PublishedRecord& one : published_copies(
           all, policy, [&](const PublishedRecord& r) { return r.source_digest == source; })) {
    names.push_back(one.name);
  }
  return names;
}

// c comes before b, which it was made from.
const std::vector<PublishedRecord> kAll = {record("c", "3", "2"), record("a", "1", "0"),
                                           record("b", "2", "1"), record("x", "8", "9")};

TEST(PublishedCopiesTest, FollowsWhatWasPublishedFromPublishedOnes) {
  const Policy policy = bound(
      {{"published-a", "1"}, {"published-b", "2"}, {"published-c", "3"}, {"published-x", "8"}});
  EXPECT_THAT(of(kAll, policy, "0"), ElementsAre("c", "a", "b"));
  EXPECT_THAT(of(kAll, policy, "2"), ElementsAre("c"));
  EXPECT_THAT(of(kAll, policy, "9"), ElementsAre("x"));
  EXPECT_THAT(of(kAll, policy, "7"), IsEmpty());
}

TEST(PublishedCopiesTest, LeavesOutWhatNoBindingLetsRun) {
  EXPECT_THAT(of(kAll, bound({{"published-c", "3"}, {"published-b", "other"}, {"a", "1"}}), "0"),
              ElementsAre("c"));
  EXPECT_THAT(of(kAll, bound({}), "0"), IsEmpty());
}

TEST(PublishedCopiesTest, ACircleEnds) {
  const std::vector<PublishedRecord> circle = {record("a", "1", "2"), record("b", "2", "1")};
  EXPECT_THAT(of(circle, bound({{"published-a", "1"}, {"published-b", "2"}}), "1"),
              ElementsAre("a", "b"));
}

}  // namespace
}  // namespace sifguard
