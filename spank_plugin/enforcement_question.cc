// Steps that must not run without a verified image. slurmstepd, root, once a step and node.
#include "spank_plugin/enforcement_question.h"

#include <limits.h>
#include <sifguard/paths.h>
#include <unistd.h>

#include "keystore/base/enforcement_record.h"
#include "spank_plugin/helper_client.h"
#include "spank_plugin/options.h"
#include "spank_plugin/step.h"

namespace sifguard {
namespace {

namespace record = enforcement_record;

/// More than its helper allows itself.
constexpr int kDeadlineMs = 90 * 1000;

constinit char g_request[wire::kMaxMessage];
bool g_asked = false;
wire::Answer g_answer;  // valid once asked

enum class Reason {
  none,     ///< nothing is enforced
  changed,  ///< the file is not the one that was read last
  told,     ///< something besides the file says that this node enforces
};

Reason find_reason() {
  if (options().enforce) return Reason::told;
  record::Record last;
  const char* const state = options().state;
  const record::Memory memory = record::recall(state == nullptr ? SIFGUARD_STATE_DIR : state, last);
  if (record::insists(memory, last)) return Reason::told;
  const char* const config = options().config;
  const auto now = record::look_at(config == nullptr ? SIFGUARD_CONFIG_FILE : config);
  if (now.kind == record::Identity::kAbsent) return Reason::none;
  if (memory == record::Memory::none || !now.is_same(last.seen)) return Reason::changed;
  if (last.understood == 0) {
    slurm_error(
        "sifguard: the node's configuration cannot be understood, so no images are "
        "enforced here: sifctl doctor");
  }
  return Reason::none;
}

/// Whether there was a helper to ask.
bool ask(spank_t spank) {
  if (const Refusal site = options_refusal();
      options().enforce && site.status == wire::kExitConfig) {
    refuse(g_answer, site.status, "%s", site.message);
    return true;
  }
  Step step;
  char node[HOST_NAME_MAX + 1] = "";
  if (const char* fact = read_identity(spank, step)) {
    refuse(g_answer, wire::kExitInternal, "Slurm does not tell %s", fact);
    return true;
  }
  if (gethostname(node, sizeof node - 1) != 0 || node[0] == '\0') {
    refuse(g_answer, wire::kExitInternal, "this node has no host name");
    return true;
  }
  const std::size_t size = write_request(step, options(), "/", node, g_request);
  if (size == 0) {
    refuse(g_answer, wire::kExitInternal, "the request to the helper is too long");
    return true;
  }
  const Options& o = options();
  return ask_helper({o.helper, o.config, o.state, {g_request, size}, kDeadlineMs, "enforced"},
                    g_answer);
}

}  // namespace

void ask_about_enforcement(spank_t spank) noexcept {
  g_asked = false;
  const Reason reason = find_reason();
  if (reason == Reason::none || is_extern_step(spank) || is_own_step(spank)) return;
  g_asked = ask(spank) || reason == Reason::told;
  const bool quiet = g_asked && (g_answer.exit_status != 0 || g_answer.message[0] == '\0');
  // What refuses a step tells it to its user; this is for the administrator, in slurmd's log.
  if (!quiet) slurm_error("sifguard: no images are enforced on this node: %s", g_answer.message);
}

bool is_enforced() noexcept {
  return g_asked && (g_answer.enforced != 0 || g_answer.exit_status != 0);
}

const wire::Answer* enforcement_refusal() noexcept {
  return g_asked && g_answer.exit_status != 0 ? &g_answer : nullptr;
}

}  // namespace sifguard
