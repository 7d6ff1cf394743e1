// Tasks of one step on one node: one of them asks, all of them are answered.
#include "spank_plugin/step_share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "helper/request/answer.h"
#include "spank_plugin/helper_client.h"
#include "spank_plugin/options.h"
#include "tests/unit/spank_plugin/fake_spank.h"
#include "tests/unit/spank_plugin/helpers.h"

namespace sifguard {
namespace {

using fake::give;
using fake::slurm;
using fake::start;
using testing::Each;
using testing::HasSubstr;

struct Ending {
  int status = -1;
  std::string said;  ///< what `task` wrote on stdout and stderr
};

/// Forks one process a task, all at once, as slurmstepd does; waits for all.
std::vector<Ending> run_tasks(int count, const std::function<void(int)>& task) {
  std::vector<std::pair<pid_t, int>> started;
  for (int i = 0; i < count; ++i) {
    int pipe_ends[2];
    if (::pipe(pipe_ends) != 0) return {};
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(pipe_ends[1], STDOUT_FILENO);
      ::dup2(pipe_ends[1], STDERR_FILENO);
      ::close(pipe_ends[0]);
      ::close(pipe_ends[1]);
      task(i);
      ::_exit(0);
    }
    ::close(pipe_ends[1]);
    started.emplace_back(child, pipe_ends[0]);
  }
  std::vector<Ending> endings;
  for (const auto& [child, fd] : started) {
    Ending ending;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(fd, buffer, sizeof buffer)) > 0;) {
      ending.said.append(buffer, static_cast<std::size_t>(got));
    }
    ::close(fd);
    int status = 0;
    ::waitpid(child, &status, 0);
    ending.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    endings.push_back(ending);
  }
  return endings;
}

void say(const std::string& text) {
  if (::write(STDOUT_FILENO, text.data(), text.size()) < 0) ::_exit(99);
}

class Share : public test::RootScratch {
 protected:
  /// A step of a whole plugin whose helper behaves as `mode`.
  void step(const std::string& mode) {
    start(S_CTX_REMOTE, {"helper=" + helper(mode), "config=" + file("report")});
    give("sif-verify", "/x.sif");
    ASSERT_EQ(slurm_spank_init_post_opt(fake::handle(), 0, nullptr), 0);
  }
  static void whole_task(int rank) {
    slurm().local_task = rank;
    slurm().task = static_cast<std::uint32_t>(rank);
    slurm_spank_task_init_privileged(fake::handle(), 0, nullptr);
    slurm_spank_task_init(fake::handle(), 0, nullptr);
    say(std::filesystem::read_symlink("/proc/self/ns/mnt").string() + " " +
        std::filesystem::current_path().string());
  }
  static std::vector<std::string> texts(const std::vector<Ending>& endings) {
    std::vector<std::string> all;
    for (const Ending& ending : endings) all.push_back(ending.said);
    return all;
  }
};

TEST_F(Share, OneHelperServesAllTasks) {
  step("allow");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(file(""));
  const auto endings = run_tasks(16, whole_task);
  const std::string directory = std::filesystem::current_path();
  std::filesystem::current_path(before);
  std::set<std::string> places;
  for (const Ending& ending : endings) {
    EXPECT_EQ(ending.status, 0) << ending.said;
    places.insert(ending.said);
  }
  ASSERT_EQ(places.size(), 1U) << "not all are in the same namespace and directory";
  EXPECT_THAT(*places.begin(), testing::EndsWith(" " + directory));
  EXPECT_THAT(*places.begin(),
              testing::Not(HasSubstr(std::filesystem::read_symlink("/proc/self/ns/mnt").string())));
  EXPECT_EQ(content(file("report.count")), "x") << "more than one helper was started";
}

TEST_F(Share, TheNamespaceOutlivesItsFirstTask) {
  step("allow");
  const auto first = run_tasks(1, whole_task);
  const auto second = run_tasks(1, [](int) { whole_task(1); });
  EXPECT_EQ(second[0].said, first[0].said);
  EXPECT_EQ(content(file("report.count")), "x");
}

TEST_F(Share, ARefusalIsSaidOnce) {
  step("refuse");
  const auto endings = run_tasks(8, whole_task);
  for (std::size_t rank = 0; rank < endings.size(); ++rank) {
    EXPECT_EQ(endings[rank].status, 77);
    EXPECT_EQ(endings[rank].said, rank == 0 ? "sifguard: user may not\n" : "");
  }
  EXPECT_EQ(content(file("report.count")), "x");
}

TEST_F(Share, EachStepAsksAnew) {
  step("allow");
  run_tasks(2, whole_task);
  step("refuse");
  EXPECT_EQ(run_tasks(1, whole_task)[0].status, 77);
  EXPECT_EQ(content(file("report.count")), "xx");
}

TEST_F(Share, AnotherRequestIsNotServed) {
  step("allow");
  run_tasks(1, whole_task);
  const auto other = run_tasks(1, [](int) {
    slurm().uid = 4242;  // Slurm would never
    whole_task(3);
  });
  EXPECT_EQ(other[0].status, 70);
  EXPECT_THAT(other[0].said, HasSubstr("tells the tasks of one step apart"));
}

TEST_F(Share, AKilledFirstTaskLetsTheOthersGo) {
  make_share();
  const std::string request = "request";
  const auto endings = run_tasks(3, [&](int) {
    wire::Answer answer = allow_answer();
    View view;
    if (take_turn(request, answer, view) == Turn::first) ::raise(SIGKILL);
    say(answer.message);
    ::_exit(answer.exit_status);
  });
  std::multiset<int> statuses;
  for (const Ending& ending : endings) statuses.insert(ending.status);
  EXPECT_EQ(statuses, (std::multiset<int>{70, 70, 1000 + SIGKILL}));
}

TEST_F(Share, WaitsForTheFirst) {
  make_share();
  const std::string request = "request";
  const auto endings = run_tasks(4, [&](int) {
    wire::Answer answer = allow_answer();
    View view;
    if (take_turn(request, answer, view) == Turn::first) {
      ::usleep(200000);
      refuse(answer, wire::kExitTemporary, "too late");
      give_answer(request, answer, view);
    }
    ::_exit(answer.exit_status);
  });
  for (const Ending& ending : endings) EXPECT_EQ(ending.status, 75);
}

TEST_F(Share, WithoutOneTheTaskIsRefused) {
  step("allow");
  const auto endings = run_tasks(1, [](int) {
    for (int fd = 3; fd < 1024; ++fd) ::close(fd);
    whole_task(5);
  });
  EXPECT_EQ(endings[0].status, 70);
  EXPECT_THAT(endings[0].said, HasSubstr("wait")) << "only task 0 is quiet about its own trouble";
}

TEST_F(Share, NothingIsSharedWhereNothingIsAsked) {
  const auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  start(S_CTX_REMOTE);
  const auto before = open_files();
  slurm_spank_init_post_opt(fake::handle(), 0, nullptr);
  EXPECT_EQ(open_files(), before);
}

TEST_F(Share, ItsDescriptorsDoNotReachPrograms) {
  step("allow");
  const auto endings = run_tasks(1, [](int) {
    ::execl("/bin/sh", "sh", "-c", "ls -l /proc/self/fd", nullptr);
    ::_exit(98);
  });
  EXPECT_EQ(endings[0].status, 0);
  EXPECT_THAT(endings[0].said, testing::Not(HasSubstr("sifguard-step")));
}

}  // namespace
}  // namespace sifguard
