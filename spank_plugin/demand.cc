// The demand for an image that travels with a step's command. srun, as the user; slurmstepd, root.
#include "spank_plugin/demand.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace sifguard {
namespace {

constexpr std::size_t kDemandSize = sizeof kDemand - 1;
constexpr std::size_t kMaxComponents = 256;  // of a heterogeneous step; Slurm allows 128

struct Changed {
  char** word = nullptr;     // in Slurm's array
  char* original = nullptr;  // Slurm's
  char* text = nullptr;      // ours
};
std::array<Changed, kMaxComponents> g_changed;
std::size_t g_count = 0;

struct Command {
  int size = 0;
  char** words = nullptr;
};

/// Empty for a step without a command, such as the extern step.
Command command_of(spank_t spank) {
  Command command;
  if (spank_get_item(spank, S_JOB_ARGV, &command.size, &command.words) != ESPANK_SUCCESS ||
      command.size < 1 || command.words == nullptr || command.words[0] == nullptr) {
    return {};
  }
  return command;
}

bool has_demand(const char* word) {
  return std::strncmp(word, kDemand, kDemandSize) == 0;
}

/// Whether the file begins with `text`.
bool begins_with(const char* file, const char* text) {
  const int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return false;
  char begin[256];
  const ssize_t got = read(fd, begin, sizeof begin);
  close(fd);
  const std::size_t size = strnlen(text, sizeof begin);
  return got >= static_cast<ssize_t>(size) && std::memcmp(begin, text, size) == 0;
}

/// Slurm puts the content of --multi-prog's file behind its name, and tells plugins nothing else.
bool is_multi_prog(const Command& command) {
  const char* const content = command.size > 1 ? command.words[1] : nullptr;
  return content != nullptr && std::strchr(content, '\n') != nullptr &&
         begins_with(command.words[0], content);
}

/// Whether srun was told --bcast, which it does not tell plugins either. Its words end with those
/// of the command.
bool is_broadcast(const Command& command) {
  constexpr char kOption[] = "--bcast";
  if (std::getenv("SLURM_BCAST") != nullptr) return true;
  static char words[1 << 17];
  const int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const ssize_t got = read(fd, words, sizeof words - 1);
  close(fd);
  if (got <= 0) return false;
  words[got] = '\0';
  int left = -command.size;
  for (const char* at = words; at < words + got; at += std::strlen(at) + 1) ++left;
  for (const char* at = words; left > 0; at += std::strlen(at) + 1, --left) {
    const bool begins = std::strncmp(at, kOption, sizeof kOption - 1) == 0;
    if (begins && (at[sizeof kOption - 1] == '\0' || at[sizeof kOption - 1] == '=')) return true;
  }
  return false;
}

char* with_demand(const char* word) {
  const std::size_t size = std::strlen(word) + 1;
  auto* const text = static_cast<char*>(std::malloc(kDemandSize + size));
  if (text == nullptr) return nullptr;
  std::memcpy(text, kDemand, kDemandSize);
  std::memcpy(text + kDemandSize, word, size);
  return text;
}

}  // namespace

bool put_demand(spank_t spank) noexcept {
  const Command command = command_of(spank);
  if (command.size != 0 && has_demand(command.words[0])) return true;
  if (command.size == 0 || g_count == g_changed.size() || is_multi_prog(command) ||
      is_broadcast(command)) {
    return false;
  }
  char* const text = with_demand(command.words[0]);
  if (text == nullptr) return false;
  g_changed[g_count++] = {&command.words[0], command.words[0], text};
  command.words[0] = text;
  return true;
}

void give_back_commands() noexcept {
  for (; g_count > 0; --g_count) {
    const Changed& changed = g_changed[g_count - 1];
    if (*changed.word == changed.text) *changed.word = changed.original;
    std::free(changed.text);
  }
}

void take_demand(spank_t spank) noexcept {
  const Command command = command_of(spank);
  if (command.size == 0 || !has_demand(command.words[0])) return;
  const char* const word = command.words[0] + kDemandSize;
  std::memmove(command.words[0], word, std::strlen(word) + 1);
}

}  // namespace sifguard
