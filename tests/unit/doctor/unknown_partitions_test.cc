// Partitions that Slurm does not have, from what sinfo says.
#include "keystore/doctor/unknown_partitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sifguard {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(UnknownPartitions, AreThoseThatNoLineNames) {
  const std::string answer = "main\nsecure  \ngpu\n";
  EXPECT_THAT(unknown_partitions(answer, {"secure", "gpu"}), IsEmpty());
  EXPECT_THAT(unknown_partitions(answer, {"secrue", "gpu", "mai"}), ElementsAre("secrue", "mai"));
  EXPECT_THAT(unknown_partitions(answer, {"Secure"}), ElementsAre("Secure"));
  EXPECT_THAT(unknown_partitions("", {"secure"}), ElementsAre("secure"));
  EXPECT_THAT(unknown_partitions("main", {"main"}), IsEmpty());
}

}  // namespace
}  // namespace sifguard
