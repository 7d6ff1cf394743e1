// Talking to helpers of every kind of behaviour; only a whole, proper permission counts.
#include "spank_plugin/helper_client.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <vector>

#include "tests/unit/spank_plugin/helpers.h"

namespace sifguard {
namespace {

using testing::HasSubstr;

class HelperClient : public test::Scratch {
 protected:
  wire::Answer ask(const std::string& helper, const char* config = nullptr, int deadline_ms = 20000,
                   const std::string& request = "request") {
    wire::Answer answer{};
    ask_helper(
        {helper.c_str(), config, nullptr, {request.data(), request.size()}, deadline_ms, "task"},
        answer);
    EXPECT_TRUE(wire::answer_is_valid(answer));
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child was left";
    EXPECT_EQ(errno, ECHILD);
    return answer;
  }
};

TEST_F(HelperClient, BelievesAPermission) {
  const wire::Answer answer = ask(helper("allow"));
  EXPECT_EQ(answer.exit_status, 0) << answer.message;
  EXPECT_STREQ(answer.message, "");
}

TEST_F(HelperClient, PassesARefusalOn) {
  for (const char* mode : {"refuse", "refuse-and-fail"}) {
    const wire::Answer answer = ask(helper(mode));
    EXPECT_EQ(answer.exit_status, 77) << mode;
    EXPECT_STREQ(answer.message, "user may not");
  }
}

std::vector<std::string> g_slow;

TEST_F(HelperClient, TellsOnceWhatTakesLongerThanTwoSeconds) {
  g_slow.clear();
  wire::Answer answer{};
  const std::string program = helper("slow");
  ask_helper({program.c_str(),
              nullptr,
              nullptr,
              {"request", 7},
              20000,
              "task",
              [](const char* what) noexcept { g_slow.emplace_back(what); }},
             answer);
  EXPECT_EQ(answer.exit_status, 0) << answer.message;
  EXPECT_THAT(g_slow, testing::ElementsAre("node1: copying x (1.0 GiB)"));
  EXPECT_EQ(ask(program).exit_status, 0) << "nobody wants to know";
}

TEST_F(HelperClient, ProgressIsNoAnswer) {
  EXPECT_THAT(ask(helper("progress")).message, HasSubstr("gave no valid answer"));
}

TEST_F(HelperClient, ARequestThatNobodyReadsDoesNotBlock) {
  EXPECT_EQ(ask(helper("deaf"), nullptr, 20000, std::string(700000, 'r')).exit_status, 0);
}

TEST_F(HelperClient, RefusesWhenTheHelperCrashes) {
  for (const char* mode : {"crash", "allow-and-crash"}) {
    const wire::Answer answer = ask(helper(mode));
    EXPECT_EQ(answer.exit_status, 70) << mode;
    EXPECT_THAT(answer.message, HasSubstr("ended by signal 9"));
    EXPECT_THAT(answer.message, HasSubstr(helper(mode)));
  }
}

TEST_F(HelperClient, RefusesWhenTheHelperFails) {
  for (const char* mode : {"fail", "allow-and-fail"}) {
    const wire::Answer answer = ask(helper(mode));
    EXPECT_EQ(answer.exit_status, 70) << mode;
    EXPECT_THAT(answer.message, HasSubstr("ended with status 3"));
  }
}

TEST_F(HelperClient, RefusesAnythingThatIsNoAnswer) {
  for (const char* mode : {"silent", "short", "garbage"}) {
    const wire::Answer answer = ask(helper(mode));
    EXPECT_EQ(answer.exit_status, 70) << mode;
    EXPECT_THAT(answer.message, HasSubstr("no valid answer")) << mode;
  }
}

TEST_F(HelperClient, KillsAHelperThatHangs) {
  struct timespec before {
  }, after{};
  ::clock_gettime(CLOCK_MONOTONIC, &before);
  const wire::Answer answer = ask(helper("hang"), nullptr, 300);
  ::clock_gettime(CLOCK_MONOTONIC, &after);
  EXPECT_EQ(answer.exit_status, 75);
  EXPECT_THAT(answer.message, HasSubstr("did not answer in"));
  EXPECT_LT(after.tv_sec - before.tv_sec, 10);
}

TEST_F(HelperClient, SaysThatTheHelperIsMissing) {
  const wire::Answer answer = ask("/nonexistent/sifguard-helper");
  EXPECT_EQ(answer.exit_status, 78);
  EXPECT_THAT(answer.message, HasSubstr("/nonexistent/sifguard-helper: No such file"));
}

TEST_F(HelperClient, RefusesAProgramThatOthersCouldHaveWritten) {
  const std::string path = file("own");
  std::ofstream(path) << "#!/bin/sh\nexit 0\n";
  ::chmod(path.c_str(), 0775);
  EXPECT_THAT(ask(path).message, HasSubstr("writable by others"));
  ::chmod(path.c_str(), 0757);
  EXPECT_THAT(ask(path).message, HasSubstr("writable by others"));
  ::chmod(path.c_str(), 0644);
  EXPECT_THAT(ask(path).message, HasSubstr("not executable"));
  EXPECT_THAT(ask("/tmp").message, HasSubstr("not a regular file"));
  if (::geteuid() != 0) return;
  ::chmod(path.c_str(), 0755);
  ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
  EXPECT_THAT(ask(path).message, HasSubstr("not owned by root"));
}

TEST_F(HelperClient, SaysThatTheHelperCannotBeStarted) {
  const std::string path = file("no-program");
  std::ofstream(path) << "neither a script nor a binary";
  ::chmod(path.c_str(), 0755);
  const wire::Answer answer = ask(path);
  EXPECT_EQ(answer.exit_status, 78);
  EXPECT_THAT(answer.message, HasSubstr("cannot be started"));
}

TEST_F(HelperClient, WorksWhereChildSignalsAreIgnored) {
  struct sigaction ignore {
  }, before{}, after{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGCHLD, &ignore, &before);
  wire::Answer answer{};
  const std::string path = helper("allow");
  ask_helper({path.c_str(), nullptr, nullptr, {"r", 1}, 20000, "task"}, answer);
  ::sigaction(SIGCHLD, &before, &after);
  EXPECT_EQ(answer.exit_status, 0) << answer.message;
  EXPECT_EQ(after.sa_handler, SIG_IGN) << "not restored";
}

TEST_F(HelperClient, SendsTheWholeRequest) {
  std::string request(700000, '\0');
  for (std::size_t i = 0; i < request.size(); ++i) request[i] = static_cast<char>(i * 7);
  EXPECT_EQ(ask(helper("allow"), file("report").c_str(), 20000, request).exit_status, 0);
  EXPECT_EQ(content(file("report.request")), request);
}

/// All that the helper could inherit is there to be inherited, in a process of its own.
TEST_F(HelperClient, StartsTheHelperWithNothingOfTheTasks) {
  const std::string helper_path = helper("allow");
  const std::string report = file("report");
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::setenv("LD_PRELOAD", "/nonexistent.so", 1);
    ::setenv("SIFGUARD_X", "1", 1);
    if (::chdir("/tmp") != 0) ::_exit(1);
    const int leak = ::open("/etc/passwd", O_RDONLY);
    ::dup2(leak, 77);
    ::dup2(leak, 3);
    ::close(0);  // so that the socket may land on a number that is about to be replaced
    sigset_t all;
    sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGTERM, SIG_IGN);
    wire::Answer answer{};
    ask_helper({helper_path.c_str(), report.c_str(), nullptr, {"r", 1}, 20000, "task"}, answer);
    ::_exit(answer.exit_status);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  const std::string seen = content(report);
  EXPECT_THAT(seen, HasSubstr("arguments=task,--config," + report + ",\n"));
  EXPECT_THAT(seen, HasSubstr("\nenvironment=\n"));
  EXPECT_THAT(seen, HasSubstr("\ncwd=/\n"));
  EXPECT_THAT(seen, HasSubstr("\nfds=0,1,2,3,\n"));
  EXPECT_THAT(seen, HasSubstr("\nfd0=/dev/null\nfd1=/dev/null\nfd2=/dev/null\n"));
  EXPECT_THAT(seen, HasSubstr("\nown session=1\n"));
  EXPECT_THAT(seen, HasSubstr("\nsignals=0\n"));
  EXPECT_THAT(seen, HasSubstr("\ndeath signal=9\n"));
  EXPECT_THAT(seen, HasSubstr("\numask=63\n"));
}

TEST_F(HelperClient, PassesNoConfigurationByDefault) {
  // Without --config the stand-in reports nothing, so its absence is what shows.
  EXPECT_EQ(ask(helper("allow")).exit_status, 0);
  EXPECT_FALSE(std::filesystem::exists(file("report")));
}

TEST_F(HelperClient, HelperEndsWithItsTask) {
  const std::string path = helper("hang");
  const std::string report = file("report");
  const pid_t task = ::fork();
  ASSERT_GE(task, 0);
  if (task == 0) {
    wire::Answer answer{};
    ask_helper({path.c_str(), report.c_str(), nullptr, {"r", 1}, 20000, "task"}, answer);
    ::_exit(0);
  }
  // The helper writes its report, then hangs; whoever holds its executable open is it.
  while (content(report + ".request") != "r") ::usleep(10000);
  const auto helper_runs = [&] {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const std::string line = content(entry.path() / "cmdline");
      if (line.compare(0, path.size(), path) == 0 && line.size() > path.size() + 6) return true;
    }
    return false;
  };
  ASSERT_TRUE(helper_runs());
  ::kill(task, SIGKILL);
  ::waitpid(task, nullptr, 0);
  for (int i = 0; i < 500 && helper_runs(); ++i) ::usleep(10000);
  EXPECT_FALSE(helper_runs());
}

}  // namespace
}  // namespace sifguard
