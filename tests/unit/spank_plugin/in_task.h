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

/// `between` runs between task_init_privileged and task_init.
inline Ending run_task(const std::function<void()>& between = [] {}) {
  std::array<int, 2> out{}, err{};
  if (::pipe(out.data()) != 0 || ::pipe(err.data()) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    for (const int fd : {out[0], out[1], err[0], err[1]}) ::close(fd);
    if (slurm_spank_task_init_privileged(fake::handle(), 0, nullptr) != 0) ::_exit(201);
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
  int status = 0;
  ::waitpid(child, &status, 0);
  ending.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  return ending;
}

}  // namespace test
