// After the fork slurmstepd starts nothing; the tasks, forked before, do.
#include "spank_plugin/no_programs.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <thread>

namespace sifguard {
namespace {

/// The exit status of `body` in a process of its own.
int in_process(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/// 0 when a program can be executed, else errno.
int try_program() {
  return in_process([] {
    ::execl("/bin/true", "true", nullptr);
    return errno;
  });
}

int try_program_at() {
  return in_process([] {
    const char* const argv[] = {"true", nullptr};
    ::execveat(-1, "/bin/true", const_cast<char* const*>(argv), environ, 0);
    return errno;
  });
}

TEST(NoPrograms, AreStartedOnceForbidden) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  EXPECT_EQ(in_process([] {
              remember_slurmstepd();
              if (are_programs_forbidden() || try_program() != 0) return 1;
              forbid_programs();
              if (!are_programs_forbidden()) return 2;
              if (try_program() != EPERM) return 3;
              if (try_program_at() != EPERM) return 4;
              return in_process([] { return 0; });  // forking, waiting and exiting go on
            }),
            0);
}

TEST(NoPrograms, TasksForkedBeforeAreNotHit) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  EXPECT_EQ(in_process([] {
              remember_slurmstepd();
              const pid_t task = ::fork();
              if (task == 0) {
                while (!are_programs_forbidden()) ::usleep(1000);  // it is told
                ::execl("/bin/true", "true", nullptr);
                ::_exit(9);
              }
              forbid_programs();
              int status = 0;
              ::waitpid(task, &status, 0);
              return WIFEXITED(status) ? WEXITSTATUS(status) : 10;
            }),
            0);
}

TEST(NoPrograms, AreNotForbiddenWhereAThreadCannotBeTold) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  EXPECT_EQ(in_process([] {
              remember_slurmstepd();
              // A filter of its own: the kernel cannot give it the others'.
              int told[2];
              if (::pipe(told) != 0) return 1;
              std::thread([&] {
                struct sock_filter rule {
                  BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW
                };
                struct sock_fprog program {
                  1, &rule
                };
                const bool done = ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
                const char sign = done ? 'y' : 'n';
                if (::write(told[1], &sign, 1) != 1) ::_exit(2);
                ::pause();
              }).detach();
              char sign = 0;
              if (::read(told[0], &sign, 1) != 1 || sign != 'y') return 3;
              forbid_programs();
              if (are_programs_forbidden()) return 4;
              return try_program() == 0 ? 0 : 5;
            }),
            0);
}

TEST(NoPrograms, AnotherProcessCannotForbidThemForSlurmstepd) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  EXPECT_EQ(in_process([] {
              remember_slurmstepd();
              in_process([] {
                forbid_programs();
                return 0;
              });
              return are_programs_forbidden() || try_program() != 0 ? 1 : 0;
            }),
            0);
}

}  // namespace
}  // namespace sifguard
