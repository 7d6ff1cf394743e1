// Steps on nodes that enforce images: when the helper is asked, and what becomes of the tasks.
#include "spank_plugin/enforcement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "helper/request/request.h"
#include "tests/unit/spank_plugin/fake_spank.h"
#include "tests/unit/spank_plugin/helpers.h"
#include "tests/unit/spank_plugin/in_task.h"

namespace sifguard {
namespace {

using fake::give;
using fake::slurm;
using fake::start;
using test::kWentOn;
using test::run_task;
using testing::HasSubstr;
using testing::StartsWith;

bool may(const std::string& text) {
  return may_enforce(text.data(), text.size());
}

TEST(MayEnforce, SeesTheWordOutsideComments) {
  for (const char* text :
       {"enforce: always", "version: 1\nenforce: {partitions: [a]}\n", "  enforce: requested",
        "{version: 1, enforce: always}", "a: b # c\rsecond\renforce: x", "\"enforce\": always",
        "# comment\n\"\\x65nforce\": always", "x: 1\nenforce", "key: 'enforce'"}) {
    EXPECT_TRUE(may(text)) << text;
  }
}

TEST(MayEnforce, SeesNoneInCommentsAndElsewhere) {
  for (const char* text : {"", "\n\n", "#enforce: always", "version: 1\n  # enforce: always\n",
                           "\t#enforce", "runtime: /usr/bin/apptainer\n", "enforc\ne: always"}) {
    EXPECT_FALSE(may(text)) << text;
  }
}

class Enforced : public test::Scratch {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root to make a mount namespace";
  }
  /// A step on a node with this configuration; its helper behaves as `mode`.
  void step_on(const std::string& config, const std::string& mode) {
    std::ofstream(file("config")) << config;
    start(S_CTX_REMOTE, {"helper=" + helper(mode), "config=" + file("config")});
  }
  [[nodiscard]] std::string asked() const { return content(file("config.verbs")); }
};

TEST_F(Enforced, NobodyIsAskedWhereNothingSaysEnforce) {
  step_on("version: 1\n#enforce: always\n", "refuse");
  const auto ending = run_task();
  EXPECT_EQ(ending.status, kWentOn);
  EXPECT_EQ(ending.out, "argv:\ncalls: 0\n") << "not even Slurm";
  EXPECT_EQ(asked(), "");
}

TEST_F(Enforced, WithoutAConfigurationNobodyIsAsked) {
  start(S_CTX_REMOTE, {"helper=" + helper("refuse"), "config=" + file("none")});
  EXPECT_EQ(run_task().status, kWentOn);
}

TEST_F(Enforced, AStepThatIsNotEnforcedIsLeftAlone) {
  step_on("enforce: {partitions: [other]}\n", "allow");
  const auto ending = run_task();
  EXPECT_EQ(ending.status, kWentOn);
  EXPECT_THAT(ending.out, StartsWith("argv:\n"));
  EXPECT_EQ(asked(), "enforced ");
}

TEST_F(Enforced, ARefusalEndsTheTask) {
  step_on("enforce: always\n", "refuse");
  const auto ending = run_task();
  EXPECT_EQ(ending.status, 77);
  EXPECT_EQ(ending.err, "sifguard: user may not\n");
  EXPECT_EQ(asked(), "enforced ");
}

TEST_F(Enforced, TroubleRefuses) {
  for (const char* mode : {"crash", "fail", "silent", "short", "garbage", "allow-and-fail"}) {
    step_on("enforce: always\n", mode);
    EXPECT_EQ(run_task().status, 70) << mode;
  }
  std::ofstream(file("config")) << "enforce: always\n";
  start(S_CTX_REMOTE, {"helper=/nonexistent", "config=" + file("config")});
  EXPECT_EQ(run_task().status, 78);
  step_on("enforce: always\n", "allow");
  slurm().unavailable = {S_JOB_UID};
  EXPECT_EQ(run_task().status, 70);
}

TEST_F(Enforced, AFileTooLongToLookAtIsAReasonToAsk) {
  step_on(std::string(70000, '#'), "refuse");
  EXPECT_EQ(run_task().status, 77);
}

TEST_F(Enforced, TheExternStepIsNot) {
  step_on("enforce: always\n", "refuse");
  slurm().step = SLURM_EXTERN_CONT;
  EXPECT_EQ(run_task().status, kWentOn);
  EXPECT_EQ(asked(), "");
}

TEST_F(Enforced, TheLauncherIsExecutedAtOnce) {
  step_on("enforce: always\n", "enforced");
  give("sif-verify", "/x.sif");
  const auto ending = run_task();
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(ending.out, "launched: cowsay hi there\njob variable: 1\n");
  EXPECT_EQ(asked(), "enforced task ");
}

TEST_F(Enforced, NotWhereProgramsCannotBeForbidden) {
  step_on("enforce: always\n", "enforced");
  give("sif-verify", "/x.sif");
  const auto ending = run_task([] {}, false);  // the hook between ran in another process
  EXPECT_EQ(ending.status, 78);
  EXPECT_THAT(ending.err, HasSubstr("contain_spank"));
}

TEST_F(Enforced, MultiProgIsRefusedAndNothingLikeIt) {
  const auto status_of = [&](const std::vector<std::string>& argv) {
    step_on("enforce: always\n", "enforced");
    give("sif-verify", "/x.sif");
    slurm().argv = argv;
    return run_task().status;
  };
  EXPECT_EQ(status_of({"conf", "0 hostname\n1-3 date\n"}), 64);
  EXPECT_EQ(status_of({"conf", "# comment\n\n  * date\n"}), 64);
  EXPECT_EQ(status_of({"printf", "two\nlines"}), 0);
  EXPECT_EQ(status_of({"sh", "-c", "0 a\n1 b"}), 0);
}

}  // namespace
}  // namespace sifguard
