// Nodes that partitions share, from what sinfo says.
#include "keystore/doctor/shared_nodes.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

std::string found(const std::string& answer, const std::vector<std::string>& enforced) {
  std::string text;
  for (const SharedNode& node : shared_nodes(answer, enforced)) {
    text += node.node + ":" + node.enforced + "+" + node.other + " ";
  }
  return text;
}

TEST(SharedNodes, AreThoseOfBothKinds) {
  const std::string answer = "n2 main\nn1 main\nn1 secure\nn3 secure\nn4 vault\nn4 secure\n";
  EXPECT_EQ(found(answer, {"secure", "vault"}), "n1:secure+main ");
  EXPECT_EQ(found(answer, {"secure"}), "n1:secure+main n4:secure+vault ");
  EXPECT_EQ(found(answer, {"nowhere"}), "");
  EXPECT_EQ(found(answer, {"main", "secure", "vault"}), "");
}

TEST(SharedNodes, OtherLinesCountForNothing) {
  EXPECT_EQ(found("", {"secure"}), "");
  EXPECT_EQ(found("n1 secure x\nn1 main\nn1\n\n secure\n", {"secure"}), "");
}

}  // namespace
}  // namespace sifguard
