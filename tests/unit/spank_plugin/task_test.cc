// A task's whole way through the plugin, up to the launcher or its end.
#include "spank_plugin/task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

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
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::string own_namespace() {
  return std::filesystem::read_symlink("/proc/self/ns/mnt");
}

class Task : public test::RootScratch {
 protected:
  /// A step that asks for an image, on a node whose helper behaves as `mode`.
  void ask_of(const std::string& mode) {
    start(S_CTX_REMOTE, {"helper=" + helper(mode), "config=" + report()});
    give("sif-verify", "/apps/x.sif");
  }
  [[nodiscard]] std::string report() const { return file("report"); }
  [[nodiscard]] bool helper_ran() const { return std::filesystem::exists(report()); }
};

TEST_F(Task, GoesOnBehindTheLauncher) {
  ask_of("allow");
  const auto ending = run_task();
  EXPECT_EQ(ending.status, kWentOn) << ending.err;
  EXPECT_THAT(ending.out, StartsWith("argv: /"));
  EXPECT_THAT(ending.out, HasSubstr("/libexec/sifguard-launch\n"));
  EXPECT_EQ(ending.err, "");
}

TEST_F(Task, HelperRunsInANamespaceOfTheTask) {
  ask_of("allow");
  const auto ending = run_task([] {
    const std::string line = own_namespace();
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) ::_exit(90);
  });
  const std::string task_namespace = ending.out.substr(0, ending.out.find("argv:"));
  EXPECT_NE(task_namespace, own_namespace());
  EXPECT_THAT(content(report()), HasSubstr("namespace=" + task_namespace));
}

TEST_F(Task, MountsInsideStayInside) {
  ask_of("allow");
  const std::string inside = file("mounted");
  std::filesystem::create_directory(inside);
  run_task([&] {
    const std::string command = "mount -t tmpfs none " + inside + " && touch " + inside + "/x";
    if (::system(command.c_str()) != 0) ::_exit(91);
  });
  EXPECT_TRUE(std::filesystem::is_empty(inside));
}

TEST_F(Task, AsksForWhatTheJobIs) {
  ask_of("allow");
  give("sif-bind", "/a,/b:/c");
  run_task();
  const auto request = decode_request(content(report() + ".request"));
  ASSERT_TRUE(request.has_value()) << request.error().line();
  EXPECT_EQ(request->image, "/apps/x.sif");
  EXPECT_EQ(request->cwd, std::filesystem::current_path());
  EXPECT_EQ(request->binds.size(), 2U);
  char node[256] = "";
  ::gethostname(node, sizeof node);
  EXPECT_EQ(request->node, node);
}

TEST_F(Task, TakesTheStepsDirectoryWhenItsOwnIsLost) {
  ask_of("allow");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path("/usr");  // slurmstepd's, in user_init
  EXPECT_EQ(slurm_spank_user_init(fake::handle(), 0, nullptr), 0);
  std::filesystem::current_path("/");  // the task's, after Slurm joined the job's namespace
  run_task();
  std::filesystem::current_path(before);
  const auto request = decode_request(content(report() + ".request"));
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->cwd, "/usr");
}

TEST_F(Task, IsInertWhenNothingIsAsked) {
  start(S_CTX_REMOTE, {"helper=" + helper("allow"), "config=" + report()});
  give("sif-quiet", "");
  EXPECT_EQ(slurm_spank_user_init(fake::handle(), 0, nullptr), 0);
  const std::string outside = own_namespace();
  const auto ending = run_task([&] {
    if (own_namespace() != outside) ::_exit(92);
  });
  EXPECT_EQ(ending.status, kWentOn);
  EXPECT_EQ(ending.out, "argv:\ncalls: 0\n");
  EXPECT_EQ(ending.err, "");
  EXPECT_FALSE(helper_ran());
}

TEST_F(Task, IsInertInTheExternStep) {
  ask_of("refuse");
  slurm().step = SLURM_EXTERN_CONT;
  const auto ending = run_task();
  EXPECT_EQ(ending.status, kWentOn);
  EXPECT_THAT(ending.out, StartsWith("argv:\n"));
  EXPECT_FALSE(helper_ran());
}

TEST_F(Task, EndsWithTheRefusalsStatusAndLine) {
  ask_of("refuse");
  const auto ending = run_task();
  EXPECT_EQ(ending.status, 77);
  EXPECT_EQ(ending.out, "");
  EXPECT_EQ(ending.err, "sifguard: user may not\n");
}

TEST_F(Task, OnlyTheFirstTaskOfTheNodeSpeaks) {
  ask_of("refuse");
  slurm().local_task = 1;
  const auto ending = run_task();
  EXPECT_EQ(ending.status, 77);
  EXPECT_EQ(ending.err, "");
}

TEST_F(Task, SaysNothingBeforeItHasItsStdio) {
  ask_of("refuse");
  const auto ending = run_task([] {
    constexpr char kMark[] = "|";
    if (::write(STDERR_FILENO, kMark, 1) < 0) ::_exit(93);
  });
  EXPECT_EQ(ending.err, "|sifguard: user may not\n");
}

TEST_F(Task, PrintsOneLineWithoutControlCharacters) {
  ask_of("raw-newline");
  EXPECT_EQ(run_task().err, "sifguard: first?[1m\n");
}

TEST_F(Task, ShowsANoticeUnlessQuiet) {
  ask_of("notice");
  auto ending = run_task();
  EXPECT_EQ(ending.status, kWentOn);
  EXPECT_EQ(ending.err, "sifguard: image 'x' is not encrypted\n");
  slurm().local_task = 2;
  EXPECT_EQ(run_task().err, "");
  ask_of("notice");
  give("sif-quiet", "");
  ending = run_task();
  EXPECT_EQ(ending.status, kWentOn);
  EXPECT_EQ(ending.err, "");
}

TEST_F(Task, RefusesABadOptionWithoutStartingAnything) {
  ask_of("allow");
  give("sif-verify", "/a\nb");
  const std::string outside = own_namespace();
  const auto ending = run_task([&] {
    if (own_namespace() != outside) ::_exit(92);
  });
  EXPECT_EQ(ending.status, 64);
  EXPECT_THAT(ending.err, StartsWith("sifguard: --sif-verify: "));
  EXPECT_FALSE(helper_ran());
}

TEST_F(Task, RefusesOnANodeWithBadPluginArguments) {
  start(S_CTX_REMOTE, {"helper=" + helper("allow"), "unknown=1"});
  give("sif-verify", "/x.sif");
  EXPECT_EQ(run_task().status, 78);
}

TEST_F(Task, RefusesWhenTheHelperMisbehaves) {
  for (const char* mode : {"crash", "fail", "silent", "short", "garbage", "allow-and-fail"}) {
    ask_of(mode);
    const auto ending = run_task();
    EXPECT_EQ(ending.status, 70) << mode;
    EXPECT_THAT(ending.err, StartsWith("sifguard: helper "));
  }
}

TEST_F(Task, RefusesWithoutAHelper) {
  start(S_CTX_REMOTE, {"helper=/nonexistent/helper"});
  give("sif-verify", "/x.sif");
  const auto ending = run_task();
  EXPECT_EQ(ending.status, 78);
  EXPECT_THAT(ending.err, HasSubstr("/nonexistent/helper"));
}

TEST_F(Task, RefusesWithoutAFactOfSlurms) {
  ask_of("allow");
  slurm().unavailable = {S_JOB_SUPPLEMENTARY_GIDS};
  const auto ending = run_task();
  EXPECT_EQ(ending.status, 70);
  EXPECT_EQ(ending.err, "sifguard: Slurm does not tell the job's groups\n");
  EXPECT_FALSE(helper_ran());
}

TEST_F(Task, RefusesInAnOciContainer) {
  ask_of("allow");
  slurm().environment = {"SLURM_CONTAINER=/bundle"};
  const auto ending = run_task();
  EXPECT_EQ(ending.status, 64);
  EXPECT_THAT(ending.err, HasSubstr("--container"));
  EXPECT_FALSE(helper_ran());
}

TEST_F(Task, RefusesWhenTheNamespaceWasChangedMeanwhile) {
  ask_of("allow");
  const auto ending = run_task([] {
    if (::unshare(CLONE_NEWNS) != 0) ::_exit(94);
  });
  EXPECT_EQ(ending.status, 70);
  EXPECT_THAT(ending.err, HasSubstr("another plugin moved the task"));
}

TEST_F(Task, RefusesWhenItWasNeverPrepared) {
  ask_of("allow");
  slurm().step = SLURM_EXTERN_CONT;  // the first hook passes by
  const auto ending = run_task([] { slurm().step = 0; });
  EXPECT_EQ(ending.status, 70);
  EXPECT_THAT(ending.err, HasSubstr("not prepared"));
}

TEST_F(Task, RefusesWithoutRoot) {
  start(S_CTX_REMOTE, {"helper=" + helper("allow")});
  give("sif-verify", "/apps/x.sif");
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(95);
    ::_exit(run_task().status);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 70);
  EXPECT_FALSE(helper_ran());
}

}  // namespace
}  // namespace sifguard
