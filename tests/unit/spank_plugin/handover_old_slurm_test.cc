// Handing a task to the launcher on Slurm before 23.11: by becoming it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/unit/spank_plugin/fake_spank.h"
#include "tests/unit/spank_plugin/helpers.h"
#include "tests/unit/spank_plugin/in_task.h"

namespace sifguard {
namespace {

using fake::slurm;
using test::run_task;
using testing::HasSubstr;

class OldSlurm : public test::RootScratch {
 protected:
  void SetUp() override {
    RootScratch::SetUp();
    fake::start(S_CTX_REMOTE, {"helper=" + helper("allow")});
    fake::give("sif-verify", "/x.sif");
  }
};

TEST_F(OldSlurm, BecomesTheLauncherWithTheTasksCommandAndEnvironment) {
  const auto ending = run_task();
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(ending.out, "launched: cowsay hi there\njob variable: 1\n");
}

TEST_F(OldSlurm, RefusesMultiProg) {
  slurm().argv = {"multi.conf", "0 hostname\n1-3 date\n"};
  const auto ending = run_task();
  EXPECT_EQ(ending.status, 64);
  EXPECT_THAT(ending.err, HasSubstr("--multi-prog"));
}

TEST_F(OldSlurm, RefusesWithoutACommand) {
  slurm().argv = {};
  EXPECT_EQ(run_task().status, 70);
}

TEST_F(OldSlurm, RefusesWithoutAnEnvironment) {
  slurm().unavailable = {S_JOB_ENV};
  EXPECT_EQ(run_task().status, 70);
}

TEST_F(OldSlurm, RefusalsEndTheTaskAsElsewhere) {
  fake::start(S_CTX_REMOTE, {"helper=" + helper("refuse")});
  fake::give("sif-verify", "/x.sif");
  const auto ending = run_task();
  EXPECT_EQ(ending.status, 77);
  EXPECT_EQ(ending.err, "sifguard: user may not\n");
}

}  // namespace
}  // namespace sifguard
