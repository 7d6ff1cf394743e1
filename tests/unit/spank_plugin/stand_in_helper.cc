// Stands in for sifguard-helper: a program that behaves as the name it was started under says.
// With --config FILE it first writes what it sees of itself to FILE, and the request to
// FILE.request.
#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "helper/request/answer.h"
#include "keystore/base/fd.h"

using namespace sifguard;

namespace {

std::string open_descriptors() {
  std::string list;
  DIR* directory = ::opendir("/proc/self/fd");
  while (const dirent* entry = ::readdir(directory)) {
    const bool own = std::atoi(entry->d_name) == ::dirfd(directory);
    if (entry->d_name[0] != '.' && !own) list += std::string(entry->d_name) + ",";
  }
  ::closedir(directory);
  return list;
}

std::string link_of(const char* path) {
  char target[4096];
  const ssize_t size = ::readlink(path, target, sizeof target);
  return size < 0 ? "?" : std::string(target, static_cast<std::size_t>(size));
}

int ignored_or_blocked_signals() {
  int count = 0;
  sigset_t blocked;
  ::sigprocmask(SIG_SETMASK, nullptr, &blocked);
  for (int number = 1; number < 32; ++number) {
    struct sigaction action {};
    ::sigaction(number, nullptr, &action);
    if (action.sa_handler == SIG_IGN || sigismember(&blocked, number) == 1) ++count;
  }
  return count;
}

void report(int argc, char** argv, const std::string& file) {
  int death_signal = 0;
  ::prctl(PR_GET_PDEATHSIG, &death_signal);
  const mode_t mask = ::umask(0);
  const std::string descriptors = open_descriptors();  // before the report's own
  std::ofstream out(file);
  out << "arguments=";
  for (int i = 1; i < argc; ++i) out << argv[i] << ',';
  out << "\nenvironment=" << (environ[0] == nullptr ? "" : environ[0])
      << "\ncwd=" << link_of("/proc/self/cwd") << "\nfds=" << descriptors
      << "\nfd0=" << link_of("/proc/self/fd/0") << "\nfd1=" << link_of("/proc/self/fd/1")
      << "\nfd2=" << link_of("/proc/self/fd/2") << "\nown session=" << (::getsid(0) == ::getpid())
      << "\nsignals=" << ignored_or_blocked_signals() << "\ndeath signal=" << death_signal
      << "\numask=" << mask << "\nnamespace=" << link_of("/proc/self/ns/mnt") << "\n";
}

void answer(const wire::Answer& what) {
  (void)write_all(wire::kHelperFd, encode_answer(what), "answer");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = std::strrchr(argv[0], '/') + 1;
  if (mode != "deaf") {
    const auto request = read_to_end(wire::kHelperFd, wire::kMaxMessage, "request");
    if (argc > 3) {
      if (std::strcmp(argv[1], "enforced") != 0) report(argc, argv, argv[3]);
      std::ofstream(std::string(argv[3]) + ".count", std::ios::app) << 'x';  // one a start
      std::ofstream(std::string(argv[3]) + ".request") << request.value_or("");
      std::ofstream(std::string(argv[3]) + ".verbs", std::ios::app) << argv[1] << ' ';
    }
  }
  if (mode == "allow" || mode == "deaf") answer(allow_answer());
  if (mode == "enforced") {
    answer(argc > 1 && std::strcmp(argv[1], "enforced") == 0 ? enforcement_answer(true)
                                                             : allow_answer());
  }
  if (mode == "notice") answer(allow_answer("image 'x' is not encrypted"));
  if (mode == "refuse") answer(refuse_answer(Error(Code::denied, "user may not")));
  if (mode == "refuse-and-fail") {
    answer(refuse_answer(Error(Code::denied, "user may not")));
    return 3;
  }
  if (mode == "raw-newline") {
    wire::Answer raw = refuse_answer(Error(Code::refused, ""));
    std::strcpy(raw.message, "first\x1b[1m\nsecond");
    answer(raw);
  }
  if (mode == "allow-and-fail") {
    answer(allow_answer());
    return 3;
  }
  if (mode == "allow-and-crash") {
    answer(allow_answer());
    ::raise(SIGKILL);
  }
  if (mode == "progress") answer(progress_message("copying"));
  if (mode == "slow") {
    answer(progress_message("soon done"));
    answer(progress_message(""));
    answer(progress_message("node1: copying x (1.0 GiB)"));
    ::usleep(2'600'000);
    answer(progress_message("verifying"));
    answer(allow_answer());
  }
  if (mode == "crash") ::raise(SIGKILL);
  if (mode == "fail") return 3;
  if (mode == "hang") {
    for (;;) ::pause();
  }
  if (mode == "short") (void)write_all(wire::kHelperFd, std::string(1039, '\0'), "answer");
  if (mode == "garbage") (void)write_all(wire::kHelperFd, std::string(1040, 'x'), "answer");
  return 0;  // "silent" comes straight here
}
