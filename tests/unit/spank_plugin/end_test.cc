// What happens when a task ends: nothing, unless it was killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/spank_plugin/fake_spank.h"
#include "tests/unit/spank_plugin/helpers.h"

namespace sifguard {
namespace {

using fake::give;
using fake::slurm;
using fake::start;
using testing::HasSubstr;

class End : public test::Scratch {
 protected:
  [[nodiscard]] std::string report() const { return file("report"); }

  /// What the helper was told to do by a slurmstepd of its own whose tasks end with `statuses`.
  std::string told(const std::vector<int>& statuses, const std::string& image = "/apps/x.sif",
                   const std::string& mode = "fail") {
    const std::string before = content(file("report.verbs"));
    const pid_t slurmstepd = ::fork();
    if (slurmstepd == 0) {
      start(S_CTX_REMOTE, {"helper=" + helper(mode), "config=" + report()});
      if (!image.empty()) give("sif-verify", image.c_str());
      for (const int status : statuses) {
        slurm().task_status = status;
        if (slurm_spank_task_exit(fake::handle(), 0, nullptr) != 0) ::_exit(1);
      }
      ::_exit(::waitpid(-1, nullptr, WNOHANG) == -1 ? 0 : 2);  // no child is left to Slurm
    }
    int status = -1;
    ::waitpid(slurmstepd, &status, 0);
    EXPECT_EQ(status, 0);
    for (int i = 0; i < patience_ && content(file("report.verbs")) == before; ++i) {
      ::usleep(20'000);
    }
    ::usleep(50'000);
    return content(file("report.verbs"));
  }

  int patience_ = 500;  ///< how often the report is looked at; for reports that come
};

constexpr int kToSeeNothing = 30;

constexpr int kExited = 9 << 8;  // with status 9

TEST_F(End, OfAKilledTaskHasTheHelperLookOnce) {
  EXPECT_EQ(told({0, SIGKILL, SIGKILL, SIGKILL}), "reap ");
}

TEST_F(End, TheHelperIsNobodysAndHasNothing) {
  told({SIGKILL});
  const std::string seen = content(report());
  EXPECT_THAT(seen, HasSubstr("arguments=reap,--config," + report()));
  EXPECT_THAT(seen, HasSubstr("environment=\n"));
  EXPECT_THAT(seen, HasSubstr("cwd=/\nfds=0,1,2,3,\nfd0=/dev/null\nfd1=/dev/null\nfd2=/dev/null"));
  EXPECT_THAT(seen, HasSubstr("own session=1"));
  EXPECT_THAT(seen, HasSubstr("death signal=0"));
}

TEST_F(End, BySignalIsSeenHoweverItIsTold) {
  EXPECT_EQ(told({SIGTERM}), "reap ");
  EXPECT_EQ(told({143 << 8}), "reap reap ");
}

TEST_F(End, OfAnyOtherTaskDoesNothing) {
  patience_ = kToSeeNothing;
  EXPECT_EQ(told({0, kExited, 127 << 8}), "");
}

TEST_F(End, OfAStepWithoutAnImageDoesNothing) {
  patience_ = kToSeeNothing;
  EXPECT_EQ(told({SIGKILL}, ""), "");
}

TEST_F(End, IsNotHeldUpByAHelperThatHangsNorByNone) {
  EXPECT_EQ(told({SIGKILL}, "/apps/x.sif", "hang"), "reap ");
  start(S_CTX_REMOTE, {"helper=/nonexistent", "config=" + report()});
  give("sif-verify", "/apps/x.sif");
  slurm().task_status = SIGKILL;
  EXPECT_EQ(slurm_spank_task_exit(fake::handle(), 0, nullptr), 0);
}

TEST_F(End, WhereSlurmDoesNotSayHowDoesNothing) {
  start(S_CTX_REMOTE, {"helper=" + helper("fail"), "config=" + report()});
  give("sif-verify", "/apps/x.sif");
  slurm().unavailable.insert(S_TASK_EXIT_STATUS);
  slurm().task_status = SIGKILL;
  EXPECT_EQ(slurm_spank_task_exit(fake::handle(), 0, nullptr), 0);
  ::usleep(200'000);
  EXPECT_EQ(content(file("report.verbs")), "");
}

}  // namespace
}  // namespace sifguard
