// Limits that Slurm propagates, set by us where Slurm does not get to it.
#include "spank_plugin/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace sifguard {
namespace {

using testing::ElementsAre;

std::vector<std::string> propagate(std::vector<std::string> variables) {
  std::vector<char*> list;
  for (std::string& variable : variables) list.push_back(variable.data());
  list.push_back(nullptr);
  char** const kept = propagate_limits(list.data());
  std::vector<std::string> left;
  for (char** variable = kept; *variable != nullptr; ++variable) left.emplace_back(*variable);
  std::free(kept);
  return left;
}

class Limits : public testing::Test {
 protected:
  Limits() { ::getrlimit(RLIMIT_CORE, &before_); }
  ~Limits() override { ::setrlimit(RLIMIT_CORE, &before_); }
  static rlim_t soft() {
    struct rlimit limit {};
    ::getrlimit(RLIMIT_CORE, &limit);
    return limit.rlim_cur;
  }
  static void set(rlim_t cur, rlim_t max) {
    const struct rlimit limit { cur, max };
    ::setrlimit(RLIMIT_CORE, &limit);
  }
  struct rlimit before_ {};
};

TEST_F(Limits, AreSetAndLeaveTheEnvironment) {
  set(0, before_.rlim_max);
  EXPECT_THAT(propagate({"A=1", "SLURM_RLIMIT_CORE=4096", "B=2"}), ElementsAre("A=1", "B=2"));
  EXPECT_EQ(soft(), std::min<rlim_t>(4096, before_.rlim_max));
  EXPECT_THAT(propagate({"SLURM_RLIMIT_CORE=U1024"}), ElementsAre());
  EXPECT_EQ(soft(), std::min<rlim_t>(1024, before_.rlim_max));
}

TEST_F(Limits, NeverPassTheHardOne) {
  set(0, 8192);
  propagate({"SLURM_RLIMIT_CORE=18446744073709551615"});
  EXPECT_EQ(soft(), 8192U);
}

TEST_F(Limits, NonsenseChangesNothing) {
  set(512, before_.rlim_max);
  for (const char* value : {"", "U", "x", "12x", "99999999999999999999999", "UU1"}) {
    propagate({std::string("SLURM_RLIMIT_CORE=") + value});
    EXPECT_EQ(soft(), 512U) << value;
  }
  EXPECT_THAT(propagate({"SLURM_RLIMIT_NONE=1", "SLURM_RLIMIT_CORES=1", "SLURM_RLIMIT_CORE"}),
              ElementsAre("SLURM_RLIMIT_NONE=1", "SLURM_RLIMIT_CORES=1", "SLURM_RLIMIT_CORE"));
}

}  // namespace
}  // namespace sifguard
