// The program itself, in a mount namespace of its own where /run/sifguard/job holds a plan. Needs
// root (as the tests of a mount namespace do); without it the tests say that they were skipped.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <functional>
#include <string>

#include "helper/launch/plan.h"

namespace sifguard {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Outcome {
  int status = -1;
  std::string output;  ///< stdout and stderr together
};

void write_file(const std::string& path, const std::string& text, mode_t mode) {
  std::ofstream(path) << text;
  ::chmod(path.c_str(), mode);
}

/// Runs the launcher as uid 65534 with `environment`; `prepare` lays out /run/sifguard/job first.
Outcome run_launcher(const std::function<void()>& prepare, std::vector<std::string> arguments,
                     std::vector<std::string> environment = {}) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    const bool own = ::unshare(CLONE_NEWNS) == 0 &&
                     ::mount("", "/", nullptr, MS_SLAVE | MS_REC, nullptr) == 0 &&
                     ::mount("tmpfs", "/run", "tmpfs", 0, "mode=0755") == 0 &&
                     ::mkdir("/run/sifguard", 0755) == 0 && ::mkdir(kJobDirectory, 0755) == 0;
    if (!own) ::_exit(99);
    prepare();
    // The build directory may be closed to others.
    const int program = ::open(SIFGUARD_BIN "/sifguard-launch", O_PATH | O_CLOEXEC);
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(98);
    arguments.insert(arguments.begin(), "sifguard-launch");
    std::vector<char*> argv, envp;
    for (std::string& text : arguments) argv.push_back(text.data());
    for (std::string& text : environment) envp.push_back(text.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    ::fexecve(program, argv.data(), envp.data());
    ::_exit(97);
  }
  ::close(ends[1]);
  Outcome outcome;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = ::read(ends[0], buffer.data(), buffer.size())) > 0;) {
    outcome.output.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  return outcome;
}

class Launcher : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root to make a mount namespace";
  }
};

std::function<void()> plan_of(const LaunchPlan& plan, mode_t mode = 0444, uid_t owner = 0) {
  return [=] {
    write_file(kPlanPath, format_plan(plan), mode);
    if (::chown(kPlanPath, owner, 0) != 0) ::_exit(96);
  };
}

LaunchPlan shell(const std::string& script) {
  return {"/bin/sh", {"-c", script, "image"}, {"FROM_PLAN=yes"}};
}

TEST_F(Launcher, PutsTheTasksCommandBehindThePlans) {
  const auto outcome = run_launcher(plan_of(shell(R"(printf '[%s]' "$@")")), {"cowsay", "a b", ""});
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_EQ(outcome.output, "[cowsay][a b][]");
}

TEST_F(Launcher, PassesTheExitStatusOn) {
  EXPECT_EQ(run_launcher(plan_of(shell("exit 37")), {"x"}).status, 37);
}

TEST_F(Launcher, FiltersTheEnvironment) {
  const auto outcome =
      run_launcher(plan_of({"/usr/bin/env", {"-u", "_"}, {"FROM_PLAN=yes"}}), {"env"},
                   {"LD_PRELOAD=/nonexistent.so", "APPTAINER_BIND=/", "KEPT=1", "PATH=/home/x",
                    "TMPDIR=/tmp", "FROM_PLAN=no"});
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("KEPT=1\n"));
  EXPECT_THAT(outcome.output, HasSubstr("FROM_PLAN=yes\n"));
  EXPECT_THAT(outcome.output, HasSubstr("TMPDIR=/tmp\n"));
  EXPECT_THAT(outcome.output, HasSubstr("PATH=/usr/local/sbin:"));
  EXPECT_THAT(outcome.output, Not(HasSubstr("LD_PRELOAD=")));
  EXPECT_THAT(outcome.output, Not(HasSubstr("APPTAINER_BIND")));
}

TEST_F(Launcher, DropsATmpdirThatOthersOwn) {
  for (const char* value : {"TMPDIR=tmp", "TMPDIR=/root", "TMPDIR=/etc/passwd", "TMPDIR=/none"}) {
    const auto outcome = run_launcher(plan_of({"/usr/bin/env", {"-u", "_"}, {}}), {"env"}, {value});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_THAT(outcome.output, Not(HasSubstr("TMPDIR"))) << value;
  }
}

TEST_F(Launcher, LeavesOnlyThePmiDescriptorOpen) {
  const auto prepare = [] {
    plan_of(shell("ls /proc/self/fd | tr '\\n' ' '"))();
    ::dup2(STDERR_FILENO, 50);
    ::dup2(STDERR_FILENO, 51);
  };
  EXPECT_THAT(run_launcher(prepare, {"x"}).output, Not(HasSubstr("5")));
  const auto outcome = run_launcher(prepare, {"x"}, {"PMI_FD=51"});
  EXPECT_THAT(outcome.output, HasSubstr("51"));
  EXPECT_THAT(outcome.output, Not(HasSubstr("50")));
}

TEST_F(Launcher, BindsADirectoryOfSlurmsBeforeTheImage) {
  LaunchPlan plan = {"/usr/bin/printf", {"[%s]", "exec", "image"}, {}};
  plan.shown = {"PMIX_SERVER_TMPDIR=pmix.1.0"};
  const auto prepare = [&] {
    plan_of(plan)();
    for (const char* name : {"/run/pmix.1.0", "/run/pmix.2.0"}) {
      if (::mkdir(name, 0700) != 0 || ::chown(name, 65534, 0) != 0) ::_exit(95);
    }
  };
  EXPECT_EQ(run_launcher(prepare, {"x"}, {"PMIX_SERVER_TMPDIR=/run/pmix.1.0/"}).output,
            "[exec][--mount][type=bind,source=/run/pmix.1.0,destination=/run/pmix.1.0][image][x]");
  EXPECT_EQ(run_launcher(prepare, {"x"}, {"PMIX_SERVER_TMPDIR=/run/pmix.2.0/"}).output,
            "[exec][image][x]");
  EXPECT_EQ(run_launcher(prepare, {"x"}).output, "[exec][image][x]");
}

TEST_F(Launcher, BindsTheDirectoryOfPmixsClients) {
  LaunchPlan plan = {"/usr/bin/printf", {"[%s]", "exec", "image"}, {}};
  plan.shown_below = {"SLURM_PMIX_TMPDIR=/run/tmp/app.1"};
  const auto prepare = [&] {
    plan_of(plan)();
    for (const char* name : {"/run/tmp", "/run/other", "/run/open"}) {
      if (::mkdir(name, 0755) != 0 || ::chmod(name, 01777) != 0) ::_exit(95);
      const std::string own = std::string(name) + "/app.1";
      if (::mkdir(own.c_str(), 0700) != 0 || ::chown(own.c_str(), 65534, 0) != 0) ::_exit(94);
    }
    if (::chmod("/run/open", 0777) != 0) ::_exit(93);
  };
  EXPECT_EQ(
      run_launcher(prepare, {"x"}).output,
      "[exec][--mount][type=bind,source=/run/tmp/app.1,destination=/run/tmp/app.1][image][x]");
  EXPECT_EQ(run_launcher(prepare, {"x"}, {"SLURM_PMIX_TMPDIR=/run/other"}).output,
            "[exec][--mount][type=bind,source=/run/other/app.1,destination=/run/other/app.1][image]"
            "[x]");
  // What is not there, or not safe from others, is not shown; the launch goes on.
  for (const char* base :
       {"/run/none", "/run/open", "run/tmp", "/run/tmp/..", "", "/run/tmp,/etc"}) {
    EXPECT_EQ(run_launcher(prepare, {"x"}, {std::string("SLURM_PMIX_TMPDIR=") + base}).output,
              "[exec][image][x]")
        << base;
  }
  plan.shown_below = {"SLURM_PMIX_TMPDIR=nowhere"};
  EXPECT_EQ(run_launcher(prepare, {"x"}).output, "[exec][image][x]");
}

TEST_F(Launcher, AHyphenForACommandIsNone) {
  const LaunchPlan plan = shell(R"(printf '[%s]' "$#" "$@")");
  EXPECT_EQ(run_launcher(plan_of(plan), {"-"}).output, "[0]");
  EXPECT_EQ(run_launcher(plan_of(plan), {"-", "-", "x"}).output, "[2][-][x]");
  EXPECT_EQ(run_launcher(plan_of(plan), {"--"}).output, "[1][--]");
  EXPECT_EQ(run_launcher(plan_of(plan), {"x", "-"}).output, "[2][x][-]");
}

TEST_F(Launcher, RunsNoImageThatNamesNoCommand) {
  LaunchPlan plan = shell("echo ran");
  plan.start = ".";
  plan.command = ImageCommand{};
  const auto outcome = run_launcher(plan_of(plan), {"-"});
  EXPECT_EQ(outcome.status, 64);
  EXPECT_EQ(outcome.output,
            "sifguard: the image says of no command that it is to be run; name one, or leave "
            "--sif-action=run out\n");
}

TEST_F(Launcher, SaysWhatABindLacksBeforeTheRuntimeDoes) {
  LaunchPlan plan = shell("echo ran");
  plan.asked_sources = {"/", "/nonexistent/data"};
  auto outcome = run_launcher(plan_of(plan), {"x"});
  EXPECT_EQ(outcome.status, 66);
  EXPECT_EQ(outcome.output,
            "sifguard: nothing to bind at /nonexistent/data on this node: No such file or "
            "directory; correct --sif-bind\n");
  plan.asked_sources = {"/root/x"};  // not for these eyes
  outcome = run_launcher(plan_of(plan), {"x"});
  EXPECT_EQ(outcome.status, 66);
  EXPECT_THAT(outcome.output, HasSubstr("/root/x on this node: Permission denied"));
  plan.asked_sources.clear();
  plan.site_sources = {"/nonexistent/keys"};
  outcome = run_launcher(plan_of(plan), {"x"});
  EXPECT_EQ(outcome.status, 78);
  EXPECT_THAT(outcome.output, HasSubstr("tell your administrator"));
  plan.site_sources = {"/etc"};
  EXPECT_EQ(run_launcher(plan_of(plan), {"x"}).output, "ran\n");
}

TEST_F(Launcher, RefusesWithoutACommand) {
  const auto outcome = run_launcher(plan_of(shell("echo ran")), {});
  EXPECT_EQ(outcome.status, 70);
  EXPECT_THAT(outcome.output, StartsWith("sifguard: no command"));
}

TEST_F(Launcher, RefusesWithoutAPlan) {
  const auto outcome = run_launcher([] {}, {"x"});
  EXPECT_EQ(outcome.status, 78);
  EXPECT_THAT(outcome.output, StartsWith("sifguard: cannot open /run/sifguard/job/plan"));
}

TEST_F(Launcher, RefusesAPlanThatOthersCouldHaveWritten) {
  EXPECT_EQ(run_launcher(plan_of(shell("echo ran"), 0444, 65534), {"x"}).status, 78);
  EXPECT_EQ(run_launcher(plan_of(shell("echo ran"), 0464), {"x"}).status, 78);
  EXPECT_EQ(run_launcher(plan_of(shell("echo ran"), 0446), {"x"}).status, 78);
}

TEST_F(Launcher, RefusesAPlanThatIsNotAFile) {
  const auto link = [] {
    write_file("/run/sifguard/job/other", format_plan(shell("echo ran")), 0444);
    if (::symlink("/run/sifguard/job/other", kPlanPath) != 0) ::_exit(95);
  };
  EXPECT_EQ(run_launcher(link, {"x"}).status, 78);
  EXPECT_EQ(run_launcher([] { ::mkfifo(kPlanPath, 0444); }, {"x"}).status, 78);
  EXPECT_EQ(run_launcher([] { ::mkdir(kPlanPath, 0755); }, {"x"}).status, 78);
}

TEST_F(Launcher, RefusesAMalformedPlan) {
  const auto outcome = run_launcher([] { write_file(kPlanPath, "x", 0444); }, {"x"});
  EXPECT_EQ(outcome.status, 78);
  EXPECT_THAT(outcome.output, StartsWith("sifguard: launch plan"));
  EXPECT_EQ(outcome.output.find('\n'), outcome.output.size() - 1) << "more than one line";
  const auto huge =
      run_launcher([] { write_file(kPlanPath, std::string(kMaxPlan + 1, 'x'), 0444); }, {"x"});
  EXPECT_EQ(huge.status, 78);
}

TEST_F(Launcher, SaysThatTheRuntimeIsMissing) {
  const auto outcome = run_launcher(plan_of({"/nonexistent/apptainer", {"exec"}, {}}), {"x"});
  EXPECT_EQ(outcome.status, 69);
  EXPECT_THAT(outcome.output, HasSubstr("/nonexistent/apptainer"));
}

}  // namespace
}  // namespace sifguard
