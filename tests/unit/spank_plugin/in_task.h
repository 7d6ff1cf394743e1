// Runs a task's two hooks in a process of its own, as slurmstepd's fork would, and sees how it
// ends.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <functional>
#include <string>

#include "tests/unit/spank_plugin/fake_spank.h"

namespace test {

/// A task that the plugin let go on to Slurm ends with this status.
inline constexpr int kWentOn = 200;

struct Ending {
  int status = -1;
  std::string out;  ///< what went on prints: "argv: …" of the prepended command
  std::string err;
};

inline std::string drain(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = ::read(fd, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(fd);
  return text;
}

/// A step of one task; without `forked_by_slurmstepd` its slurm_spank_task_post_fork runs
/// elsewhere. `between` runs between task_init_privileged and task_init.
inline Ending run_task(
    const std::function<void()>& between = [] {}, bool forked_by_slurmstepd = true) {
  std::array<int, 2> out{}, err{}, go_on{};
  if (::pipe(out.data()) != 0 || ::pipe(err.data()) != 0 || ::pipe(go_on.data()) != 0) return {};
  // slurmstepd has a process of its own here: it may forbid itself things.
  const pid_t slurmstepd = ::fork();
  if (slurmstepd == 0) {
    if (slurm_spank_init_post_opt(fake::handle(), 0, nullptr) != 0) ::_exit(204);
    const pid_t task = ::fork();
    if (task != 0) {
      if (forked_by_slurmstepd) slurm_spank_task_post_fork(fake::handle(), 0, nullptr);
      const char go = '.';
      if (::write(go_on[1], &go, 1) != 1) ::_exit(205);
      int status = 0;
      ::waitpid(task, &status, 0);
      if (WIFSIGNALED(status)) ::raise(WTERMSIG(status));
      ::_exit(WEXITSTATUS(status));
    }
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    for (const int fd : {out[0], out[1], err[0], err[1]}) ::close(fd);
    if (slurm_spank_task_init_privileged(fake::handle(), 0, nullptr) != 0) ::_exit(201);
    char go = 0;
    if (::read(go_on[0], &go, 1) != 1) ::_exit(206);
    between();
    if (slurm_spank_task_init(fake::handle(), 0, nullptr) != 0) ::_exit(202);
    std::string line = "argv:";
    for (const std::string& argument : fake::slurm().prepended) line += " " + argument;
    line += "\ncalls: " + std::to_string(fake::slurm().calls) + "\n";
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) ::_exit(203);
    ::_exit(kWentOn);
  }
  ::close(out[1]);
  ::close(err[1]);
  Ending ending{-1, drain(out[0]), drain(err[0])};
  ::close(go_on[0]);
  ::close(go_on[1]);
  int status = 0;
  ::waitpid(slurmstepd, &status, 0);
  ending.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  return ending;
}

}  // namespace test
