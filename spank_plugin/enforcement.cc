// Steps that must not run without a verified image. slurmstepd, root, once a step and node.
#include "spank_plugin/enforcement.h"

#include <fcntl.h>
#include <sifguard/paths.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <string_view>

#include "spank_plugin/helper_client.h"
#include "spank_plugin/options.h"
#include "spank_plugin/step.h"

namespace sifguard {
namespace {

/// More than its helper allows itself.
constexpr int kDeadlineMs = 90 * 1000;
constexpr std::string_view kWord = "enforce";

constinit char g_text[1 << 16];
constinit char g_request[wire::kMaxMessage];
bool g_asked = false;
wire::Answer g_answer;  // valid once asked

/// Any trouble but a file that is not there is a reason to ask: the helper knows what to say.
bool has_reason(const char* path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) return errno != ENOENT && errno != ENOTDIR;
  std::size_t size = 0;
  ssize_t got = 0;
  while (size < sizeof g_text && (got = read(fd, g_text + size, sizeof g_text - size)) > 0) {
    size += static_cast<std::size_t>(got);
  }
  close(fd);
  return got != 0 || may_enforce(g_text, size);
}

}  // namespace

bool may_enforce(const char* text, unsigned long size) noexcept {
  std::string_view rest(text, size);
  while (!rest.empty()) {
    const std::size_t end = rest.find_first_of("\n\r");
    const std::string_view line(rest.data(), end < rest.size() ? end : rest.size());
    rest.remove_prefix(line.size() + (line.size() < rest.size() ? 1 : 0));
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos || line[begin] == '#') continue;
    // A backslash may spell any letter.
    if (line.find(kWord) != std::string_view::npos || line.find('\\') != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

void ask_about_enforcement(spank_t spank) noexcept {
  g_asked = false;
  const char* const config = options().config;
  if (!has_reason(config == nullptr ? SIFGUARD_CONFIG_FILE : config)) return;
  if (is_extern_step(spank)) return;
  g_asked = true;
  Step step;
  char node[HOST_NAME_MAX + 1] = "";
  if (const char* fact = read_identity(spank, step)) {
    return refuse(g_answer, wire::kExitInternal, "Slurm does not tell %s", fact);
  }
  if (gethostname(node, sizeof node - 1) != 0 || node[0] == '\0') {
    return refuse(g_answer, wire::kExitInternal, "this node has no host name");
  }
  const std::size_t size = write_request(step, options(), "/", node, g_request);
  if (size == 0) {
    return refuse(g_answer, wire::kExitInternal, "the request to the helper is too long");
  }
  ask_helper({options().helper, options().config, {g_request, size}, kDeadlineMs, "enforced"},
             g_answer);
}

bool is_enforced() noexcept {
  return g_asked && (g_answer.enforced != 0 || g_answer.exit_status != 0);
}

const wire::Answer* enforcement_refusal() noexcept {
  return g_asked && g_answer.exit_status != 0 ? &g_answer : nullptr;
}

}  // namespace sifguard
