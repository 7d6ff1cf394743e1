// A half-made file that goes when its maker is ended by a signal. The user's rights.
#include "helper/tools/remove_on_signal.h"

#include <limits.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>

#include "keystore/base/deferrable_signals.h"

namespace sifguard {
namespace {

// What the handler reads; written once, before it is installed.
int directory = -1;                             // NOLINT(*-avoid-non-const-global-variables)
std::array<char, NAME_MAX + 1> file_name = {};  // NOLINT(*-avoid-non-const-global-variables)

/// SA_RESETHAND has restored the default action, and SA_NODEFER lets the signal through.
void remove_and_end(int signal) {
  ::unlinkat(directory, file_name.data(), 0);
  ::raise(signal);
}

}  // namespace

void remove_on_signal(int directory_fd, const std::string& name) noexcept {
  if (directory >= 0 || name.size() >= file_name.size()) return;
  std::memcpy(file_name.data(), name.c_str(), name.size() + 1);
  directory = directory_fd;
  struct sigaction action {};
  action.sa_handler = remove_and_end;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
  for (int signal = 1; signal < NSIG; ++signal) {
    if (!is_deferrable(signal) || signal == SIGTSTP) continue;
    struct sigaction before {};
    // nohup(1) and shells without job control have their reasons to ignore signals.
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) {
      ::sigaction(signal, &action, nullptr);
    }
  }
}

}  // namespace sifguard
