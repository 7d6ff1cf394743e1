// Judging detached OpenPGP signatures with exactly the keys given. Runs in `sifguard-pgp`.
#include "helper/verify/sandbox/pgp_check.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include <cerrno>

#include "keystore/base/clock.h"

namespace sifguard {
namespace {

/// gpg ends with 0, 1 or 2 when it comes to an end; the loader, a lack of memory or a signal end it
/// otherwise.
bool is_an_end_of_gpg(int status) noexcept {
  return WIFEXITED(status) && WEXITSTATUS(status) <= 2;
}

/// While it looks for its engines, GPGME tries programs that need not be there; its children end
/// with 8 when they cannot start one.
bool is_an_end_of_a_search(int status) noexcept {
  constexpr int kNotStarted = 8;
  return is_an_end_of_gpg(status) || (WIFEXITED(status) && WEXITSTATUS(status) == kNotStarted);
}

/// GPGME starts gpg by way of a child that ends at once, so that gpg becomes ours to wait for.
class Gpgs {
 public:
  static Result<Gpgs> adopt() {
    if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0) return Gpgs();
    return fail_errno(Code::internal, "cannot wait for gpg", errno);
  }
  /// What came of it, unless one of those that ran for it was ended before its time: what GPGME
  /// says then is of what it has not heard.
  template <typename T>
  T unless_ended_early(T result, bool (*is_an_end)(int) noexcept = is_an_end_of_gpg) const {
    if (all_came_to_an_end(is_an_end)) return result;
    return fail(Code::temporary, "gpg was ended before it had answered",
                "look for a node, or a job, without memory; try again");
  }

 private:
  Gpgs() = default;
  /// They have closed their ends of GPGME's pipes and are about to end, if they have not. Nobody
  /// else should be there; if somebody is, nothing is waited for.
  static bool all_came_to_an_end(bool (*is_an_end)(int) noexcept) {
    constexpr std::int64_t kMs = 2000;
    constexpr struct timespec kPause = {0, 500'000};
    bool all = true;
    int status = 0;
    for (const std::int64_t deadline = monotonic_ms() + kMs; monotonic_ms() < deadline;) {
      const pid_t one = ::waitpid(-1, &status, WNOHANG);
      if (one < 0 && errno == ECHILD) break;
      if (one > 0) all = all && is_an_end(status);
      if (one == 0) ::nanosleep(&kPause, nullptr);
    }
    return all;
  }
};

}  // namespace

Result<std::vector<PgpVerdict>> check_pgp_pairs(const PgpRequest& request, const std::string& home,
                                                const std::string& gpg) {
  SG_TRY(const Gpgs gpgs, Gpgs::adopt());
  SG_TRY(OpenPgpSession session,
         gpgs.unless_ended_early(OpenPgpSession::open(home, gpg), is_an_end_of_a_search));
  for (const std::string& key : request.keys) {
    if (auto imported = gpgs.unless_ended_early(session.import(key)); !imported) {
      return tl::unexpected(std::move(imported).error().prepend("importing a signer's key"));
    }
  }
  std::vector<PgpVerdict> verdicts;
  for (const PgpPair& pair : request.pairs) {
    SG_TRY(PgpVerdict verdict,
           gpgs.unless_ended_early(session.verify_detached(pair.data, pair.signature)));
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace sifguard
