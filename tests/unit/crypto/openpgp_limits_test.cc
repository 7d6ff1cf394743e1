// A node that has no processes left says so, and nothing about a key or a signature.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keystore/base/fd.h"
#include "keystore/crypto/openpgp.h"
#include "tests/unit/crypto/gnupg.h"

namespace sifguard {
namespace {

/// The step of a session before which the limit comes.
enum class Limited { open, import, verify };

struct Asked {
  std::string home, key, signature;
};

/// What a session says for which the limit is lowered to `processes` before the step `from`.
std::string session_says(const Asked& asked, Limited from, unsigned processes) {
  const auto reach = [&](Limited step) {
    const struct rlimit limit = {processes, processes};
    return step != from || ::setrlimit(RLIMIT_NPROC, &limit) == 0;
  };
  const auto code = [](const Error& error) {
    return std::string(code_name(error.code())) + ": " + error.what();
  };
  if (!reach(Limited::open)) return "no limit";
  auto session = OpenPgpSession::open(asked.home);
  if (!session) return code(session.error());
  if (!reach(Limited::import)) return "no limit";
  if (const auto taken = session->import(asked.key); !taken) return code(taken.error());
  if (!reach(Limited::verify)) return "no limit";
  const auto verdict = session->verify_detached("text", asked.signature);
  if (!verdict) return code(verdict.error());
  return verdict->status == PgpStatus::good ? "good" : "not good";
}

/// The same, in a process of a user who has no other.
std::string outcome(const Asked& asked, Limited from, unsigned processes, uid_t user) {
  int ends[2];
  if (::chown(asked.home.c_str(), user, user) != 0 || ::pipe(ends) != 0) return "no test";
  const pid_t child = ::fork();
  if (child == 0) {
    const bool other = ::setgid(user) == 0 && ::setuid(user) == 0;
    const std::string said = other ? session_says(asked, from, processes) : "no user";
    static_cast<void>(write_all(ends[1], said, "a pipe"));
    ::_exit(0);
  }
  ::close(ends[1]);
  const auto text = read_to_end(ends[0], 1000, "a pipe");
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return text ? *text : "nothing";
}

TEST(OpenPgpLimits, NoProcessesAreNoVerdict) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root: the limit is another user's";
  if (::access("/usr/bin/gpg", X_OK) != 0) GTEST_SKIP() << "gpg is not installed";
  const test::TempDir dir;
  const test::Gnupg gnupg(dir);
  gnupg.key("a");
  const std::string key = gnupg.exported("a"), signature = gnupg.signature("a", "text");
  ASSERT_EQ(::chmod(dir.path().c_str(), 0711), 0);
  // A user of its own each time: GPGME's children are not its own, and count until init reaps them.
  uid_t user = 63200;
  for (const Limited from : {Limited::open, Limited::import, Limited::verify}) {
    // Its own, and one by way of which GPGME starts gpg; in between either may come.
    for (const unsigned processes : {1U, 2U, 3U, 4U, 5U, 200U}) {
      const std::string home = dir / ("home" + std::to_string(++user));
      ASSERT_EQ(::mkdir(home.c_str(), 0700), 0);
      const std::string said = outcome({home, key, signature}, from, processes, user);
      const std::string word = said.substr(0, said.find(':'));
      const bool lacked = word == "temporary", went = word == "good";
      EXPECT_TRUE(processes == 1     ? lacked
                  : processes == 200 ? went
                                     : lacked || went)
          << "step " << static_cast<int>(from) << ", " << processes << " processes: " << said;
    }
  }
}

}  // namespace
}  // namespace sifguard
