#include "keystore/base/unprivileged.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>

#include "keystore/base/accounts.h"

namespace sifguard {
namespace {

/// The exit status of `run` in a process of its own.
template <typename Run>
int ended_with(Run run) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(run());
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class Unprivileged : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
};

int become(const char* account, uid_t user) {
  if (!become_unprivileged(account)) return 1;
  if (::getuid() != user || ::geteuid() != user || ::getgroups(0, nullptr) != 0) return 2;
  if (::setuid(0) == 0) return 3;
  return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 4;
}

TEST_F(Unprivileged, RootBecomesTheAccount) {
  const auto daemon = find_account(std::string("daemon"));
  if (!daemon || !*daemon) GTEST_SKIP() << "no account 'daemon' here";
  EXPECT_EQ(ended_with([&] { return become("daemon", (*daemon)->uid); }), 0);
}

TEST_F(Unprivileged, WhomNobodyKnowsIsNobody) {
  EXPECT_EQ(ended_with([] { return become("sifguard-no-such-account", 65534); }), 0);
}

TEST_F(Unprivileged, RootByItsNameStaysOutside) {
  EXPECT_EQ(ended_with([] {
              const Status done = become_unprivileged("root");
              return !done && done.error().code() == Code::config ? 0 : 1;
            }),
            0);
}

}  // namespace
}  // namespace sifguard
